/*
 * find_mounts - control groups, file systems, and how they are mounted.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "gateway/host/find.h"

/* Call see(folder, type) for each mount until it says that it has seen
 * enough. The mounts are those of this process. */
static bool each_mount(bool (*see)(const char *folder, const char *type,
				   char *detail),
		       char *detail)
{
	FILE *file = fopen("/proc/self/mounts", "re");
	char line[4096], folder[1024], type[64];
	bool done = false;

	while (file && !done && fgets(line, sizeof line, file))
		done = sscanf(line, "%*s %1023s %63s", folder, type) == 2 &&
		       see(folder, type, detail);
	if (file)
		fclose(file);
	return done;
}

static bool is_cgroup2(const char *folder, const char *type, char *detail)
{
	char path[1100];

	/* something may lie over it */
	snprintf(path, sizeof path, "%s/cgroup.procs", folder);
	if (strcmp(type, "cgroup2") != 0 || access(path, F_OK) < 0)
		return false;
	snprintf(detail, HOST_DETAIL, "%.120s", folder);
	return true;
}

enum found find_cgroup_tree(const struct host *host, char *detail)
{
	(void)host;
	return find_when(each_mount(is_cgroup2, detail));
}

static enum found controller(const char *name, char *detail)
{
	char folder[HOST_DETAIL] = "", path[HOST_DETAIL + 32];

	if (each_mount(is_cgroup2, folder)) {
		snprintf(path, sizeof path, "%s/cgroup.controllers", folder);
		if (find_word(path, name)) {
			snprintf(detail, HOST_DETAIL, "v2");
			return FOUND;
		}
	}
	snprintf(path, sizeof path, "/sys/fs/cgroup/%s/cgroup.procs", name);
	if (access(path, F_OK) < 0)
		return MISSING;
	snprintf(detail, HOST_DETAIL, "v1");
	return FOUND;
}

enum found find_cgroup_memory(const struct host *host, char *detail)
{
	(void)host;
	return controller("memory", detail);
}

enum found find_cgroup_pids(const struct host *host, char *detail)
{
	(void)host;
	return controller("pids", detail);
}

enum found find_cgroup_cpu(const struct host *host, char *detail)
{
	(void)host;
	return controller("cpu", detail);
}

/* A file system in a module is not in the list before somebody asks for it. */
static bool file_system(const char *name)
{
	AUTO_FD int fs = fsopen(name, FSOPEN_CLOEXEC);

	(void)fs;
	return find_word("/proc/filesystems", name);
}

enum found find_erofs(const struct host *host, char *detail)
{
	(void)host;
	(void)detail;
	return find_when(file_system("erofs"));
}

enum found find_overlay(const struct host *host, char *detail)
{
	(void)host;
	(void)detail;
	return find_when(file_system("overlay"));
}

enum found find_loop(const struct host *host, char *detail)
{
	(void)host;
	snprintf(detail, HOST_DETAIL, "/dev/loop-control");
	return find_when(access("/dev/loop-control", F_OK) == 0);
}

enum found find_fscrypt(const struct host *host, char *detail)
{
	(void)host;
	snprintf(detail, HOST_DETAIL, "ext4");
	return find_when(access("/sys/fs/ext4/features/encryption", F_OK) == 0);
}

/* Something over a part of /proc, but for folders that are always empty: the
 * kernel gives a new proc only to who sees a whole one. */
static bool hides_proc(const char *folder, const char *type, char *detail)
{
	static const char *const empty[] = { "/proc/sys/fs/binfmt_misc",
					     "/proc/fs/nfsd" };

	(void)type;
	if (strncmp(folder, "/proc/", 6) != 0)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(empty); i++)
		if (strcmp(folder, empty[i]) == 0)
			return false;
	snprintf(detail, HOST_DETAIL, "%.120s", folder);
	return true;
}

enum found find_proc(const struct host *host, char *detail)
{
	(void)host;
	return find_when(access("/proc/self/status", F_OK) == 0 &&
			 !each_mount(hides_proc, detail));
}
