/*
 * views - a reviewer's desk looks at one frozen file, through a parse.
 */
#ifndef GATEWAY_SUPERVISOR_VIEWS_H
#define GATEWAY_SUPERVISOR_VIEWS_H

#include "gateway/supervisor/gateway.h"

/* ORDER_VIEW, after its number and epoch. order_done() follows when the desk
 * has the stream. 1: it is under way; -1. */
int views_order(struct gateway *gateway, uint64_t order, struct msg *m,
		struct err *err);

/* The desk is gone: nobody looks any more. */
void views_desk_gone(struct gateway *gateway, uint32_t desk);

/* End what takes too long; called once a second. */
void views_tend(struct gateway *gateway, time_t now);

/* Kill all of them. */
void views_end(struct gateway *gateway);

/* Is pid the process of one of them? */
bool views_own(const struct gateway *gateway, pid_t pid);

#endif
