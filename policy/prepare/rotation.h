/*
 * rotation - a new wrapping key for all keys of permits, and the end of one.
 *
 * A rotation that was broken off is finished by the next; until then nothing
 * else opens the keys.
 */
#ifndef POLICY_PREPARE_ROTATION_H
#define POLICY_PREPARE_ROTATION_H

#include "policy/prepare/keys.h"

/* Make a wrapping key at place (NULL: beside the old), wrap every key under
 * it, destroy the old. keys: opened alone; *count: keys that were wrapped. */
int rotation_rotate(struct keys *keys, const char *place, uint64_t *count,
		    struct fault *fault);

/* End a permit: the other keys are rotated, so that no copy of the permit's
 * wrapped key can be unwrapped any more, its file is overwritten and unlinked,
 * and NAME.destroyed says so, signed. keys: opened alone. */
int rotation_destroy(struct keys *keys, const char *permit, const char *place,
		     struct fault *fault);

#endif
