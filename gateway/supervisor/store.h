/*
 * store - the supervisor's side of the store: its link to policy, what it is
 * asked, and what it may say.
 */
#ifndef GATEWAY_SUPERVISOR_STORE_H
#define GATEWAY_SUPERVISOR_STORE_H

#include "gateway/supervisor/gateway.h"

/* One question to the store, part of whoever asks. */
struct ask {
	struct ask *next;
	uint32_t ref; /* 0: not under way */
	enum msg_type answer;
	void *owner;
	/* Called once. m is at its first field; NULL: the store died, and
	 * what was asked may or may not have been done. */
	void (*answered)(struct ask *ask, struct msg *m);
};

/* Can it be asked now? */
bool store_serves(const struct gateway *gateway);

/* Begin a question (CHECK_DATASET, HAND or RELEASE); the caller puts the
 * fields and sends m with services_send(). answered and owner are set. */
void store_ask(struct gateway *gateway, struct ask *ask, struct msg *m,
	       enum msg_type question);

/* The answer is no longer wanted. Harmless if nothing is under way. */
void store_forget(struct gateway *gateway, struct ask *ask);

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
