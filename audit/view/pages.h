/*
 * pages - the view of a log over libmicrohttpd: GET and HEAD, nothing else.
 *
 * Peers are anybody, bounded in number and time (audit/witness/peers.h).
 */
#ifndef AUDIT_VIEW_PAGES_H
#define AUDIT_VIEW_PAGES_H

#include "audit/view/view.h"
#include "audit/witness/peers.h"

struct pages {
	struct view *view; /* the caller's */
	struct peers peers;
};

/* Serve on a listening socket, from then on the library's. 0 or -1. */
int pages_open(struct pages *pages, struct view *view, int listener,
	       struct err *err);
void pages_close(struct pages *pages);

/* Wait at most a second for work and do it. 0 or -1. */
int pages_turn(struct pages *pages, struct err *err);

#endif
