#include "audit/tiles.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/segment.h"

void tiles_init(struct tiles *tiles, int dir)
{
	memset(tiles, 0, sizeof *tiles);
	tiles->dir = dir;
}

void tiles_clear(struct tiles *tiles)
{
	for (int i = 0; i < MERKLE_DENSE; i++) {
		if (!tiles->levels[i])
			continue;
		close(tiles->levels[i]->fd);
		free(tiles->levels[i]);
	}
	if (tiles->dir >= 0)
		close(tiles->dir);
	tiles_init(tiles, -1);
}

static struct tiles_level *open_level(struct tiles *tiles, unsigned int i,
				      struct err *err)
{
	struct tiles_level *level = calloc(1, sizeof *level);
	char name[16];

	if (!level) {
		err_set(err, "out of memory");
		return NULL;
	}
	snprintf(name, sizeof name, "%u", i);
	level->fd = segment_open(tiles->dir, name, O_RDWR | O_CREAT, err);
	if (level->fd < 0 || ftruncate(level->fd, 0) < 0) {
		if (level->fd >= 0) {
			err_sys(err, "empty hash/%s", name);
			close(level->fd);
		}
		free(level);
		return NULL;
	}
	tiles->levels[i] = level;
	return level;
}

static int flush_level(struct tiles_level *level, struct err *err)
{
	size_t len = level->n * sizeof level->buffer[0];
	off_t at = (off_t)(level->written * sizeof level->buffer[0]);

	if (pwrite(level->fd, level->buffer, len, at) != (ssize_t)len)
		return err_sys(err, "write hash tiles");
	level->written += level->n;
	level->n = 0;
	return 0;
}

int tiles_put(struct tiles *tiles, const struct hash *made, unsigned int n,
	      struct err *err)
{
	for (unsigned int i = 0; i < n; i++) {
		struct tiles_level *level = tiles->levels[i];

		if (!level)
			level = open_level(tiles, i, err);
		if (!level)
			return -1;
		level->buffer[level->n++] = made[i];
		if (level->n == TILES_BUFFER && flush_level(level, err) < 0)
			return -1;
	}
	return 0;
}

int tiles_flush(struct tiles *tiles, struct err *err)
{
	for (int i = 0; i < MERKLE_DENSE; i++)
		if (tiles->levels[i] && tiles->levels[i]->n > 0 &&
		    flush_level(tiles->levels[i], err) < 0)
			return -1;
	return 0;
}
