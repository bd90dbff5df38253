/*
 * asks - questions to services that answer later, and what becomes of them
 * when the service dies.
 */
#ifndef GATEWAY_SUPERVISOR_ASKS_H
#define GATEWAY_SUPERVISOR_ASKS_H

#include "gateway/supervisor/gateway.h"

/* One question, part of whoever asks. */
struct ask {
	struct ask *next;
	uint32_t ref; /* 0: not under way */
	enum msg_type answer;
	enum service_id service;
	void *owner;
	/* Called once. m is at its first field; NULL: the service died, and
	 * what was asked may or may not have been done. */
	void (*answered)(struct ask *ask, struct msg *m);
};

/* Can this service be asked now? */
bool ask_possible(const struct gateway *gateway, enum service_id service);

/* Begin a question of asks.def; the caller puts the fields and sends m with
 * services_send(). answered and owner are set. */
void ask_begin(struct gateway *gateway, struct ask *ask, struct msg *m,
	       enum msg_type question);

/* The answer is no longer wanted. Harmless if nothing is under way. */
void ask_forget(struct gateway *gateway, struct ask *ask);

/* A message from a service. False: it is no answer that it may give. */
bool asks_heard(struct gateway *gateway, enum service_id service,
		struct msg *m);

/* It is gone: who asked it hears so. */
void asks_lost(struct gateway *gateway, enum service_id service);

#endif
