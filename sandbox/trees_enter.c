/*
 * trees_enter - see trees.h. Runs in the sandbox's first process, which is
 * root of its own user namespace only.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "sandbox/beneath.h"
#include "sandbox/trees.h"

/* The new root lies over the old one; both are this process's own copies. */
static int put_root(int root, struct err *err)
{
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return err_sys(err, "make all mounts private");
	if (move_mount(root, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return err_sys(err, "put the toolset in place");
	if (fchdir(root) < 0)
		return err_sys(err, "enter the toolset");
	return 0;
}

static int put(int root, int tree, const char *at, struct err *err)
{
	AUTO_FD int place = beneath_open(root, at, O_PATH, err);

	if (place < 0)
		return err_within(err, "the toolset has no place for /%s", at);
	if (move_mount(tree, "", place, "",
		       MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return err_sys(err, "put /%s in place", at);
	return 0;
}

/* The kernel gives a proc only to who can still see a whole one: so this
 * comes before the host's root is let go. */
static int make_proc(struct err *err)
{
	AUTO_FD int fs = fsopen("proc", FSOPEN_CLOEXEC);

	if (fs < 0 ||
	    fsconfig(fs, FSCONFIG_SET_STRING, "hidepid", "invisible", 0) < 0 ||
	    fsconfig(fs, FSCONFIG_SET_STRING, "subset", "pid", 0) < 0 ||
	    fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return err_sys(err, "make proc");

	int tree = fsmount(fs, FSMOUNT_CLOEXEC,
			   MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
				   MOUNT_ATTR_NOEXEC);

	if (tree < 0)
		return err_sys(err, "mount proc (the host's /proc must be "
				    "mounted whole)");
	return tree;
}

static int change_root(struct err *err)
{
	char here[8] = "";

	if (syscall(SYS_pivot_root, ".", ".") < 0)
		return err_sys(err, "change the root");
	if (umount2(".", MNT_DETACH) < 0)
		return err_sys(err, "let go of the host's root");
	if (chdir("/") < 0 || syscall(SYS_getcwd, here, sizeof here) < 0 ||
	    strcmp(here, "/") != 0)
		return err_set(err, "not at the root of the sandbox");
	return 0;
}

int trees_enter(const struct trees *trees, struct err *err)
{
	int root = trees->list[0].mount;

	if (put_root(root, err) < 0)
		return -1;
	for (unsigned int i = 1; i < trees->n; i++)
		if (put(root, trees->list[i].mount, trees->list[i].at, err) < 0)
			return -1;

	AUTO_FD int proc = make_proc(err);

	if (proc < 0 || put(root, proc, "proc", err) < 0)
		return -1;
	return change_root(err);
}
