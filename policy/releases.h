/*
 * releases - approved files are ordered out, and run out again.
 *
 * The row of release.open stays in the outbox until the order was answered:
 * after a crash the same record goes to audit again and the same order to the
 * store, for which a release that stands already is a release.
 */
#ifndef POLICY_RELEASES_H
#define POLICY_RELEASES_H

#include "policy/outbox.h"

/*
 * Inside a transaction: open the release of an approved request. *ref is of
 * the record, or 0: it cannot be said in one order, and the request's problem
 * says so.
 */
int releases_open(struct server *server, struct request *request, uint32_t *ref,
		  struct err *err);
/* Is an order of its release under way? 1, 0, -1. */
int releases_under_way(struct server *server, int64_t request, struct err *err);

/* Does it wait for the witnesses' cosignatures, as the site asks for? 1, 0,
 * -1. */
int releases_wait(struct server *server, const struct request *request,
		  struct err *err);

/* ORDER_DONE. 1: it was the order of a release; 0: of none; -1. */
int releases_order_done(struct server *server, uint64_t order, bool ok,
			const char *why, struct err *err);

/* At start: what is approved and failed before is tried again. */
int releases_resume(struct server *server, struct err *err);
/* Each minute: what has been out for long enough expires. */
int releases_tend(struct server *server, struct err *err);

/* Continuation (outbox.def). */
int releases_expired(struct server *server, const struct outbox_row *row,
		     struct err *err);

#endif
