/*
 * erasures - what a permit leaves behind is ended, class by class
 * (retention.def), and each end is on record before policy hears of it.
 *
 * Each class can be ended again from wherever a crash left it: what is gone
 * is gone, and what is not is overwritten, read back, and then removed.
 */
#ifndef GATEWAY_SUPERVISOR_ERASURES_H
#define GATEWAY_SUPERVISOR_ERASURES_H

#include "gateway/supervisor/gateway.h"

/* Carry out ERASE, m at its fields. 1: order_done() follows; -1. */
int erasures_order(struct gateway *gateway, uint64_t order, struct msg *m,
		   struct err *err);

/* Called once a second. */
void erasures_tend(struct gateway *gateway);

/* Records of ours up to this number are durable. */
void erasures_recorded(struct gateway *gateway, uint32_t ref);

bool erasures_own(const struct gateway *gateway, pid_t pid);

/* The gateway ends; the order comes again in the next life. */
void erasures_end(struct gateway *gateway);

#endif
