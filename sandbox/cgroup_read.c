/*
 * cgroup_read - who is inside a group, which limits are in force, and where
 * the guard stands under systemd.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "sandbox/cgroup.h"
#include "sandbox/cgroup_roots.h"

static void get(int folder, const char *file, char *text, size_t size)
{
	AUTO_FD int fd = openat(folder, file, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : read(fd, text, size - 1);

	text[len < 0 ? 0 : len] = '\0';
}

int cgroup_step_aside(struct err *err)
{
	struct cgroup_roots roots;

	if (cgroup_roots_open(&roots, err) < 0)
		return -1;
	AUTO_FD int v2 = take_fd(&roots.v2);
	cgroup_roots_clear(&roots);
	if (!roots.in_unit)
		return 0;
	if (mkdirat(v2, "guard", 0755) < 0 && errno != EEXIST)
		return err_sys(err, "make the guard's cgroup");
	AUTO_FD int procs =
		openat(v2, "guard/cgroup.procs", O_WRONLY | O_CLOEXEC);
	if (procs < 0 || write(procs, "0", 1) != 1)
		return err_sys(err, "enter the guard's cgroup");
	return 0;
}

unsigned int cgroup_members(const struct cgroup *g, pid_t *pids,
			    unsigned int most)
{
	static char text[16384];
	const char *at = text;
	unsigned int n = 0;
	char *end;

	get(g->v2, "cgroup.procs", text, sizeof text);
	while (n < most) {
		long pid = strtol(at, &end, 10);

		if (end == at || pid <= 0)
			break;
		pids[n++] = (pid_t)pid;
		at = end;
	}
	return n;
}

void cgroup_limits(const struct cgroup *g, char *text, size_t size)
{
	static const char *const files[] = {
		"memory.max",
		"memory.swap.max",
		"memory.limit_in_bytes",
		"memory.memsw.limit_in_bytes",
		"pids.max",
		"cpu.max",
		"cpu.cfs_quota_us",
		"cpu.cfs_period_us",
	};
	size_t used = 0;

	text[0] = '\0';
	for (unsigned int i = 0; i <= g->nv1; i++)
		for (size_t j = 0; j < ARRAY_LEN(files); j++) {
			char value[64];
			int folder = i == 0 ? g->v2 : g->v1[i - 1];

			get(folder, files[j], value, sizeof value);
			if (!value[0])
				continue;
			value[strcspn(value, "\n")] = '\0';
			int n = snprintf(text + used, size - used, "%s %s\n",
					 files[j], value);
			used += n > 0 && (size_t)n < size - used ? (size_t)n
								 : 0;
		}
	text[used] = '\0';
}
