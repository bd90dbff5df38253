#include "policy/airlock/compare/totals.h"

enum proof { PROOF_NONE = 0, PROOF_FOR, PROOF_AGAINST };

bool totals_have(const struct totals *totals, size_t row)
{
	for (size_t i = 0; i < totals->n; i++)
		if (totals->row[i].row == row)
			return true;
	return false;
}

/* Does the column add up to this total? Only where all of it is seen. */
static enum proof add_up(const struct totals *totals, const struct total *total,
			 const struct check *check, size_t column)
{
	int64_t sum = 0, value;

	for (size_t r = total->from; r < total->to; r++) {
		if (totals_have(totals, r))
			continue;
		if (!cell_is_whole(table_at(check->table, r, column), &value) ||
		    value < 0 || value > INT32_MAX)
			return PROOF_NONE;
		sum += value;
	}
	if (!cell_is_whole(table_at(check->table, total->row, column), &value))
		return PROOF_NONE;
	return sum == value ? PROOF_FOR : PROOF_AGAINST;
}

static bool is_proven(const struct totals *totals, const struct check *check)
{
	bool somewhere = false;

	for (size_t i = 0; i < totals->n; i++)
		for (size_t c = 0; c < check->columns->n; c++) {
			if (!column_counts(check->columns, c))
				continue;
			enum proof proof =
				add_up(totals, &totals->row[i], check, c);
			if (proof == PROOF_AGAINST)
				return false;
			somewhere |= proof == PROOF_FOR;
		}
	return somewhere;
}

void totals_find(struct totals *totals, const struct check *check)
{
	size_t first = check->columns->first_row, from = first;

	totals->n = 0;
	for (size_t r = first; r < check->table->nrows; r++) {
		if (!row_is_margin(check->table, r))
			continue;
		if (totals->n == TOTALS_MOST) {
			totals->n = 0;
			return;
		}
		totals->row[totals->n++] = (struct total){
			.row = r,
			.from = from < r ? from : first,
			.to = r,
		};
		from = r + 1;
	}
	if (totals->n == 1) {
		totals->row[0].from = first;
		totals->row[0].to = check->table->nrows;
	} else if (!is_proven(totals, check)) {
		totals->n = 0;
	}
}
