/*
 * links - one link per connection, each with its own narrow allowance.
 */
#ifndef GATEWAY_KEYS_LINKS_H
#define GATEWAY_KEYS_LINKS_H

#include <poll.h>
#include <stdint.h>
#include <time.h>

#include "gateway/base/msg.h"
#include "gateway/keys/host.h"

enum {
	LINKS_MAX = 8192,
	LINKS_BURST = 8, /* signatures at once; then one a second */
};

struct link {
	uint32_t conn;
	uint32_t asked[2];  /* how often, by row of requests.def */
	uint32_t allowance; /* signatures that may be made now */
	time_t filled;	    /* when the allowance was last raised */
};

struct links {
	size_t n;
	struct link link[LINKS_MAX];
	struct pollfd at[1 + LINKS_MAX]; /* [0] is the supervisor */
};

/* Take a new link; the descriptor belongs to links from here, also on
 * failure. 0, or -1: there are too many. */
int links_add(struct links *links, uint32_t conn, int fd, time_t now);

/* Answer what is there to read on link i (0 to n - 1). A link that asks for
 * something malformed, not in the table, or too often is closed. */
void links_serve(struct links *links, size_t i, const struct host *host,
		 time_t now);

#endif
