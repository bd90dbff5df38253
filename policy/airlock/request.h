/*
 * request - the rules of the export road: who may, and what votes decide.
 *
 * Pure: values in, a decision out. The states and their transitions are one
 * table, request.def, which code, documents and tests read.
 */
#ifndef POLICY_AIRLOCK_REQUEST_H
#define POLICY_AIRLOCK_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "gateway/base/text.h"

enum request_state {
	REQUEST_NONE = 0,
#define STATE(name, word) REQUEST_##name,
#include "policy/airlock/request.def"
#undef STATE
	REQUEST_STATES
};

enum vote {
	VOTE_NONE = 0,
#define VOTE(name, word) VOTE_##name,
#include "policy/airlock/request.def"
#undef VOTE
	VOTES
};

/* Why not. Nothing that nobody decided is a yes. */
enum refusal {
#define REFUSAL(name, word) REFUSED_##name,
#include "policy/airlock/request.def"
#undef REFUSAL
	MAY /* the only yes */
};

enum reason {
	REASON_NONE = 0,
#define REASON(name, word) REASON_##name,
#include "policy/airlock/reasons.def"
#undef REASON
	REASONS
};

/* Words of the tables, "none" for none; and back, none for another word. */
const char *request_word(enum request_state state);
enum request_state request_of_word(const char *word);
const char *vote_word(enum vote vote);
enum vote vote_of_word(const char *word);
const char *refusal_word(enum refusal refusal);
enum text_id refusal_text(enum refusal refusal);
const char *reason_word(enum reason reason);
enum reason reason_of_word(const char *word);
enum text_id reason_text(enum reason reason);

/* Is this step in the table? */
bool request_may_move(enum request_state from, enum request_state to);
/* No step leads out of it. */
bool request_is_over(enum request_state state);

/* --- Who may --------------------------------------------------------------- */

struct submitter {
	bool in_session; /* asks from inside a running session of its own */
	bool allowed;	 /* the permit lets this person work today */
	bool room;	 /* what waits under the permit is within its limit */
	bool idle;	 /* fewer checks than one may have are under way */
};

struct reviewer {
	bool role;	/* holds the role reviewer today */
	bool member;	/* of the permit that the request came from */
	bool submitter; /* is who asked */
};

/* One vote on one file. */
struct ballot {
	struct reviewer reviewer;
	enum request_state state;
	bool file;    /* there is such a file */
	bool decided; /* the votes on it decide it already */
	bool voted;   /* this person voted on it before */
	bool seen;    /* this person's view of it is on record */
	enum vote vote;
	enum reason reason;
};

enum refusal may_submit(const struct submitter *submitter);
enum refusal may_withdraw(bool owner, enum request_state state);
/* See what the request is: its files' names, sizes, findings. */
enum refusal may_show(const struct reviewer *reviewer);
/* See what a file says. */
enum refusal may_view(const struct reviewer *reviewer,
		      enum request_state state);
enum refusal may_vote(const struct ballot *ballot);

/* --- What votes decide ------------------------------------------------------ */

/* How many said what of one file; each person once. */
struct tally {
	unsigned int count[VOTES];
};

/*
 * needed reviewers who agree decide a file; two who reject it are enough where
 * more are needed. VOTE_NONE: not decided, a further vote is waited for.
 */
enum vote decide_file(const struct tally *tally, unsigned int needed);

/* What becomes of a request in review: it stays there while a file is not
 * decided; one approved file is a release; else it was returned, or, if no
 * file may come again, rejected. n is at least 1. */
enum request_state decide_request(const enum vote *files, size_t n);

#endif
