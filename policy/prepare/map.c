#include "policy/prepare/map.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "policy/prepare/list.h"
#include "policy/prepare/need.h"

void map_clear(struct map *map)
{
	interned_clear(&map->from);
	interned_clear(&map->to);
	free(map->becomes);
	map->becomes = NULL;
}

static int add_row(void *whose, const struct csv_field *fields,
		   struct fault *fault)
{
	struct map *map = whose;
	uint32_t before = map->from.count;
	uint32_t from = interned_add(&map->from, fields[0].at, fields[0].len);

	if (from != before)
		return fault_set(fault, FAULT_MAP_CONFLICT);
	if ((from & (from - 1)) == 0)
		map->becomes =
			need_more(map->becomes, from ? (size_t)from * 2 : 1,
				  sizeof *map->becomes);
	map->becomes[from] =
		interned_add(&map->to, fields[1].at, fields[1].len);
	return 0;
}

int map_read(struct map *map, int folder, const struct source *source,
	     const char *path, struct fault *fault)
{
	struct list list = { .source = source,
			     .folder = folder,
			     .path = path,
			     .columns = { "from", "to" },
			     .ncolumns = 2,
			     .exactly = true,
			     .row = add_row,
			     .whose = map };
	struct stat st;

	if (fstatat(folder, path, &st, 0) == 0 && st.st_size > MAP_MOST)
		return fault_say(fault, FAULT_TOO_LONG, path);
	return list_read(&list, fault);
}

const char *map_find(const struct map *map, const char *at, size_t len,
		     size_t *out_len)
{
	long from = interned_find(&map->from, at, len);

	if (from < 0)
		return NULL;
	uint32_t to = map->becomes[from];
	*out_len = map->to.lengths[to];
	return interned_text(&map->to, to);
}
