#include "sandbox/clone.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/base/own.h"

int clone_folder(int folder, uint64_t attributes, int ids, struct err *err)
{
	struct mount_attr attr = { .attr_set = attributes };
	AUTO_FD int tree =
		open_tree(folder, "",
			  AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	if (tree < 0)
		return err_sys(err, "copy a mount");
	if (ids >= 0) {
		attr.attr_set |= MOUNT_ATTR_IDMAP;
		attr.userns_fd = (uint64_t)(unsigned int)ids;
	}
	if (mount_setattr(tree, "", AT_EMPTY_PATH, &attr, sizeof attr) < 0)
		return err_sys(err, "restrict a mount");
	return take_fd(&tree);
}

static int write_map(int proc, const char *file, const char *map,
		     struct err *err)
{
	AUTO_FD int fd = openat(proc, file, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, map, strlen(map)) != (ssize_t)strlen(map))
		return err_sys(err, "write %s", file);
	return 0;
}

static int map_ids(pid_t pid, uint32_t on_disk, uint32_t shown, struct err *err)
{
	char path[32], map[64];

	snprintf(path, sizeof path, "/proc/%d", pid);
	snprintf(map, sizeof map, "%u %u 1\n", on_disk, shown);

	AUTO_FD int proc = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (proc < 0)
		return err_sys(err, "open %s", path);
	if (write_map(proc, "uid_map", map, err) < 0 ||
	    write_map(proc, "gid_map", map, err) < 0)
		return -1;

	int ids = openat(proc, "ns/user", O_RDONLY | O_CLOEXEC);

	if (ids < 0)
		return err_sys(err, "open a user namespace");
	return ids;
}

/* All that the namespace's first process does. */
_Noreturn static void wait_for_end(void)
{
	for (;;)
		poll(NULL, 0, -1);
}

int clone_ids(uint32_t on_disk, uint32_t shown, struct err *err)
{
	struct clone_args args = { .flags = CLONE_NEWUSER,
				   .exit_signal = SIGCHLD };
	pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);

	if (pid < 0)
		return err_sys(err, "make a user namespace");
	if (pid == 0)
		wait_for_end();

	int ids = map_ids(pid, on_disk, shown, err);

	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return ids;
}
