/*
 * mark - how far the log has been acknowledged, beside the segments.
 *
 * One line of fixed length that is rewritten in place: entries, bytes of them
 * in the last segment, leaf hash of the last. Written after each sync of the
 * segment and before any acknowledgement; itself synced with each checkpoint.
 * It may therefore lag behind after a loss of power, never run ahead.
 */
#ifndef AUDIT_MARK_H
#define AUDIT_MARK_H

#include "audit/hash.h"

struct mark {
	uint64_t size;	 /* entries */
	uint64_t length; /* bytes of the segment that holds the last of them */
	struct hash head;
};

/* Open the file in the log's folder. Its descriptor; -1 and errno ENOENT: not
 * there; -1 and err: unreadable or damaged. */
int mark_open(int dir, struct mark *mark, struct err *err);
/* Make it, for no entries at all, durably. The descriptor or -1. */
int mark_create(int dir, struct mark *mark, struct err *err);
int mark_write(int fd, const struct mark *mark, struct err *err);

#endif
