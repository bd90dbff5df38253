/*
 * http - the witness's one page, over libmicrohttpd.
 *
 * Peers are anybody. A request is bounded in bytes, a connection in time, and
 * the connections in number, in all and from one address.
 */
#ifndef AUDIT_WITNESS_HTTP_H
#define AUDIT_WITNESS_HTTP_H

#include "audit/witness/judge.h"
#include "audit/witness/peers.h"

struct http {
	struct judge *judge; /* the caller's */
	struct peers peers;
	bool broken; /* err says why */
	struct err err;
};

/* Serve on a listening socket, from then on the library's. 0 or -1. */
int http_open(struct http *http, struct judge *judge, int listener,
	      struct err *err);
void http_close(struct http *http);

/* Wait at most a second for work and do it. 0, or -1: the witness must stop. */
int http_turn(struct http *http, struct err *err);

#endif
