/*
 * counts - T01 and T02: counts of few, of nobody, of (nearly) everybody.
 *
 * Survival tables have steps of their own (survival.c); counts that statistics
 * stand on are T11's (statistics.c).
 */
#include "policy/airlock/compare/check.h"

enum { NEARLY_ALL = 90 /* per cent of a group */ };

static void small_count(const struct check *check, size_t row, size_t column)
{
	struct finding f =
		check_place(check, FINDING_T01_MIN_CELL, row, column);

	f.first = check->profile->k;
	findings_add(check->findings, &f);
}

static void share(const struct check *check, size_t row, size_t column,
		  uint64_t percent)
{
	struct finding f =
		check_place(check, FINDING_T02_ZERO_CELL, row, column);

	if (check->profile->zero_policy == ZERO_ALLOW && percent == 0)
		return;
	if (check->profile->zero_policy == ZERO_BLOCK && percent == 0)
		f.severity = SEVERITY_BLOCK;
	f.first = percent;
	findings_add(check->findings, &f);
}

/* Midpoint rounding stands for a whole range: its least value is no count. */
static bool is_midpoint(const struct check *check)
{
	return check->card->rounding_base > 0 &&
	       check->card->rounding_mode == ROUND_MIDPOINT;
}

static void look_at(const struct check *check, size_t row, size_t column)
{
	int64_t value;

	if (!cell_is_whole(table_at(check->table, row, column), &value) ||
	    value < 0)
		return;
	if (value == 0)
		share(check, row, column, 0);
	else if ((uint64_t)value < check->profile->k && !is_midpoint(check))
		small_count(check, row, column);
}

/* A count by its column, by its row's label, or by the percentage behind it */
static bool is_count(const struct check *check, size_t row, size_t column)
{
	enum column_role role = check->columns->column[column].role;

	if (column_counts(check->columns, column))
		return true;
	if (table_at(check->table, row, column)->beside == BESIDE_PERCENT)
		return true;
	return column > 0 && (role == ROLE_OTHER || role == ROLE_MODEL) &&
	       row_is_persons(check->table, row);
}

/* Columns that a heading calls persons are measures, not categories. */
static bool is_category(const struct check *check, size_t column)
{
	return check->columns->column[column].role == ROLE_COUNT;
}

/* One of two or more categories holds all or nearly all of the row. */
static void look_along(const struct check *check, size_t row)
{
	size_t categories = 0;
	int64_t sum = 0, value;

	for (size_t c = 0; c < check->columns->n; c++) {
		if (!is_category(check, c))
			continue;
		if (!cell_is_whole(table_at(check->table, row, c), &value) ||
		    value < 0 || value > INT32_MAX)
			return;
		categories++;
		sum += value;
	}
	if (categories < 2 || sum == 0)
		return;
	for (size_t c = 0; c < check->columns->n; c++) {
		if (!is_category(check, c))
			continue;
		cell_is_whole(table_at(check->table, row, c), &value);
		if (value * 100 >= sum * NEARLY_ALL)
			share(check, row, c, (uint64_t)(value * 100 / sum));
	}
}

void check_counts(const struct check *check)
{
	const struct columns *columns = check->columns;

	if (check->card->type == CARD_SURVIVAL ||
	    column_with(columns, ROLE_AT_RISK) >= 0)
		return;
	for (size_t r = columns->first_row; r < check->table->nrows; r++) {
		for (size_t c = 0; c < columns->n; c++)
			if (is_count(check, r, c))
				look_at(check, r, c);
		look_along(check, r);
	}
}
