/*
 * card - what the person says that a file shows; every field may be absent.
 *
 * Where a field is absent the checks go by the table's own headings
 * (columns.h), and the stricter reading holds.
 */
#ifndef POLICY_AIRLOCK_COMPARE_CARD_H
#define POLICY_AIRLOCK_COMPARE_CARD_H

#include <stdbool.h>
#include <stdint.h>

enum card_type {
	CARD_ABSENT = 0,
	CARD_COUNT,
	CARD_PERCENT,
	CARD_STATS,
	CARD_VOLUME,
	CARD_MODEL,
	CARD_SURVIVAL,
};

enum rounding_mode { ROUND_NEAREST = 0, ROUND_UP, ROUND_MIDPOINT };

struct card {
	enum card_type type;
	uint64_t rounding_base; /* 0: absent */
	enum rounding_mode rounding_mode;
	bool rounding_totals; /* only totals are rounded */
	const char *n_column; /* NULL: absent */
	const char *population_column;
	bool geo_municipality;
};

#endif
