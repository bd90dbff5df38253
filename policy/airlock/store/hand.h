/*
 * hand - give a copy away to be read, after its bytes were hashed again: who
 * parses or views it sees what stands under that hash, or nothing.
 */
#ifndef POLICY_AIRLOCK_STORE_HAND_H
#define POLICY_AIRLOCK_STORE_HAND_H

#include "policy/airlock/store/jobs.h"
#include "policy/airlock/store/place.h"

/* The job that answers HANDED. */
struct job *hand_new(const struct place *place,
		     const uint8_t hash[static NAMES_HASH], uint32_t ref);

#endif
