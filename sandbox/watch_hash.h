/*
 * watch_hash - the SHA-256 of program files.
 *
 * A file that only the gateway can have written is hashed whole and once. One
 * that a researcher may write is hashed each time, for a shared mapping
 * changes it without a trace in its times, and only up to 16 MiB.
 */
#ifndef SANDBOX_WATCH_HASH_H
#define SANDBOX_WATCH_HASH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "gateway/base/err.h"

enum { WATCH_HASH_MOST = 16 << 20, WATCH_HASH_KEPT = 2048 };

struct watch_hashes {
	struct watch_hash {
		uint64_t device, inode, size;
		int64_t ctime_s;
		uint32_t ctime_ns;
		uint8_t sha256[32];
	} kept[WATCH_HASH_KEPT]; /* all zero at the beginning */
};

/*
 * Write the hash in hex to out, or "unhashed": too large, unreadable, or
 * changed meanwhile. is: of statx on file; ours: nobody else writes it.
 */
void watch_hash(struct watch_hashes *hashes, int file, const struct statx *is,
		bool ours, char out[65]);

#endif
