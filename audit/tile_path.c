#include "audit/tile_path.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void tile_path(char out[static TILE_PATH], const struct tile *tile)
{
	uint64_t groups[8], n = tile->n;
	int ngroups = 0;
	int used = tile->entries
			   ? snprintf(out, TILE_PATH, "tile/entries/")
			   : snprintf(out, TILE_PATH, "tile/%u/", tile->level);

	do
		groups[ngroups++] = n % 1000;
	while ((n /= 1000) > 0);
	for (int i = ngroups - 1; i >= 0; i--)
		used += snprintf(out + used, (size_t)(TILE_PATH - used),
				 i > 0 ? "x%03" PRIu64 "/" : "%03" PRIu64,
				 groups[i]);
	if (tile->width < TILE_WIDTH)
		snprintf(out + used, (size_t)(TILE_PATH - used), ".p/%u",
			 tile->width);
}

/* At most 18 digits in groups of three; -1: more. */
static int read_number(const char **at, uint64_t *n)
{
	const char *c = *at;
	int digits = 0;

	*n = 0;
	for (; *c; c++) {
		if ((*c == 'x' && digits % 3 == 0) ||
		    (*c == '/' && digits % 3 == 0 && digits > 0))
			continue;
		if (*c < '0' || *c > '9')
			break;
		if (++digits > 18)
			return -1;
		*n = *n * 10 + (uint64_t)(*c - '0');
	}
	*at = c;
	return 0;
}

/* Taken apart loosely; what is written again must be the same. */
bool tile_parse(struct tile *tile, const char *path)
{
	static const char entries[] = "tile/entries/", hashes[] = "tile/";
	char again[TILE_PATH], *end;
	const char *at;

	*tile = (struct tile){ .width = TILE_WIDTH };
	if (strncmp(path, entries, sizeof entries - 1) == 0) {
		tile->entries = true;
		at = path + sizeof entries - 1;
	} else if (strncmp(path, hashes, sizeof hashes - 1) == 0) {
		unsigned long level =
			strtoul(path + sizeof hashes - 1, &end, 10);

		if (level >= MERKLE_DENSE || *end != '/')
			return false;
		tile->level = (unsigned int)level;
		at = end + 1;
	} else {
		return false;
	}
	if (read_number(&at, &tile->n) < 0)
		return false;
	if (strncmp(at, ".p/", 3) == 0) {
		unsigned long width = strtoul(at + 3, &end, 10);

		if (width == 0 || width >= TILE_WIDTH)
			return false;
		tile->width = (unsigned int)width;
	}
	tile_path(again, tile);
	return strcmp(again, path) == 0;
}

bool tile_within(const struct tile *tile, uint64_t size)
{
	uint64_t hashes = size >> (MERKLE_TILE * tile->level);

	return tile->n < (UINT64_MAX >> MERKLE_TILE) &&
	       tile->n * TILE_WIDTH + tile->width <= hashes;
}
