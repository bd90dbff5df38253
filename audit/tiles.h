/*
 * tiles - the hashes of the tree as dense files, derived from the segments.
 *
 * hash/<L> holds the roots of all perfect subtrees of 2^(8L) entries, 32 bytes
 * each, in order: a prefix of it, cut at 256 hashes, is a C2SP tile. Nothing
 * here is trusted by a verifier or synced; a start writes it again.
 */
#ifndef AUDIT_TILES_H
#define AUDIT_TILES_H

#include "audit/merkle.h"
#include "gateway/base/err.h"

enum { TILES_BUFFER = 2048 };

struct tiles_level {
	int fd;
	uint64_t written; /* hashes in the file */
	unsigned int n;	  /* hashes in the buffer behind them */
	struct hash buffer[TILES_BUFFER];
};

struct tiles {
	int dir;
	struct tiles_level *levels[MERKLE_DENSE];
};

/* dir: the folder hash/, from now the tiles' own. */
void tiles_init(struct tiles *tiles, int dir);
void tiles_clear(struct tiles *tiles);

/* Take in what merkle_append() made. 0 or -1. */
int tiles_put(struct tiles *tiles, const struct hash *made, unsigned int n,
	      struct err *err);

/* Write what is buffered. 0 or -1. */
int tiles_flush(struct tiles *tiles, struct err *err);

#endif
