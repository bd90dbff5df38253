/*
 * find_folders - the gateway's own folders, and the ids it is to give out.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "gateway/base/own.h"
#include "gateway/host/find.h"

/* As gateway/supervisor/lease.c: services and pairs of leases. */
enum { UIDS = 2 * (1 << 26) - 1000 };
enum { GIB = 1 << 30, DISK_GIB = 5 };

/* What others can write is not ours. One that is not there is made by us. */
static bool is_ours(const char *folder, char *detail)
{
	struct stat is;

	if (!folder || (stat(folder, &is) < 0 && errno == ENOENT))
		return true;
	if (stat(folder, &is) == 0 && S_ISDIR(is.st_mode) &&
	    !(is.st_mode & 0022))
		return true;
	snprintf(detail, HOST_DETAIL, "%.120s", folder);
	return false;
}

enum found find_folders(const struct host *host, char *detail)
{
	return find_when(is_ours(host->config, detail) &&
			 is_ours(host->state, detail));
}

enum found find_disk(const struct host *host, char *detail)
{
	struct statvfs is;

	if (statvfs(host->state, &is) < 0)
		return FOUND; /* it is not there yet */
	uint64_t bytes = (uint64_t)is.f_bavail * is.f_frsize;
	bool inodes = is.f_files == 0 || is.f_favail >= is.f_files / 20;

	snprintf(detail, HOST_DETAIL, "%" PRIu64 " MiB free%s", bytes >> 20,
		 inodes ? "" : ", few inodes");
	return bytes >= (uint64_t)DISK_GIB * GIB && inodes ? FOUND : WEAK;
}

/* The first id of a line and how many: name:x:id:... or name:first:count. */
static bool names_ours(const char *line, bool passwd, const struct host *host)
{
	const char *at = strchr(line, ':');
	uint64_t low = host->uid_base, first, count = 1;
	char *end;

	if (at && passwd)
		at = strchr(at + 1, ':');
	if (!at)
		return false;
	first = strtoull(at + 1, &end, 10);
	if (!passwd && *end == ':')
		count = strtoull(end + 1, NULL, 10);
	return end != at + 1 && first < low + UIDS && first + count > low;
}

enum found find_uids(const struct host *host, char *detail)
{
	static const char *const files[] = { "/etc/passwd", "/etc/subuid",
					     "/etc/subgid" };
	char line[512];
	bool clash = false;

	for (size_t i = 0; i < ARRAY_LEN(files) && !clash; i++) {
		FILE *file = fopen(files[i], "re");

		while (file && !clash && fgets(line, sizeof line, file))
			clash = names_ours(line, i == 0, host);
		if (file)
			fclose(file);
		snprintf(detail, HOST_DETAIL, "%s", files[i]);
	}
	if (clash)
		return MISSING;
	snprintf(detail, HOST_DETAIL, "from %" PRIu32, host->uid_base);
	return FOUND;
}
