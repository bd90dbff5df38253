/*
 * measure - what the kernel says of a live session, for whoever asked.
 *
 * The supervisor copies what stands in /proc and in the session's cgroups, as
 * it stands there, and understands none of it: policy reads it, compares it
 * with the plan and puts the answer on record (policy/shown.h).
 */
#ifndef GATEWAY_SUPERVISOR_MEASURE_H
#define GATEWAY_SUPERVISOR_MEASURE_H

#include "gateway/supervisor/gateway.h"

enum { MEASURE_PROCESSES = 512 };

/* Carry out ORDER_SHOW, whose fields come next in m: a MEASURED for each
 * piece. At most MEASURE_PROCESSES processes are looked at. 0, or -1: there
 * is no such session. */
int measure_order(struct gateway *gateway, uint64_t order, struct msg *m,
		  struct err *err);

#endif
