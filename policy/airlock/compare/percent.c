/*
 * percent - T08: a percentage and its base are a count.
 *
 * A percentage is a range, by its decimals; whole numbers of persons in that
 * range are what it can mean. It is held against a table only if every row's
 * base can give its percentage, so that another number is not taken for one.
 */
#include "policy/airlock/compare/check.h"

enum { VALUE_MAX = 100000000 /* 100 with six decimals */ };

struct range {
	int64_t least, most; /* persons; least > most: none fits */
};

static int64_t divide_up(int64_t a, int64_t b)
{
	return a >= 0 ? (a + b - 1) / b : -(-a / b);
}

/* Persons that, of base, print as this percentage: nearest, half up. */
static struct range persons_of(const struct cell *percent, int64_t base)
{
	int64_t unit = 200, low = 2 * percent->value - 1;

	for (uint8_t i = 0; i < percent->decimals; i++)
		unit *= 10;
	/* (value - 1/2) / (100 * 10^decimals) <= persons / base < … */
	return (struct range){
		.least = divide_up(low * base, unit),
		.most = divide_up((low + 2) * base, unit) - 1,
	};
}

/* The row's base and percentage. False: it has none, or absurd ones. */
static bool read_row(const struct check *check, size_t row, size_t column,
		     int base, struct range *range, int64_t *persons)
{
	const struct cell *percent = table_at(check->table, row, column);

	if (percent->kind != CELL_NUMBER && percent->kind != CELL_PERCENT)
		return false;
	if (percent->decimals > 6 || percent->value < 0 ||
	    percent->value > VALUE_MAX ||
	    !cell_is_whole(table_at(check->table, row, (size_t)base),
			   persons) ||
	    *persons <= 0 || *persons > INT32_MAX)
		return false;
	*range = persons_of(percent, *persons);
	return true;
}

static bool fits_all(const struct check *check, size_t column, int base)
{
	size_t rows = 0;

	for (size_t r = check->columns->first_row; r < check->table->nrows;
	     r++) {
		struct range range;
		int64_t persons;

		if (!read_row(check, r, column, base, &range, &persons))
			continue;
		if (range.least > range.most || range.most > persons)
			return false;
		rows++;
	}
	return rows > 0;
}

/* Inside 1 to k - 1 it is a small count; partly inside it may be one. */
static void look_at(const struct check *check, struct finding f,
		    struct range range)
{
	int64_t most = (int64_t)check->profile->k - 1;

	if (range.most < 1 || range.least > most)
		return;
	if (range.least < 1 || range.most > most)
		f.severity = SEVERITY_FLAG;
	f.first = (uint64_t)(range.least < 1 ? 1 : range.least);
	findings_add(check->findings, &f);
}

static void look_along(const struct check *check, size_t column, int base)
{
	for (size_t r = check->columns->first_row; r < check->table->nrows;
	     r++) {
		struct finding f = check_place(check, FINDING_T08_IMPLIED_COUNT,
					       r, column);
		struct range range;
		int64_t persons;

		if (!read_row(check, r, column, base, &range, &persons))
			continue;
		f.second = (uint64_t)persons;
		look_at(check, f, range);
		range = (struct range){ persons - range.most,
					persons - range.least };
		look_at(check, f, range);
	}
}

void check_percent(const struct check *check)
{
	int base = column_base(check->columns, check->table, check->card);

	for (size_t c = 0; base >= 0 && c < check->columns->n; c++)
		if (check->columns->column[c].role == ROLE_PERCENT &&
		    fits_all(check, c, base))
			look_along(check, c, base);
}
