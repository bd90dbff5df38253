/*
 * freeze - one file of a session's /out becomes a copy named by its hash.
 *
 * The file is a researcher's, who may swap, cut, grow or unlink it at any
 * moment; whatever is copied is what the hash is of.
 */
#ifndef POLICY_AIRLOCK_STORE_FREEZE_H
#define POLICY_AIRLOCK_STORE_FREEZE_H

#include "policy/airlock/store/jobs.h"
#include "policy/airlock/store/outs.h"
#include "policy/airlock/store/place.h"
#include "policy/airlock/store/sweep.h"

struct freeze_order {
	char session[ID_SIZE];
	char path[4096]; /* beneath /out */
	uint64_t most;	 /* bytes */
};

/* The job that answers FROZEN; a copy is noted in taken. The caller's all. */
struct job *freeze_new(struct place *place, const struct outs *outs,
		       struct sweep_keep *taken,
		       const struct freeze_order *order, uint32_t ref);

#endif
