/*
 * child - one process of ours: started, told who it is, heard, ended.
 */
#ifndef GATEWAY_SUPERVISOR_CHILD_H
#define GATEWAY_SUPERVISOR_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "gateway/base/mailbox.h"
#include "gateway/supervisor/loop.h"

struct child {
	const char *program; /* "sekisho-audit"; NULL: not running */
	pid_t pid;	     /* 0: started by the spawner, which waits for it */
	int link;
	int loop;
	bool ready;    /* it said READY */
	char why[300]; /* what it said before it failed, or how it ended */
	struct watch watch;
	struct mailbox mailbox; /* what it has not had time to read */
	void *owner;
	/* A message arrived; the child may be ended in the call. */
	void (*heard)(struct child *child, struct msg *m);
	/* It is gone and reaped; program is NULL by now, why says how. */
	void (*gone)(struct child *child);
};

/*
 * Start programs/program. Its only descriptors are /dev/null twice, our
 * standard error, and its link. child, owner, heard and gone must be set up by
 * the caller; they stay the caller's. READY and FAILED are handled here and
 * not passed on, but for READY: heard() is called with it once. 0 or -1.
 */
int child_start(struct child *child, int loop, const char *programs,
		const char *program, struct err *err);

/*
 * Hear a process that the spawner starts, over our end of its link, which is
 * taken. As child_start(), but we cannot kill it: hang up, and wait for gone().
 */
int child_adopt(struct child *child, int loop, const char *program, int link,
		struct err *err);

/* It can still speak, and hears that we no longer do. */
void child_hang_up(struct child *child);

/*
 * Send, now or when the child reads again. A child that leaves too much lie
 * is killed (its end is then heard of in the ordinary way). Descriptors in m
 * stay the caller's.
 */
void child_send(struct child *child, const struct msg *m);

/* Kill it and do not wait; gone() is called when its link has ended. */
void child_kill(const struct child *child);

/* Kill and reap it now, without calling gone(). Harmless if not running. */
void child_end(struct child *child);

/* Receive on any SEQPACKET descriptor, with a log line for nonsense. 1: m is
 * filled; 0: nothing now; -1: the peer is gone or sent nonsense. */
int child_receive(int fd, const char *whom, struct msg *m);

#endif
