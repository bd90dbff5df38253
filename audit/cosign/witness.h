/*
 * witness - what is known of one witness, and what its answer means. Pure.
 */
#ifndef AUDIT_COSIGN_WITNESS_H
#define AUDIT_COSIGN_WITNESS_H

#include "audit/quorum.h"
#include "audit/submission.h"

enum reason {
#define REASON(id, word) REASON_##id,
#include "audit/cosign/reasons.def"
#undef REASON
	REASONS
};

/* The word of records. */
const char *reason_word(enum reason reason);
/* Does it say that all is well? */
bool reason_good(enum reason reason);

enum { WITNESS_TRIES = 3, WITNESS_PAUSE = 600 /* seconds, the longest */ };

struct witness {
	uint64_t size;	       /* that it said it knows, or cosigned */
	unsigned int tries;    /* in this round */
	unsigned int failures; /* in a row */
	int64_t due;	       /* not to be asked before; seconds */
	enum reason reason;
	char line[NOTE_LINE]; /* its cosignature in this round; "": none */
};

/* An answer: the HTTP status (0: none came) and its body, with a NUL. */
struct witness_answer {
	long status;
	const char *body;
	size_t len;
};

/* The checkpoint of a round. */
struct witness_head {
	const char *note; /* signed by the log, with a NUL */
	size_t len;
	uint64_t size;
};

enum witness_next {
	WITNESS_FAILED = 0, /* reason says why; due, when to try again */
	WITNESS_AGAIN,	    /* from the size that it named */
	WITNESS_COSIGNED    /* its line is there */
};

/* What to do now that it answered. now: seconds since the epoch. */
enum witness_next witness_hear(struct witness *witness,
			       const struct witness_answer *answer,
			       const struct witness_head *head,
			       const struct note_key *key, int64_t now);

/* It cannot be asked, or not about this checkpoint. */
enum witness_next witness_fail(struct witness *witness, enum reason reason,
			       int64_t now);

#endif
