/*
 * lease - hand out pairs of uids, each once. Runs in the supervisor.
 */
#include "gateway/supervisor/lease.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/own.h"

enum { SERVICES = 1000, BLOCK = 256, PAIRS = (1 << 26) - SERVICES };

/* Does a line of a file of the form name:...:... name a uid of ours? */
static int check_file(const char *path, uint32_t low, uint32_t high,
		      struct err *err)
{
	FILE *file = fopen(path, "re");
	char line[512];
	int clash = 0;

	if (!file)
		return 0;
	while (!clash && fgets(line, sizeof line, file)) {
		char *colon = strchr(line, ':');
		char *rest = colon;
		uint64_t first, count = 1;

		if (!colon)
			continue;
		/* passwd: name:x:uid:...; subuid: name:first:count */
		if (strcmp(path, "/etc/passwd") == 0) {
			rest = strchr(colon + 1, ':');
			if (!rest)
				continue;
		}
		first = strtoull(rest + 1, &rest, 10);
		if (*rest == ':' && rest[1] >= '0' && rest[1] <= '9' &&
		    strcmp(path, "/etc/passwd") != 0)
			count = strtoull(rest + 1, NULL, 10);
		clash = first < high && first + count > low;
	}
	fclose(file);
	if (clash)
		return err_set(err,
			       "%s has ids between %" PRIu32 " and %" PRIu32
			       ", the range of this gateway: choose another "
			       "--uid-base",
			       path, low, high);
	return 0;
}

static int reserve(struct leases *leases, struct err *err)
{
	char line[16];
	uint32_t upto = leases->next + BLOCK;

	if (upto > PAIRS)
		return err_set(err, "all leases of this range are used up; "
				    "choose another --uid-base");
	snprintf(line, sizeof line, "%010" PRIu32 "\n", upto);
	if (pwrite(leases->file, line, 11, 0) != 11 ||
	    fdatasync(leases->file) < 0)
		return err_sys(err, "write the lease counter");
	leases->reserved = upto;
	return 0;
}

int lease_open(struct leases *leases, int folder, uint32_t uid_base,
	       struct err *err)
{
	static const char *const files[] = { "/etc/passwd", "/etc/subuid",
					     "/etc/subgid" };
	char line[16] = "";
	AUTO_FD int file = -1;

	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		if (check_file(files[i], uid_base,
			       uid_base + SERVICES + 2 * PAIRS, err) < 0)
			return -1;
	file = openat(folder, "leases",
		      O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (file < 0)
		return err_sys(err, "open the lease counter");
	ssize_t n = pread(file, line, 11, 0);
	if (n != 0 && n != 11)
		return err_set(err,
			       "the lease counter is damaged: remove "
			       "'leases' in the state folder after a boot");
	*leases = (struct leases){
		.base = uid_base + SERVICES,
		.next = (uint32_t)strtoul(line, NULL, 10),
		.file = take_fd(&file),
	};
	return reserve(leases, err);
}

uint32_t lease_take(struct leases *leases, struct err *err)
{
	if (leases->next == leases->reserved && reserve(leases, err) < 0)
		return 0;
	return leases->base + 2 * leases->next++;
}
