/*
 * reviews - what reviewers do to a request, each act judged anew.
 */
#ifndef POLICY_REVIEWS_H
#define POLICY_REVIEWS_H

#include "policy/outbox.h"
#include "policy/reviews_store.h"

/* Who name, a person in a role, is to a request: by the policy of today, and
 * by who the permit's members were when it was submitted. 0 or -1. */
int reviews_standing(struct server *server, const struct login_name *name,
		     const struct request *request, struct reviewer *reviewer,
		     struct err *err);

/* A request with its parts, as a reviewer may see it. */
struct reviewed {
	struct request request;
	struct request_files files;
	struct findings findings; /* the caller frees item */
	struct reviewer reviewer;
};

/*
 * Load request number for this peer. 1: found; 0: there is none, or it may
 * not be shown, and server->result says so; -1.
 */
int reviews_load(struct server *server, const struct peer *peer,
		 const char *number, struct reviewed *reviewed,
		 struct err *err);

/*
 * What the votes on each file come to now: by the site's policy of today, and
 * without those whose voters may not review the request any more. 0 or -1.
 */
int reviews_outcomes(struct server *server, const struct request *request,
		     enum vote outcomes[static REQUEST_FILES], struct err *err);

/* Fill server->result with one row a file, for this person. */
int reviews_show(struct server *server, const struct peer *peer,
		 const struct reviewed *reviewed, struct err *err);

/* An answer that says no, with the sentence of the table. */
void reviews_refuse(struct server *server, enum refusal refusal,
		    const char *first, const char *second);

/* A number as a word from 1; 0: it is none. */
int64_t reviews_number(const char *word);

/* Continuations (outbox.def). */
int reviews_viewed(struct server *server, const struct outbox_row *row,
		   struct err *err);
int reviews_voted(struct server *server, const struct outbox_row *row,
		  struct err *err);
int reviews_noted(struct server *server, const struct outbox_row *row,
		  struct err *err);

#endif
