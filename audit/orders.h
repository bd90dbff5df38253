/*
 * orders - orders whose records are durable, on their way to the supervisor.
 *
 * First in, first out, each once. The supervisor may be busy for a while:
 * nothing here waits for it, since it may itself be waiting to be heard.
 */
#ifndef AUDIT_ORDERS_H
#define AUDIT_ORDERS_H

#include "audit/intake.h"

enum { ORDERS_MAX = 4096 /* more are not taken in: orders_full() */ };

struct orders_one {
	uint64_t index; /* of its record */
	size_t len;
	uint8_t *bytes;
};

struct orders {
	unsigned int first, n; /* of ring, in use */
	unsigned int durable;  /* of n: those whose records are synced */
	struct orders_one ring[ORDERS_MAX];
};

/* No room for another one. */
bool orders_full(const struct orders *orders);

/* Keep the intake's order, if it has one, until its record is durable. */
void orders_keep(struct orders *orders, const struct intake *intake,
		 uint64_t index);

/* The records of all that were kept are durable. */
void orders_release(struct orders *orders);

/* Is there one to be sent? */
bool orders_waiting(const struct orders *orders);

/* Send what is durable and fits into sock now. 0; -1: the supervisor is
 * gone. */
int orders_give(struct orders *orders, int sock, struct err *err);

#endif
