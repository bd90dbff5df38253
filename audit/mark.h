/*
 * mark - how far the log has been acknowledged, beside the segments.
 *
 * Two lines of fixed length that are rewritten in place by turns: entries,
 * bytes of them in the last segment, leaf hash of the last, and a check. A line
 * that was only half written leaves the one before it. Written after each sync
 * of the segment and before any acknowledgement; itself synced with each
 * checkpoint. It may therefore lag behind after a loss of power, never run
 * ahead.
 */
#ifndef AUDIT_MARK_H
#define AUDIT_MARK_H

#include "audit/hash.h"
#include "gateway/base/err.h"

struct mark {
	uint64_t size;	 /* entries */
	uint64_t length; /* bytes of the segment that holds the last of them */
	struct hash head;
};

struct mark_file {
	int fd;		   /* -1: not there */
	unsigned int turn; /* the line that is written next */
};

/* Open the file in the log's folder and read the newer of its whole lines; fd
 * is -1 if there is none. 0, or -1: unreadable or damaged. */
int mark_open(int dir, struct mark_file *file, struct mark *mark,
	      struct hasher *hasher, struct err *err);
/* Make it, for no entries at all, durably. 0 or -1. */
int mark_create(int dir, struct mark_file *file, struct mark *mark,
		struct hasher *hasher, struct err *err);
int mark_write(struct mark_file *file, const struct mark *mark,
	       struct hasher *hasher, struct err *err);

#endif
