/*
 * round - take the newest checkpoint to all witnesses, and bring back what
 * they say. One round at a time; a witness that failed is left in peace for a
 * while, so that it costs the others nothing.
 */
#ifndef AUDIT_COSIGN_ROUND_H
#define AUDIT_COSIGN_ROUND_H

#include "audit/cosign/http.h"
#include "audit/cosign/link.h"
#include "audit/cosign/report.h"

struct round {
	struct http *http; /* the caller's */
	int audit;	   /* the caller's */
	struct quorum quorum;
	unsigned int asked; /* witnesses that have an address */
	struct witness witnesses[QUORUM_WITNESSES];
	struct http_call calls[QUORUM_WITNESSES];
	struct report reports[QUORUM_WITNESSES], summary;
	char note[CHECKPOINT_NOTE]; /* with a NUL */
	size_t len;
	struct checkpoint checkpoint;
	unsigned int under_way;
	uint32_t cosigned; /* who cosigned the note */
};

/* Forget all, and follow another policy (empty: no witnesses). What is wrong
 * with it was said when it was put into force. */
void round_follow(struct round *round, const char *policy, size_t len);

/* Begin a round, if none is under way and there is something to ask. 0; -1:
 * audit is gone. */
int round_begin(struct round *round, struct err *err);

/* A call that is over; true if it was one of the round's. err: as above. */
bool round_owns(const struct round *round, const struct http_call *call);
int round_hear(struct round *round, struct http_call *call, struct err *err);

/* Once a day, how it stands. 0 or -1. */
int round_daily(struct round *round, struct err *err);

#endif
