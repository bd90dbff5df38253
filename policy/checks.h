/*
 * checks - the life of a check: freeze, order, findings, record, answer.
 *
 * docs/airlock.md has the order of things. A check that does not come to its
 * end is a blocking finding, never a pass.
 */
#ifndef POLICY_CHECKS_H
#define POLICY_CHECKS_H

#include "policy/outbox.h"

/* A new check in the caller's hands; the server's once checks_begin took it.
 * NULL: too many under way. */
struct check *checks_new(const struct server *server);
void checks_free(struct check *check);

/* Freeze the first file; peer is answered later, and may ask other things
 * meanwhile. False: there is no store
 * (the check stays the caller's). */
bool checks_begin(struct server *server, struct check *check,
		  struct peer *peer);
/* Has this person as many under way as one may, whoever waits for them? */
bool checks_busy(const struct server *server, const char *person);

/* FROZEN for the FREEZE of this reference. */
int checks_frozen(struct server *server, uint32_t ref, uint8_t outcome,
		  const struct request_file *file, struct err *err);
/* The store is gone: what it was freezing fails. */
void checks_store_lost(struct server *server);

/* PEER_COMPARE from the supervisor, and what its compare says
 * (requests.def). */
int checks_compare(struct server *server, struct msg *m, struct err *err);
int on_finding(struct server *server, struct peer *peer, struct msg *m,
	       struct err *err);
int on_checked(struct server *server, struct peer *peer, struct msg *m,
	       struct err *err);

/* A desk or compare is gone. */
void checks_peer_gone(struct server *server, const struct peer *peer);

/* ORDER_DONE. True: it was the order of a check. */
bool checks_order_done(struct server *server, uint64_t order, bool ok);

/* End what has come to its end, or took too long; *next is when to look
 * again (milliseconds of server_clock) if that is earlier. */
int checks_tend(struct server *server, uint64_t now, uint64_t *next,
		struct err *err);

/* Begin a record about a request or a check of one. */
void checks_record(struct audit_record *record, const char *event,
		   const struct request *request);
/* The check is over: its verdict goes on record, and moves its request. */
int checks_finish(struct server *server, struct check *check, struct err *err);

/* Continuation: the end of a check is durable; answer whoever waits. */
int checks_recorded(struct server *server, const struct outbox_row *row,
		    struct err *err);

/* At start: checks of an earlier life are over. */
int checks_broken(struct server *server, struct err *err);
/* With a new store: requests that wait for a check get one. */
int checks_resume(struct server *server, struct err *err);

#endif
