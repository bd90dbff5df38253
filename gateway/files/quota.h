/*
 * quota - how much one person may have sent in at a time.
 *
 * Runs in sekisho-files. What lies in the writable folders is counted at the
 * first need, then kept up while this channel adds to it, and counted anew
 * after so much, since other channels of the same person add as well: each
 * can be over by that much at most.
 */
#ifndef GATEWAY_FILES_QUOTA_H
#define GATEWAY_FILES_QUOTA_H

#include "gateway/files/view.h"

#define QUOTA_BYTES   (4ull << 30)
#define QUOTA_ENTRIES 20000ull	     /* files and folders */
#define QUOTA_RESERVE (256ull << 20) /* of the disk is never filled */

/* What lies there, and what came since it was counted. */
struct quota {
	bool counted;
	uint64_t bytes, entries;
	uint64_t more_bytes, more_entries;
};

enum quota_answer {
	QUOTA_FULL = 0, /* of the person's */
	QUOTA_NO_DISK,
	QUOTA_ROOM,
};

/* Is there room for so much more? It is then taken. */
enum quota_answer quota_take(struct quota *quota, const struct view *view,
			     uint64_t bytes, uint64_t entries);

#endif
