/*
 * ledger - the log as sekisho-audit keeps it: journal, key, anchor, checkpoints.
 *
 * Any -1 of ledger_open, ledger_commit, ledger_sign and ledger_prove means:
 * stop at once.
 */
#ifndef AUDIT_LEDGER_H
#define AUDIT_LEDGER_H

#include "audit/intake.h"
#include "audit/journal.h"
#include "audit/keyring.h"
#include "audit/prove.h"
#include "audit/publish.h"
#include "audit/recent.h"
#include "audit/signer.h"
#include "audit/vouch.h"

struct ledger {
	int dir, key_dir, anchor_dir; /* the caller's */
	struct journal journal;
	struct publisher publisher;
	struct note_key key, next; /* next: takes over in this start */
	struct keyring ring;	   /* what the log says */
	struct recent recent;
	struct vouch vouch; /* what proofs end with */
	char boot[RECORD_BOOT + 1];
	int64_t last_time; /* of the last entry, microseconds since the epoch */
	int64_t last_mono; /* when it was made, microseconds */
	int64_t signed_mono;
	bool barrier; /* the batch has an event that wants a checkpoint */
};

/* Microseconds of a clock that never goes back. */
int64_t ledger_mono(void);

/*
 * Lock and open the log in dir; on the very first start (log and anchor both
 * empty) make the key and write log.genesis. 0 or -1.
 */
int ledger_open(struct ledger *ledger, const char *origin, struct err *err);
void ledger_close(struct ledger *ledger);

/* What became of a record. */
enum ledger_fate {
	LEDGER_REFUSED = 0, /* err says why; the writer broke a rule */
	LEDGER_ADDED,	    /* in the batch, under *index */
	LEDGER_KNOWN,	    /* a repetition of *index: do not act again */
	LEDGER_AGAIN	    /* a repetition of *index, which is durable, from
			       before this start: give its order once more */
};

enum ledger_fate ledger_add(struct ledger *ledger,
			    const struct intake_writer *who,
			    const struct intake *intake, uint64_t *index,
			    struct err *err);

/* Add an event of audit's own; nfields of fields, n <= 2. 0 or -1: stop. */
int ledger_own(struct ledger *ledger, const char *event,
	       const struct audit_field *fields, unsigned int n,
	       struct err *err);

/* Make the batch durable; at a barrier also sign. 0; 1: the disk had no room for
 * the checkpoint, ask again when it has; -1. */
int ledger_commit(struct ledger *ledger, struct err *err);

/* Sign what is durable, unless it is signed already. 0, 1 or -1, as above. */
int ledger_sign(struct ledger *ledger, struct err *err);
bool ledger_unsigned(const struct ledger *ledger);

/* The next commit shall sign, unless entry index is under a published
 * checkpoint already. */
void ledger_want(struct ledger *ledger, uint64_t index);

/* The entry and its proof in the published checkpoint, which covers it: see
 * ledger_want(). 0, or -1: the files are not what was signed. */
int ledger_prove(struct ledger *ledger, uint64_t index,
		 struct prove_found *found, struct err *err);

/* Fields for ledger_own(). */
struct audit_field ledger_text(const char *key, const char *value);
struct audit_field ledger_number(const char *key, int64_t value);

#endif
