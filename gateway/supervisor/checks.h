/*
 * checks - one look of the check engine at frozen files: a sekisho-compare
 * for all of them, and a sekisho-parse for each in turn.
 */
#ifndef GATEWAY_SUPERVISOR_CHECKS_H
#define GATEWAY_SUPERVISOR_CHECKS_H

#include "gateway/supervisor/gateway.h"

/* ORDER_CHECK, after its number and epoch. order_done() follows when it has
 * ended. 1: it is under way or waits for its turn; -1: malformed. */
int checks_order(struct gateway *gateway, uint64_t order, struct msg *m,
		 struct err *err);

/* Begin as many as may run at a time. */
void checks_turn(struct gateway *gateway);

/* End what takes too long; called once a second. */
void checks_tend(struct gateway *gateway, time_t now);

/* Kill all of them. */
void checks_end(struct gateway *gateway);

/* Is pid a process of one of them? */
bool checks_own(const struct gateway *gateway, pid_t pid);

#endif
