/*
 * throttle - a growing pause between wrong codes.
 *
 * Counted per (person, source) and, gentler, per person over all sources.
 * Only somebody who already holds the person's key can count here, so that a
 * stranger can lock nobody out; and a pause always ends.
 */
#ifndef POLICY_THROTTLE_H
#define POLICY_THROTTLE_H

#include <stdint.h>

#include "gateway/base/plan.h"

enum { THROTTLE_ENTRIES = 1024, THROTTLE_FORGET = 15 * 60 * 1000 };

struct throttle_entry {
	char person[ID_SIZE], source[64]; /* source "": all of them */
	uint32_t failures;
	uint64_t until; /* no guess before, milliseconds */
	uint64_t last;	/* of the last failure */
};

struct throttle {
	struct throttle_entry entries[THROTTLE_ENTRIES];
};

/* When may the next code of this person from this source be looked at?
 * Milliseconds on the caller's clock; at most now if at once. */
uint64_t throttle_until(const struct throttle *throttle, const char *person,
			const char *source);

/* A wrong code. most: the longest pause, milliseconds. */
void throttle_failed(struct throttle *throttle, const char *person,
		     const char *source, uint64_t now, uint64_t most);

/* A right code: what was counted for this pair is forgotten. */
void throttle_passed(struct throttle *throttle, const char *person,
		     const char *source);

#endif
