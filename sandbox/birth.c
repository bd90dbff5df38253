#include "sandbox/birth.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "sandbox/firstborn.h"

/* CLONE_PARENT: the sandbox belongs to the supervisor, which outlives us. */
static int clone_child(int *pidfd, struct err *err)
{
	struct clone_args args = {
		.flags = CLONE_PARENT | CLONE_PIDFD | CLONE_NEWUSER |
			 CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET |
			 CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP,
		.pidfd = (uint64_t)(uintptr_t)pidfd,
	};
	long pid = syscall(SYS_clone3, &args, sizeof args);

	if (pid < 0)
		return err_sys(err, "make the sandbox's namespaces");
	return (int)pid;
}

static int write_map(int proc, const char *file, const char *map,
		     struct err *err)
{
	AUTO_FD int fd = openat(proc, file, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, map, strlen(map)) != (ssize_t)strlen(map))
		return err_sys(err, "write %s", file);
	return 0;
}

static int map_ids(int pid, const struct build *build,
		   const struct trees *trees, struct err *err)
{
	char path[32], map[64];

	snprintf(path, sizeof path, "/proc/%d", pid);
	snprintf(map, sizeof map, "0 %u 1\n1000 %u 1\n", build->uid_root,
		 build->uid_user);

	AUTO_FD int proc = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (proc < 0)
		return err_sys(err, "open %s", path);
	if (write_map(proc, "uid_map", map, err) < 0 ||
	    write_map(proc, "gid_map", map, err) < 0)
		return -1;

	AUTO_FD int ns = openat(proc, "ns/user", O_RDONLY | O_CLOEXEC);

	if (ns < 0)
		return err_sys(err, "open the user namespace");
	return trees_map(trees, ns, err);
}

/* Let the child go on, and hear how it went: nothing when init runs, since
 * exec closes the pipe, else one sentence. */
static int hear(int release, int report, struct err *err)
{
	char why[sizeof err->text] = "";
	ssize_t len;

	if (write(release, "", 1) != 1)
		return err_sys(err, "release the sandbox");
	do
		len = read(report, why, sizeof why - 1);
	while (len < 0 && errno == EINTR);
	if (len < 0)
		return err_sys(err, "hear of the sandbox");
	if (len > 0)
		return err_set(err, "%s", why);
	return 0;
}

/* A child that was killed on its way says nothing either. */
static int check_alive(int pidfd, struct err *err)
{
	struct pollfd ended = { .fd = pidfd, .events = POLLIN };

	if (poll(&ended, 1, 0) != 0)
		return err_set(err, "the sandbox's first process died");
	return 0;
}

static int raise_child(const struct birth *birth, const struct build *build,
		       const struct trees *trees, const int pipes[2],
		       struct err *err)
{
	if (map_ids(birth->pid, build, trees, err) < 0 ||
	    hear(pipes[0], pipes[1], err) < 0 ||
	    check_alive(birth->pidfd, err) < 0)
		return -1;
	return 0;
}

int birth_give(struct birth *birth, const struct build *build,
	       const struct trees *trees, struct err *err)
{
	int control[2], release[2], report[2];

	birth->pidfd = birth->control = -1;
	if (msg_pair(control, err) < 0)
		return -1;

	AUTO_FD int ours = control[0];
	AUTO_FD int theirs = control[1];

	if (pipe2(release, O_CLOEXEC) < 0)
		return err_sys(err, "pipe");

	AUTO_FD int release_read = release[0];
	AUTO_FD int release_write = release[1];

	if (pipe2(report, O_CLOEXEC) < 0)
		return err_sys(err, "pipe");

	AUTO_FD int report_read = report[0];
	AUTO_FD int report_write = report[1];

	birth->pid = clone_child(&birth->pidfd, err);
	if (birth->pid < 0)
		return -1;
	if (birth->pid == 0) {
		struct firstborn self = { release_read, report_write, theirs };

		own_close(&release_write);
		firstborn_live(&self, build, trees);
	}
	own_close(&report_write);

	const int pipes[2] = { release_write, report_read };

	if (raise_child(birth, build, trees, pipes, err) < 0) {
		syscall(SYS_pidfd_send_signal, birth->pidfd, SIGKILL, NULL, 0);
		own_close(&birth->pidfd);
		return -1;
	}
	birth->control = take_fd(&ours);
	return 0;
}
