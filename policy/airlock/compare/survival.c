/*
 * survival - S01: steps of a curve that come from few persons.
 *
 * A step shows its events, those at risk, and by the next row who was
 * censored meanwhile.
 */
#include "policy/airlock/compare/check.h"

static bool is_few(int64_t value, uint64_t k)
{
	return value > 0 && (uint64_t)value < k;
}

void check_survival(const struct check *check)
{
	int risk = column_with(check->columns, ROLE_AT_RISK);
	int event = column_with(check->columns, ROLE_EVENTS);
	int64_t at_risk = 0, events = 0, before = -1;
	uint64_t steps = 0, few = 0, k = check->profile->k;
	size_t first = 0;

	if (risk < 0 || event < 0)
		return;
	for (size_t r = check->columns->first_row; r < check->table->nrows;
	     r++) {
		/* of those before, less their events, some are missing now */
		int64_t left = before - events;

		if (!cell_is_whole(table_at(check->table, r, (size_t)risk),
				   &at_risk) ||
		    !cell_is_whole(table_at(check->table, r, (size_t)event),
				   &events))
			continue;
		steps += events > 0;
		if (is_few(events, k) || is_few(at_risk, k) ||
		    (before >= 0 && is_few(left - at_risk, k))) {
			first = few++ == 0 ? r : first;
		}
		before = at_risk;
	}
	if (few == 0)
		return;
	struct finding f =
		check_place(check, FINDING_S01_KM_STEP, first, (size_t)event);
	f.first = few;
	f.second = steps > few ? steps : few;
	findings_add(check->findings, &f);
}
