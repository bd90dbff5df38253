/*
 * peers - who is connected to a small HTTP server, bounded in number and time.
 *
 * For the servers that strangers reach: the witness, and the view of the log.
 */
#ifndef AUDIT_WITNESS_PEERS_H
#define AUDIT_WITNESS_PEERS_H

#include <microhttpd.h>

enum {
	PEERS = 128,	     /* connections */
	PEERS_FROM_ONE = 16, /* from one address */
	PEERS_IDLE = 10	     /* seconds without a byte */
};

struct peers {
	struct peer {
		int fd;	    /* the library's; -1: free */
		long since; /* seconds of a clock that never goes back */
	} all[PEERS];
};

void peers_init(struct peers *peers);

/* For MHD_OPTION_NOTIFY_CONNECTION, with peers as its context. One that finds
 * no place is closed at once. */
void peers_notify(void *peers, struct MHD_Connection *connection, void **place,
		  enum MHD_ConnectionNotificationCode what);

/* An answer was made: the connection's time begins anew. */
void peers_answered(struct MHD_Connection *connection);

/* A peer that sends a byte now and then holds its place for half a minute. */
void peers_end_slow(struct peers *peers);

#endif
