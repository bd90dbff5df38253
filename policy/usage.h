/*
 * usage - what each session took: processor time, memory, and of the data.
 *
 * Kept in the state file, so that a start forgets nothing. Of a session that
 * ended with the gateway nobody knows; it stays in the list as such.
 */
#ifndef POLICY_USAGE_H
#define POLICY_USAGE_H

#include "policy/server.h"

enum { USAGE_UNKNOWN = -1 };

struct usage {
	int64_t cpu_us, peak_bytes;
	/* of datasets: the sum of the session's data.open, or USAGE_UNKNOWN */
	int64_t files, bytes;
};

/* A session runs; it has ended. Seconds since 1970. 0 or -1. */
int usage_began(struct store *store, const struct session *session,
		struct err *err);
int usage_ended(struct store *store, const char *session, int64_t ended,
		const struct usage *usage, struct err *err);

/* At a start: what seems to live ended with the gateway before. 0 or -1. */
int usage_lost(struct store *store, struct err *err);

#endif
