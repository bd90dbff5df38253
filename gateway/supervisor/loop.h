/*
 * loop - wait for descriptors and call whoever watches them.
 *
 * Events are taken one at a time, so that a handler may end any other watch.
 */
#ifndef GATEWAY_SUPERVISOR_LOOP_H
#define GATEWAY_SUPERVISOR_LOOP_H

#include <stdbool.h>

#include "gateway/base/err.h"

struct watch {
	int fd;
	void (*ready)(struct watch *watch); /* readable, or the peer is gone;
					     * writable if loop_write() */
	void *owner;
};

/* A new epoll descriptor, or -1. */
int loop_open(struct err *err);

/* Watch fd until loop_forget(); the watch stays the caller's. 0 or -1. */
int loop_watch(int loop, struct watch *watch, int fd,
	       void (*ready)(struct watch *), void *owner, struct err *err);

/* Say whether room to write makes the watch ready, too. */
void loop_write(int loop, struct watch *watch, bool wanted);

/* Stop watching. The descriptor stays open. Harmless if never watched. */
void loop_forget(int loop, struct watch *watch);

/* Handle at most one event, waiting at most milliseconds. 0 or -1. */
int loop_turn(int loop, int milliseconds, struct err *err);

#endif
