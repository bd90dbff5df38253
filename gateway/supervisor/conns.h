/*
 * conns - connections: one confined process each, from accept to end.
 */
#ifndef GATEWAY_SUPERVISOR_CONNS_H
#define GATEWAY_SUPERVISOR_CONNS_H

#include "gateway/supervisor/gateway.h"

struct conn {
	struct conn *next;
	struct gateway *gateway;
	uint32_t id;
	char source[64];
	time_t deadline; /* of the login; 0: both factors were accepted */
	struct child child;
};

/* Make the listening socket of the site order and hand it to listen. A socket
 * that already listens there is kept. 0 or -1. */
int conns_open(struct gateway *gateway, struct err *err);

/* Tell listen (again) what to listen on and how much. */
void conns_listen(struct gateway *gateway);

/* ACCEPTED from listen: start a process for the new client. */
void conns_accept(struct gateway *gateway, struct msg *m);

/* AUTHENTICATED from policy: the login's deadline no longer counts. */
void conns_authenticated(struct gateway *gateway, struct msg *m);

/* The connection of that number, or NULL. */
struct conn *conns_find(struct gateway *gateway, uint32_t id);

/* Hand a channel's wire to a connection; wire stays the caller's. */
void conns_channel(struct conn *conn, uint32_t channel, int wire);

/* End those that did not log in within the grace time. */
void conns_tend(struct gateway *gateway, time_t now);

/* Tell every client that the gateway ends; then end them. */
void conns_stop(struct gateway *gateway);
void conns_end(struct gateway *gateway);

/* Is pid the process of a connection? */
bool conns_own(const struct gateway *gateway, pid_t pid);

#endif
