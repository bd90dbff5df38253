/*
 * copy - copy a file and hash what was copied, a bounded piece at a time.
 *
 * The file may be written, cut, replaced or unlinked meanwhile by somebody who
 * wants to deceive: the hash is always that of the bytes that were copied,
 * and a file that is not the same after as before counts as changed.
 */
#ifndef POLICY_AIRLOCK_STORE_COPY_H
#define POLICY_AIRLOCK_STORE_COPY_H

#include <stdint.h>
#include <sys/stat.h>

#include "policy/airlock/store/names.h"

enum { COPY_STEP = 1 << 20 /* bytes of one step at most */ };

enum copy_state {
	COPY_FAILED = 0, /* it cannot be read */
	COPY_MORE,
	COPY_WHOLE, /* hash is filled */
	COPY_CHANGED,
	COPY_NO_ROOM /* the copy cannot be written */
};

struct copy {
	int from, to; /* the caller's; to -1: hash only */
	struct stat before;
	uint64_t at, synced;
	struct evp_md_ctx_st *digest;
	uint8_t hash[NAMES_HASH];
};

/* OpenSSL loads what it needs; before the process is confined. */
void copy_warm_up(void);

/* Begin; from is read from its first byte wherever its offset stands, which
 * does not move. 0, or -1: no regular file. copy_clear() in any case. */
int copy_begin(struct copy *copy, int from, int to);

enum copy_state copy_step(struct copy *copy);

void copy_clear(struct copy *copy);

/* Was the file the same both times? */
bool copy_same(const struct stat *a, const struct stat *b);

#endif
