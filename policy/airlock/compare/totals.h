/*
 * totals - which rows of a table are sums of which others.
 *
 * A single row of totals is the sum of all other rows. Several are taken for
 * the sums of the rows above each, back to the one before, and a row of totals
 * right below another for the sum of all; but only if that holds somewhere
 * where everything is seen, and fails nowhere.
 */
#ifndef POLICY_AIRLOCK_COMPARE_TOTALS_H
#define POLICY_AIRLOCK_COMPARE_TOTALS_H

#include "policy/airlock/compare/check.h"

enum { TOTALS_MOST = 64 /* rows; with more none is understood */ };

struct totals {
	size_t n; /* of row, if they were understood; else 0 */
	struct total {
		size_t row, from, to; /* parts: from, before to, no totals */
	} row[TOTALS_MOST];
};

void totals_find(struct totals *totals, const struct check *check);

bool totals_have(const struct totals *totals, size_t row);

#endif
