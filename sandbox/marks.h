/*
 * marks - what of a sandbox sekisho-watch hears of.
 *
 * Runs in sekisho-box, before anything of the sandbox exists. A session has a
 * fanotify group of its own, so that whatever arrives in it is the session's,
 * and the trees of its mounts are told apart by their mount's id.
 */
#ifndef SANDBOX_MARKS_H
#define SANDBOX_MARKS_H

#include "gateway/base/msg.h"
#include "sandbox/trees.h"

struct marks {
	int group; /* of fanotify, does not block; owned */
	unsigned int n;
	struct mark {
		const struct tree *tree;
		uint64_t mount; /* STATX_MNT_ID */
	} list[TREES];
};

/*
 * Mark every dataset (each open asks) and every mount that programs can be
 * started from (each start asks). An open or start of these waits until
 * somebody who holds the group answers; when nobody holds it, it passes. uid:
 * of the lease, which the kernel counts the group for. 0 or -1.
 */
int marks_set(struct marks *marks, const struct trees *trees, uint32_t uid,
	      struct err *err);

/* Put the group and the trees into m: fd, u32 n, {str at, u64 mount}[n]. */
void marks_put(const struct marks *marks, struct msg *m);

#endif
