/*
 * statistics - T09 to T12, T15: means, deviations, extremes, percentiles, and
 * the persons that they stand on.
 */
#include "policy/airlock/compare/check.h"

static bool is_statistic(enum column_role role)
{
	return role == ROLE_STATISTIC || role == ROLE_DEVIATION ||
	       role == ROLE_EXTREME || role == ROLE_PERCENTILE;
}

static bool is_number(const struct cell *cell)
{
	return cell->kind == CELL_NUMBER || cell->kind == CELL_PERCENT;
}

static void add(const struct check *check, enum finding_code code,
		const size_t place[2], uint64_t first)
{
	struct finding f = check_place(check, code, place[0], place[1]);

	f.first = first;
	findings_add(check->findings, &f);
}

/* Persons beyond a percentile, on the side where there are fewer. */
static uint64_t beyond(int64_t persons, uint8_t percentile)
{
	unsigned int side = percentile < 50 ? percentile : 100u - percentile;

	return (uint64_t)persons * side / 100;
}

static void look_at(const struct check *check, const size_t place[2],
		    int64_t persons)
{
	const struct cell *cell = table_at(check->table, place[0], place[1]);
	const struct column *column = &check->columns->column[place[1]];

	if (!is_number(cell))
		return;
	if (column->role == ROLE_EXTREME)
		add(check, FINDING_T09_EXTREME, place, 0);
	if (column->role == ROLE_DEVIATION && cell->value == 0)
		add(check, FINDING_T12_ALL_SAME, place, 0);
	if (column->role == ROLE_PERCENTILE && persons >= 0 &&
	    beyond(persons, column->percentile) < check->profile->k)
		add(check, FINDING_T10_PERCENTILE, place,
		    beyond(persons, column->percentile));
}

static void look_along(const struct check *check, size_t row, int base)
{
	int64_t persons = -1;
	bool any = false;

	if (base >= 0)
		cell_is_whole(table_at(check->table, row, (size_t)base),
			      &persons);
	for (size_t c = 0; c < check->columns->n; c++) {
		const size_t place[2] = { row, c };

		if (!is_statistic(check->columns->column[c].role))
			continue;
		any |= is_number(table_at(check->table, row, c));
		look_at(check, place, persons);
	}
	if (any && persons > 0 && (uint64_t)persons < check->profile->k) {
		const size_t place[2] = { row, (size_t)base };

		add(check, FINDING_T11_SMALL_N, place, check->profile->k);
	}
}

/* The first statistic or percentage of a table that says no persons. */
static void look_for_base(const struct check *check, int base)
{
	for (size_t c = 0; base < 0 && c < check->columns->n; c++) {
		enum column_role role = check->columns->column[c].role;
		const size_t place[2] = { check->columns->first_row, c };

		if (!is_statistic(role) && role != ROLE_PERCENT)
			continue;
		for (size_t other = 0; other < check->columns->n; other++)
			if (column_counts(check->columns, other))
				return;
		add(check, FINDING_T15_NO_BASE, place, 0);
		return;
	}
}

void check_statistics(const struct check *check)
{
	int base = column_base(check->columns, check->table, check->card);

	look_for_base(check, base);
	for (size_t r = check->columns->first_row; r < check->table->nrows; r++)
		look_along(check, r, base);
}
