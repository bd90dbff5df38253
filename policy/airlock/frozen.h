/*
 * frozen - the outcomes of freezing a file, as store sends and policy reads
 * them. 0 is no outcome.
 */
#ifndef POLICY_AIRLOCK_FROZEN_H
#define POLICY_AIRLOCK_FROZEN_H

enum frozen {
	FROZEN_NOT = 0,
#define OUTCOME(id, text) FROZEN_##id,
#include "policy/airlock/frozen.def"
#undef OUTCOME
	FROZEN_OUTCOMES
};

#endif
