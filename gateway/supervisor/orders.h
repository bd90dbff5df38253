/*
 * orders - carry out what policy ordered, on audit's word alone.
 *
 * An order arrives from audit once its record is durable, and in no other
 * way. It is refused when it is older than the policy in force, but for those
 * that orders.def calls lasting.
 */
#ifndef GATEWAY_SUPERVISOR_ORDERS_H
#define GATEWAY_SUPERVISOR_ORDERS_H

#include "gateway/supervisor/gateway.h"

/* Which order it is: a number of policy's, and the index of its record. */
struct order {
	uint64_t number, index;
};

/* ORDER from audit. */
void order_carry_out(struct gateway *gateway, struct msg *m);

/* Tell policy how it went; why is for people and may be "". */
void order_done(struct gateway *gateway, uint64_t order, bool ok,
		const char *why);

#endif
