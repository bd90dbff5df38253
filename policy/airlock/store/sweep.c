#include "policy/airlock/store/sweep.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/own.h"

enum { PARTS = 256 };

struct sweep {
	struct job job;
	const struct place *place;
	struct sweep_keep keep; /* sorted */
	unsigned int part;	/* the next of frozen/00 to frozen/ff */
};

int sweep_keep(struct sweep_keep *keep, const uint8_t hash[static NAMES_HASH])
{
	if (keep->n == keep->room) {
		size_t room = keep->room ? 2 * keep->room : 1024;
		void *grown = room > SWEEP_MAX
				      ? NULL
				      : reallocarray(keep->hashes, room,
						     sizeof *keep->hashes);

		if (!grown) {
			keep->more = true;
			return -1;
		}
		keep->hashes = grown;
		keep->room = room;
	}
	memcpy(keep->hashes[keep->n++], hash, NAMES_HASH);
	return 0;
}

int sweep_keep_all(struct sweep_keep *keep, const struct sweep_keep *other)
{
	for (size_t i = 0; i < other->n; i++)
		if (sweep_keep(keep, other->hashes[i]) < 0)
			return -1;
	return other->more ? -1 : 0;
}

void sweep_forget(struct sweep_keep *keep)
{
	free(keep->hashes);
	*keep = (struct sweep_keep){ 0 };
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, NAMES_HASH);
}

static bool stays(const struct sweep *sweep, const char *name)
{
	uint8_t hash[NAMES_HASH];

	return names_from_hex(hash, name, strlen(name)) && sweep->keep.n > 0 &&
	       bsearch(hash, sweep->keep.hashes, sweep->keep.n, NAMES_HASH,
		       compare);
}

static void sweep_part(const struct sweep *sweep)
{
	char name[3];

	snprintf(name, sizeof name, "%02x", sweep->part);
	AUTO_FD int fd = place_beneath(sweep->place->frozen, name,
				       O_RDONLY | O_DIRECTORY);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir)
		return;
	int folder = take_fd(&fd);
	const struct dirent *entry;
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.' && !stays(sweep, entry->d_name))
			unlinkat(folder, entry->d_name, 0);
	closedir(dir);
}

static enum job_end step(struct job *job, struct msg *answer, struct err *err)
{
	struct sweep *sweep = (struct sweep *)job;

	(void)answer;
	(void)err;
	sweep_part(sweep);
	return ++sweep->part < PARTS ? JOB_MORE : JOB_OVER;
}

static void release(struct job *job)
{
	struct sweep *sweep = (struct sweep *)job;

	sweep_forget(&sweep->keep);
	free(sweep);
}

struct job *sweep_new(const struct place *place, struct sweep_keep *keep)
{
	struct sweep *sweep = calloc(1, sizeof *sweep);

	if (!sweep)
		die("out of memory");
	sweep->job = (struct job){ .asker = ASKER_POLICY,
				   .step = step,
				   .free = release };
	sweep->place = place;
	sweep->keep = *keep;
	*keep = (struct sweep_keep){ 0 };
	if (sweep->keep.n > 0)
		qsort(sweep->keep.hashes, sweep->keep.n, NAMES_HASH, compare);
	return &sweep->job;
}
