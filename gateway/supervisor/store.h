/*
 * store - the supervisor's side of the store: its link to policy, what it is
 * asked, and what it may say.
 */
#ifndef GATEWAY_SUPERVISOR_STORE_H
#define GATEWAY_SUPERVISOR_STORE_H

#include "gateway/supervisor/asks.h"

/* Can it be asked now? */
bool store_serves(const struct gateway *gateway);

/* Connect store and policy, where both run; at each start of either. 0 or
 * -1. */
int store_link(struct gateway *gateway, struct err *err);

/* It serves: give it again what a life before knew. */
void store_ready(struct gateway *gateway);

/* A message from it. False: it may not send this. */
bool store_heard(struct gateway *gateway, struct msg *m);

/* It is gone, and with it all that it held. */
void store_died(struct gateway *gateway);

#endif
