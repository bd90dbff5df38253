/*
 * differences - D01, D05: counts of two tables that differ by a few persons.
 *
 * Tables with the same labels are compared, each with each. Where every count
 * of one is at least that of the other, one may be a part of the other, and a
 * small difference is a small group. Sound for what it finds; it never says
 * that there is nothing to find.
 */
#ifndef POLICY_AIRLOCK_COMPARE_DIFFERENCES_H
#define POLICY_AIRLOCK_COMPARE_DIFFERENCES_H

#include "policy/airlock/compare/check.h"

enum {
	DIFFERENCES_TABLES = 4096,
	DIFFERENCES_CELLS = 1 << 21, /* of all tables */
};

struct counted {
	uint64_t label;	     /* a hash of its row's and column's words */
	int32_t least, most; /* what it was before it was rounded */
	uint32_t row, column;
};

struct differences {
	struct counted *cells;
	size_t ncells, room;
	size_t ntables;
	struct {
		uint64_t labels; /* of all its cells, in any order */
		size_t first, n;
	} tables[DIFFERENCES_TABLES];
};

/*
 * Compare the table with those that came before, and keep it for those that
 * come after. False: there is no room; the check is not complete.
 */
bool differences_check(struct differences *differences,
		       const struct check *check);

/* Keep a table that was released before; nothing is found in it. */
bool differences_keep(struct differences *differences,
		      const struct check *check);

void differences_clear(struct differences *differences);

#endif
