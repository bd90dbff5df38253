/*
 * watch_trail - what the watcher records, on its way to audit.
 *
 * Many may be under way: at most 4,096, and none longer than a second. When
 * that is reached, calls, opens and program starts wait until audit caught up.
 */
#ifndef SANDBOX_WATCH_TRAIL_H
#define SANDBOX_WATCH_TRAIL_H

#include <stdbool.h>
#include <stdint.h>

#include "audit/client.h"
#include "gateway/base/mailbox.h"

enum { WATCH_UNDER_WAY = 4096, WATCH_MS = 1000 };

struct watch_trail {
	int link;	      /* to audit */
	uint32_t first, next; /* references first..next-1 are under way */
	int64_t sent[WATCH_UNDER_WAY]; /* ms, monotonic; 0: is durable */
	struct mailbox mailbox;	       /* what audit had no room for */
};

void watch_trail_init(struct watch_trail *trail, int link);

/* Send a record; only when !watch_trail_full(). now in ms, monotonic. */
int watch_trail_send(struct watch_trail *trail, int64_t now,
		     const struct audit_record *record, struct err *err);

/* Is something left to send once the link is writable? Then send it: 0, or
 * -1: audit is gone. */
bool watch_trail_waiting(const struct watch_trail *trail);
int watch_trail_flush(struct watch_trail *trail, struct err *err);

/* Read one answer; the link was readable. 0, or -1: audit is gone. */
int watch_trail_answer(struct watch_trail *trail, struct err *err);

/* Must whoever asks wait? Also while something waits here for audit: who dies
 * with it must not have let anything pass. */
bool watch_trail_late(const struct watch_trail *trail, int64_t now);

/* Is there no room for another record at all? */
bool watch_trail_full(const struct watch_trail *trail);

#endif
