/*
 * listing - see listing.h. Runs in sekisho-files; names are whatever the
 * folder's writers chose.
 */
#include "gateway/files/listing.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/own.h"

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int add(struct listing *listing, const char *name, size_t *room)
{
	if (listing->n == *room) {
		size_t more = *room ? *room * 2 : 64;
		char **names = reallocarray(listing->names, more,
					    sizeof *listing->names);

		if (!names)
			return -1;
		listing->names = names;
		*room = more;
	}
	char *copy = strdup(name);
	if (!copy)
		return -1;
	listing->names[listing->n++] = copy;
	return 0;
}

static int read_names(struct listing *listing, DIR *dir)
{
	const struct dirent *entry;
	size_t room = 0;

	while ((entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0 &&
		    add(listing, entry->d_name, &room) < 0)
			return -1;
	if (listing->n > 0)
		qsort(listing->names, listing->n, sizeof *listing->names,
		      by_bytes);
	return 0;
}

int listing_open(struct listing *listing, int folder)
{
	AUTO_FD int copy = dup(folder);
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);

	*listing = (struct listing){ .folder = folder };
	if (!dir) {
		listing_close(listing);
		return -1;
	}
	take_fd(&copy);
	int done = read_names(listing, dir);
	closedir(dir);
	if (done < 0)
		listing_close(listing);
	return done;
}

const char *listing_next(struct listing *listing)
{
	return listing->next < listing->n ? listing->names[listing->next++]
					  : NULL;
}

void listing_close(struct listing *listing)
{
	for (size_t i = 0; i < listing->n; i++)
		free(listing->names[i]);
	free(listing->names);
	own_close(&listing->folder);
	*listing = (struct listing){ .folder = -1 };
}
