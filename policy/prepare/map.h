/*
 * map - what a two-column file makes of a value.
 */
#ifndef POLICY_PREPARE_MAP_H
#define POLICY_PREPARE_MAP_H

#include "policy/prepare/fault.h"
#include "policy/prepare/interned.h"
#include "policy/prepare/recipe.h"

enum { MAP_MOST = 4 * 1024 * 1024 };

struct map {
	struct interned from, to;
	uint32_t *becomes; /* by number of from: number of to */
};

/* Read path in folder, header from,to. The caller calls map_clear. */
int map_read(struct map *map, int folder, const struct source *source,
	     const char *path, struct fault *fault);
void map_clear(struct map *map);
/* What the value becomes, or NULL: it is not in the map. */
const char *map_find(const struct map *map, const char *at, size_t len,
		     size_t *out_len);

#endif
