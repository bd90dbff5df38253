/*
 * peers - who is connected to a small HTTP server, bounded in number and time.
 *
 * For the servers that strangers reach: the witness, and the view of the log.
 */
#ifndef AUDIT_WITNESS_PEERS_H
#define AUDIT_WITNESS_PEERS_H

#include <microhttpd.h>

#include "gateway/base/err.h"

enum { PEERS = 128 /* connections */ };

struct peers {
	/* Set by the caller before peers_open() */
	MHD_AccessHandlerCallback answer;
	MHD_RequestCompletedCallback completed; /* or NULL */
	void *context;				/* of both */

	struct MHD_Daemon *daemon;
	struct peer {
		int fd;	    /* the library's; -1: free */
		long since; /* seconds of a clock that never goes back */
	} all[PEERS];
};

/* Serve on a listening socket, from then on the library's. 0 or -1. */
int peers_open(struct peers *peers, int listener, struct err *err);
void peers_close(struct peers *peers);

/* An answer was made: the connection's time begins anew. */
void peers_answered(struct MHD_Connection *connection);

/* Wait at most a second for work and do it; a peer that sends a byte now and
 * then holds its place for half a minute. 0 or -1. */
int peers_turn(struct peers *peers, struct err *err);

#endif
