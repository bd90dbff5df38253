/*
 * known - hashes of files that did not change since they were read.
 *
 * A file is known by device, inode, size and times; none of us can set its
 * ctime. A place is used for one file at a time, the newest.
 */
#ifndef POLICY_AIRLOCK_STORE_KNOWN_H
#define POLICY_AIRLOCK_STORE_KNOWN_H

#include <sys/stat.h>

#include "policy/airlock/store/names.h"

enum { KNOWN_PLACES = 1 << 14 };

struct known {
	struct known_file {
		bool taken;
		uint64_t dev, ino, size;
		struct timespec mtime, ctime;
		uint8_t hash[NAMES_HASH];
	} at[KNOWN_PLACES];
};

/*
 * Remember the hash of a file that was st before and after it was read, from
 * began on. A change within the same tick of the clock would not show: a file
 * that changed less than two seconds before is not remembered.
 */
void known_add(struct known *known, const struct stat *st,
	       const struct timespec *began,
	       const uint8_t hash[static NAMES_HASH]);

/* Its hash, or NULL. */
const uint8_t *known_find(const struct known *known, const struct stat *st);

#endif
