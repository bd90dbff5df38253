/*
 * outside - what sekisho-anchor asks of the log and brings to it.
 *
 * Runs in sekisho-audit. The anchor talks to strangers; it may know the
 * checkpoints and proofs between them, which are public, and nothing else of
 * the log.
 */
#ifndef AUDIT_OUTSIDE_H
#define AUDIT_OUTSIDE_H

#include "audit/ledger.h"
#include "gateway/base/msg.h"

enum outside {
	OUTSIDE_REFUSED = 0, /* err says why; the link broke a rule */
	OUTSIDE_ANSWER,	     /* to be sent to the link at once */
	OUTSIDE_DONE,	     /* nothing more to say */
	OUTSIDE_STOP	     /* err says why */
};

/* Is it a message of this kind? */
bool outside_takes(unsigned int type);

/* Carry out the message m of a writer. */
enum outside outside_hear(struct ledger *ledger, const char *writer,
			  struct msg *m, struct msg *answer, struct err *err);

#endif
