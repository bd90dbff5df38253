/*
 * opening - a channel is asked for: no with a reason, or an order on record.
 */
#ifndef POLICY_OPENING_H
#define POLICY_OPENING_H

#include "policy/server.h"

/* Request OPEN (requests.def). 0, or -1: policy cannot go on. */
int on_open(struct server *server, struct peer *peer, struct msg *m,
	    struct err *err);

/* ORDER_DONE from the supervisor; why is made visible. */
int opening_done(struct server *server, uint64_t order, bool ok,
		 const char *why, struct err *err);

#endif
