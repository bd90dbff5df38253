/*
 * showing - `sandbox show`: from the question, over the supervisor's
 * measuring and a record of the answer, to the answer.
 */
#ifndef POLICY_SHOWING_H
#define POLICY_SHOWING_H

#include "policy/server.h"

/* MEASURED from the supervisor. */
int showing_measured(struct server *server, struct msg *m, struct err *err);

/* An order was carried out, or not. True: it was one of these. */
bool showing_order_done(struct server *server, uint64_t order, bool ok,
			const char *why);

/* The peer's answer is on record: give it. */
int showing_recorded(struct server *server, struct peer *peer);

/* The peer is freed. */
void showing_forget(struct peer *peer);

#endif
