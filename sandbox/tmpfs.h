/*
 * tmpfs - small file systems in memory, as detached mounts.
 *
 * Runs in sekisho-box as root of the host, so that device nodes work.
 */
#ifndef SANDBOX_TMPFS_H
#define SANDBOX_TMPFS_H

#include <stdint.h>

#include "gateway/base/err.h"

struct tmpfs {
	uint64_t bytes, inodes;
	const char *mode; /* of its root, octal digits */
	uint32_t uid;	  /* of its root, of the host */
};

/* attributes: MOUNT_ATTR_*. A detached mount, the caller's; or -1. */
int tmpfs_make(const struct tmpfs *like, unsigned int attributes,
	       struct err *err);

/* Add attributes to a detached mount that was filled. */
int tmpfs_seal(int tree, uint64_t attributes, struct err *err);

/* /dev: six device nodes, links to the process's own descriptors, and the
 * empty folders pts and shm; sealed. */
int tmpfs_devices(struct err *err);

/* /dev/pts: an instance of its own whose terminals belong to uid. */
int tmpfs_terminals(uint32_t uid, struct err *err);

#endif
