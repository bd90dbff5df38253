/*
 * releases - what was ordered out and does not stand in /released yet.
 */
#ifndef GATEWAY_SUPERVISOR_RELEASES_H
#define GATEWAY_SUPERVISOR_RELEASES_H

#include "gateway/supervisor/orders.h"

/* ORDER_RELEASE, after its number and epoch. order_done() follows when the
 * store has done it. 1: it is under way; -1: malformed. */
int releases_order(struct gateway *gateway, const struct order *order,
		   struct msg *m, struct err *err);

/* Ask the store for those that it was not asked for in this life of it; one
 * that stands already is a release. */
void releases_ask(struct gateway *gateway);

#endif
