/*
 * members - a set of subjects: those who opted out, those of a cohort.
 *
 * Digests of normalised ids, keyed by the process, in a scratch file. Who of
 * them was met is noted, to be counted.
 */
#ifndef POLICY_PREPARE_MEMBERS_H
#define POLICY_PREPARE_MEMBERS_H

#include <stdatomic.h>

#include "policy/prepare/history.h"

struct members {
	bool any; /* there is a list, even if nobody is on it */
	struct prf digest;
	struct sorted sorted;
	_Atomic uint8_t *met; /* one bit each */
};

/* What a list is read with. */
struct members_of {
	const struct source *source;
	const struct history *history;
	int folder;
	const struct bundle *bundle;
};

/* Read the ids of a column of a file. The caller calls members_clear in any
 * case. */
int members_read(struct members *members, const struct members_of *of,
		 const char *path, const char *column, struct fault *fault);
void members_clear(struct members *members);

/* Is this normalised id one of them? 1, 0 or -1. Any thread. */
int members_have(struct members *members, const char *at, size_t len,
		 struct fault *fault);
/* How many of them were met. */
uint64_t members_met(const struct members *members);

#endif
