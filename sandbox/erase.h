/*
 * erase - overwrite what a file holds, read it back, and let go of it.
 *
 * Reaches the blocks that a file lies in. What a flash disk, a snapshot or a
 * copy-on-write file system keeps of its own accord only a destroyed key
 * makes unreadable.
 */
#ifndef SANDBOX_ERASE_H
#define SANDBOX_ERASE_H

#include <stdint.h>

#include "gateway/base/err.h"

struct erased {
	uint64_t files; /* that are gone */
	uint64_t bytes; /* that were overwritten, and read back from the disk as
			 * zeros */
};

/* A file that is open for reading and writing; it has no bytes afterwards. 0,
 * or -1: err says how far it came, again is fine. */
int erase_file(int fd, struct erased *erased, struct err *err);

/* All that is in the folder, however deep; the folder itself stays. What has
 * a second name elsewhere only loses this one. 0 or -1. */
int erase_folder(int folder, struct erased *erased, struct err *err);

#endif
