/*
 * eliminate - sums that follow from other sums.
 */
#ifndef POLICY_AIRLOCK_COMPARE_ELIMINATE_H
#define POLICY_AIRLOCK_COMPARE_ELIMINATE_H

#include "policy/airlock/compare/solver.h"

/*
 * Add what Gauss-Jordan elimination makes of the exact sums that hold: rows
 * of few terms, each with the factor 1 or -1, as those of tables are. Too
 * large a system is left as it is. Sums from the returned number on are new.
 */
size_t eliminate(struct solver *solver);

#endif
