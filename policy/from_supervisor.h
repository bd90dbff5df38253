/*
 * from_supervisor - what the supervisor tells policy: who is there, who has
 * gone, and what came of orders.
 */
#ifndef POLICY_FROM_SUPERVISOR_H
#define POLICY_FROM_SUPERVISOR_H

#include "policy/server.h"

/* One message of its link. 0, or -1: policy cannot go on. */
int from_supervisor(struct server *server, struct err *err);

#endif
