/*
 * rounding - T05: counts that are not rounded as the table says.
 */
#include "policy/airlock/compare/rounding.h"

#include <stdlib.h>
#include <string.h>

#include "policy/airlock/compare/check.h"

struct interval rounding_undone(int64_t value, int64_t base,
				enum rounding_mode mode)
{
	int64_t up = value > 0;

	if (base < 2)
		return (struct interval){ value, value };
	if (mode == ROUND_UP)
		return (struct interval){ up * (value - base + 1), value };
	if (mode == ROUND_MIDPOINT)
		return (struct interval){ up * (value - base / 2 + 1),
					  up * (value + base / 2) };
	return (struct interval){ value > base / 2 ? value - base / 2 : 0,
				  value + (base - 1) / 2 };
}

/* nearest and up give multiples; midpoint gives 0 and odd halves of the base */
static bool is_rounded(int64_t value, int64_t base, enum rounding_mode mode)
{
	if (mode == ROUND_MIDPOINT)
		return value == 0 || value % base == base / 2;
	return value % base == 0;
}

/* "n_midpoint6": a heading that declares how its column is rounded. */
static int64_t declared(const struct check *check, size_t column)
{
	static const char word[] = "midpoint";
	char heading[128];

	if (check->columns->first_row == 0)
		return 0;
	column_word(heading, sizeof heading, check->table,
		    table_at(check->table, 0, column));
	const char *at = strstr(heading, word);
	return at ? strtol(at + strlen(word), NULL, 10) : 0;
}

static void look_at(const struct check *check, const size_t place[2],
		    int64_t base, enum rounding_mode mode)
{
	struct finding f =
		check_place(check, FINDING_T05_UNROUNDED, place[0], place[1]);
	int64_t value;

	if (base < 2 || base > INT32_MAX ||
	    !cell_is_whole(table_at(check->table, place[0], place[1]),
			   &value) ||
	    is_rounded(value, base, mode))
		return;
	f.first = (uint64_t)base;
	findings_add(check->findings, &f);
}

void check_rounding(const struct check *check)
{
	const struct card *card = check->card;
	int64_t base = (int64_t)(card->rounding_base
					 ? card->rounding_base
					 : check->profile->require_rounding);

	for (size_t c = 0; c < check->columns->n; c++) {
		int64_t midpoint = declared(check, c);

		if (!column_counts(check->columns, c) || card->rounding_totals)
			continue;
		for (size_t r = check->columns->first_row;
		     r < check->table->nrows; r++)
			look_at(check, (size_t[]){ r, c },
				midpoint > 0 ? midpoint : base,
				midpoint > 0 ? ROUND_MIDPOINT
					     : card->rounding_mode);
	}
}
