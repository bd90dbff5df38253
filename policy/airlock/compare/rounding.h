/*
 * rounding - what a published count can have been before it was rounded.
 */
#ifndef POLICY_AIRLOCK_COMPARE_ROUNDING_H
#define POLICY_AIRLOCK_COMPARE_ROUNDING_H

#include "policy/airlock/compare/card.h"

struct interval {
	int64_t least, most;
};

/* A count that was rounded to base in this way; base 0 or 1: it is exact. */
struct interval rounding_undone(int64_t value, int64_t base,
				enum rounding_mode mode);

#endif
