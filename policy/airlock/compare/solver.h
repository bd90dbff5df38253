/*
 * solver - how far do sums give away the numbers that were left out?
 *
 * Unknown whole numbers, each between two bounds, and sums of them that must
 * lie between two bounds. Bounds are tightened until nothing moves (bound
 * propagation), over the sums and over what elimination makes of them: what is
 * found follows from the table; what is not found may follow all the same.
 */
#ifndef POLICY_AIRLOCK_COMPARE_SOLVER_H
#define POLICY_AIRLOCK_COMPARE_SOLVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SOLVER_UNKNOWNS = 4096, SOLVER_SUMS = 4096, SOLVER_TERMS = 32768 };

struct solver {
	size_t unknowns, sums, terms;
	struct solver_unknown {
		int64_t first_least, first_most; /* as given */
		int64_t least, most;
	} unknown[SOLVER_UNKNOWNS];
	struct solver_sum {
		uint32_t first, n;   /* terms */
		int64_t least, most; /* of the sum */
		bool dropped;	     /* no values fit it: it is no such sum */
	} sum[SOLVER_SUMS];
	struct solver_term {
		uint32_t unknown;
		bool minus;
	} term[SOLVER_TERMS];
	bool full; /* something did not fit */
};

void solver_init(struct solver *solver);

/* The number of a new unknown between two bounds. */
uint32_t solver_unknown(struct solver *solver, int64_t least, int64_t most);

/* Begin a sum between two bounds; its terms follow. */
void solver_sum(struct solver *solver, int64_t least, int64_t most);
void solver_term(struct solver *solver, uint32_t unknown, bool minus);

/*
 * Tighten all bounds. Sums that no values fit are marked dropped and count
 * for nothing.
 */
void solver_run(struct solver *solver);

#endif
