/*
 * rounding - T05: counts that are not rounded as the table says.
 */
#include "policy/airlock/compare/rounding.h"

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

void check_rounding(const struct check *check)
{
	const struct card *card = check->card;
	uint64_t base = card->rounding_base ? card->rounding_base
					    : check->profile->require_rounding;

	if (base < 2 || base > INT32_MAX || card->rounding_totals)
		return;
	for (size_t r = check->columns->first_row; r < check->table->nrows; r++)
		for (size_t c = 0; c < check->columns->n; c++) {
			struct finding f =
				check_place(check, FINDING_T05_UNROUNDED, r, c);
			int64_t value;

			if (!column_counts(check->columns, c) ||
			    !cell_is_whole(table_at(check->table, r, c),
					   &value) ||
			    is_rounded(value, (int64_t)base,
				       card->rounding_mode))
				continue;
			f.first = base;
			findings_add(check->findings, &f);
		}
}
