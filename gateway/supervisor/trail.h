/*
 * trail - the supervisor's own records, and the links that others write over.
 */
#ifndef GATEWAY_SUPERVISOR_TRAIL_H
#define GATEWAY_SUPERVISOR_TRAIL_H

#include "audit/client.h"
#include "gateway/supervisor/gateway.h"

/* Connect the supervisor itself to audit, which must have been started. */
int trail_open(struct gateway *gateway, struct err *err);

/* Write a record of our own. What we carry out was recorded before it was
 * ordered, so most wait for nothing; sessions_recorded() is called with its
 * number once it is durable. If it cannot be sent, the gateway ends. */
uint32_t trail_write(struct gateway *gateway,
		     const struct audit_record *record);

/* Ask audit whether it lives and takes records; while it does not, sessions
 * are held. Called once a second. */
void trail_tend(struct gateway *gateway, time_t now);
/* Its answer: LOG_IS. */
void trail_log_is(struct gateway *gateway, struct msg *m);

/* Who a child is in the log. "-": none; "*": the child says so itself. */
struct trail_name {
	const char *writer, *actor, *session, *permit;
};

/* Give child a link to audit under that name. 0 or -1. */
int trail_link(struct gateway *gateway, struct child *child,
	       const struct trail_name *name, struct err *err);

#endif
