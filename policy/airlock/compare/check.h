/*
 * check - one table and everything that a check may ask about it.
 *
 * Each family is a file of its own and a function here: it takes the typed
 * table and adds findings. None reads a file, a clock or a raw byte.
 */
#ifndef POLICY_AIRLOCK_COMPARE_CHECK_H
#define POLICY_AIRLOCK_COMPARE_CHECK_H

#include "policy/airlock/compare/card.h"
#include "policy/airlock/compare/columns.h"
#include "policy/airlock/compare/findings.h"
#include "policy/airlock/compare/profile.h"
#include "policy/airlock/compare/table.h"

struct check {
	const struct profile *profile;
	const struct card *card;
	const struct table *table;
	const struct columns *columns;
	struct findings *findings;
	uint32_t file;
};

/* T01, T02: small counts, nobody, everybody. */
void check_counts(const struct check *check);

/* T03, T04, T06: suppressed counts that margins give away. */
void check_margins(const struct check *check);

/* T05: counts that are not rounded as the table says. */
void check_rounding(const struct check *check);

/* T08: percentages that are small counts. */
void check_percent(const struct check *check);

/* T09 to T12, T15: statistics and the persons they stand on. */
void check_statistics(const struct check *check);

/* T13, T14: small areas, volumes of drugs. */
void check_areas(const struct check *check);

/* S01: steps of survival curves. */
void check_survival(const struct check *check);

/* R02, I03, I05: records, persons, facilities. */
void check_shape(const struct check *check);

/* F11: formulas. */
void check_formulas(const struct check *check);

/* All of the above. */
void check_table(const struct check *check);

/* A finding at a cell, with the usual severity of its code. */
struct finding check_place(const struct check *check, enum finding_code code,
			   size_t row, size_t column);

#endif
