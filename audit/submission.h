/*
 * submission - a checkpoint on its way to a witness (C2SP tlog-witness): the
 * size that the witness knows, the proof from there, the signed checkpoint.
 *
 * Written by sekisho-anchor, read by sekisho-witness, for whom it comes from
 * an enemy. Pure.
 */
#ifndef AUDIT_SUBMISSION_H
#define AUDIT_SUBMISSION_H

#include "audit/checkpoint.h"

/* Hashes that one may carry, and bytes of the largest that is read. */
enum { SUBMISSION_PROOF = 63, SUBMISSION_MAX = 32768 };

struct submission {
	uint64_t old;
	struct proof proof;
	const char *bytes; /* the signed checkpoint */
	size_t len;
	struct note note;
	struct checkpoint checkpoint;
};

/* Take one apart; it points into bytes. 0, or -1: malformed. A note whose
 * signature lines cannot all be read has none. */
int submission_read(struct submission *submission, const char *bytes,
		    size_t len, struct err *err);

/* Write one, with a final NUL: old, proof and the note in bytes, len. The
 * length, or -1: no room. */
long submission_write(char *out, size_t size,
		      const struct submission *submission);

#endif
