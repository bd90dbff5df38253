/*
 * tile_path - the names of tiles and entry bundles (C2SP tlog-tiles):
 * tile/0/x001/x234/067, tile/1/003.p/12, tile/entries/000.p/5.
 */
#ifndef AUDIT_TILE_PATH_H
#define AUDIT_TILE_PATH_H

#include <stdbool.h>
#include <stdint.h>

#include "audit/merkle.h"

enum { TILE_WIDTH = 1 << MERKLE_TILE, TILE_PATH = 128 };

struct tile {
	bool entries; /* a bundle; its level is 0 */
	unsigned int level, width;
	uint64_t n;
};

void tile_path(char out[static TILE_PATH], const struct tile *tile);

/* The tile of a path in exactly this spelling; false: none. The path may come
 * from anybody. */
bool tile_parse(struct tile *tile, const char *path);

/* Is all of it within the first size entries? */
bool tile_within(const struct tile *tile, uint64_t size);

#endif
