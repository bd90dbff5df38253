/*
 * sweep - remove the copies that no request stands on any more.
 *
 * Policy names what is to stay (KEEP). What was frozen over the same link stays
 * too, for policy may not have heard of it yet. Nothing of policy's is under
 * way or read while the sweep goes on, so that nothing new can be swept.
 */
#ifndef POLICY_AIRLOCK_STORE_SWEEP_H
#define POLICY_AIRLOCK_STORE_SWEEP_H

#include "policy/airlock/store/jobs.h"
#include "policy/airlock/store/place.h"

enum { SWEEP_MAX = 1 << 20 /* copies that can stay */ };

struct sweep_keep {
	size_t n, room;
	bool more; /* there were more than fit */
	uint8_t (*hashes)[NAMES_HASH];
};

/* 0, or -1: too many. */
int sweep_keep(struct sweep_keep *keep, const uint8_t hash[static NAMES_HASH]);
/* All that other has. 0, or -1: too many, or other is not complete. */
int sweep_keep_all(struct sweep_keep *keep, const struct sweep_keep *other);
void sweep_forget(struct sweep_keep *keep);

/* The job, without an answer; it takes what is in keep, which is empty then. */
struct job *sweep_new(const struct place *place, struct sweep_keep *keep);

#endif
