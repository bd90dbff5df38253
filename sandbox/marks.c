#include "sandbox/marks.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "gateway/base/capabilities.h"
#include "gateway/base/own.h"

enum {
	GROUP = FAN_CLASS_CONTENT | FAN_CLOEXEC | FAN_NONBLOCK |
		FAN_UNLIMITED_QUEUE | FAN_UNLIMITED_MARKS | FAN_REPORT_PIDFD,
	EVENT_FILE = O_RDONLY | O_CLOEXEC,
};

static int effective_uid(uid_t uid, struct err *err)
{
	if (syscall(SYS_setresuid, -1, uid, -1) < 0)
		return err_sys(err, "act as uid %u", uid);
	return 0;
}

/*
 * The kernel lets a uid have 128 groups (fs.fanotify.max_user_groups), fewer
 * than the sessions of one host: so each is made in the name of its lease.
 * Changing the uid takes away capabilities in effect, which come back with
 * root, and what does not: the parent-death signal, and that /proc shows this
 * process and its child as root's, which birth_give() needs.
 */
static int open_group(uid_t uid, struct err *err)
{
	pid_t spawner = getppid();

	if (effective_uid(uid, err) < 0 || capabilities_resume(err) < 0)
		return -1;
	AUTO_FD int group = fanotify_init(GROUP, EVENT_FILE);
	if (group < 0)
		return err_sys(err, "make a fanotify group");
	if (effective_uid(0, err) < 0)
		return -1;
	if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return err_sys(err, "prctl");
	if (getppid() != spawner)
		return err_set(err, "the spawner is gone");
	return take_fd(&group);
}

/* A mount mark, since other sessions share the file system; nobody inside can
 * copy a mount. A dataset's overlay is the session's alone. */
static int choose(const struct tree *tree, unsigned int *how, uint64_t *what,
		  struct err *err)
{
	struct statfs fs;

	if (fstatfs(tree->mount, &fs) < 0)
		return err_sys(err, "look at /%s", tree->at);
	*how = FAN_MARK_ADD | FAN_MARK_MOUNT;
	*what = (unsigned long)fs.f_flags & ST_NOEXEC ? 0 : FAN_OPEN_EXEC_PERM;
	if (strncmp(tree->at, "data/", strlen("data/")) == 0) {
		*how = FAN_MARK_ADD | FAN_MARK_FILESYSTEM;
		*what |= FAN_OPEN_PERM;
	}
	return 0;
}

static int mark(struct marks *marks, const struct tree *tree, struct err *err)
{
	struct statx is;
	unsigned int how = 0;
	uint64_t what = 0;
	char path[40];

	if (choose(tree, &how, &what, err) < 0)
		return -1;
	if (what == 0)
		return 0;
	if (statx(tree->mount, "", AT_EMPTY_PATH, STATX_MNT_ID, &is) < 0 ||
	    !(is.stx_mask & STATX_MNT_ID))
		return err_sys(err, "the mount of /%s", tree->at);
	/* The call takes no descriptor of this kind without a path. */
	snprintf(path, sizeof path, "/proc/self/fd/%d", tree->mount);
	if (fanotify_mark(marks->group, how, what, AT_FDCWD, path) < 0)
		return err_sys(err, "watch /%s", tree->at);
	marks->list[marks->n].tree = tree;
	marks->list[marks->n].mount = is.stx_mnt_id;
	marks->n++;
	return 0;
}

int marks_set(struct marks *marks, const struct trees *trees, uint32_t uid,
	      struct err *err)
{
	marks->n = 0;
	marks->group = open_group(uid, err);
	if (marks->group < 0)
		return -1;
	for (unsigned int i = 0; i < trees->n; i++)
		if (mark(marks, &trees->list[i], err) < 0)
			return -1;
	return 0;
}

void marks_put(const struct marks *marks, struct msg *m)
{
	msg_put_fd(m, marks->group);
	msg_put_u32(m, marks->n);
	for (unsigned int i = 0; i < marks->n; i++) {
		msg_put_str(m, marks->list[i].tree->at);
		msg_put_u64(m, marks->list[i].mount);
	}
}
