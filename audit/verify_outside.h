/*
 * verify_outside - what witnesses and time-stamp authorities say of a log.
 *
 * Runs in sekisho-verify, after the log itself was found whole: each line of
 * checkpoints.jsonl is signed by the log by then, but what others added to it
 * may come from an enemy. Read from the newest line back, as far as needed.
 */
#ifndef AUDIT_VERIFY_OUTSIDE_H
#define AUDIT_VERIFY_OUTSIDE_H

#include "audit/quorum.h"
#include "audit/verify.h"

struct verify_wanted {
	const struct quorum *quorum; /* NULL: no witness is asked for */
	const char *authorities;     /* certificates (PEM) of those whose time
					stamps count; NULL: only listed */
	uint64_t now;		     /* seconds since the epoch */
	uint64_t max_age; /* seconds since the quorum saw the log; 0: any */
};

/* Add to the report of a log that is fine. 0, or -1 and the report says why. */
int verify_outside(int dir, const struct verify_wanted *wanted,
		   struct verify_report *report);

/* Is a signed note, such as a receipt's checkpoint, cosigned as wanted? */
bool verify_cosigned(const struct quorum *quorum,
		     const struct verify_bytes *note, uint64_t now);

#endif
