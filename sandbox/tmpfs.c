#include "sandbox/tmpfs.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "gateway/base/own.h"

static int set(int fs, const char *key, const char *value, struct err *err)
{
	if (fsconfig(fs, FSCONFIG_SET_STRING, key, value, 0) < 0)
		return err_sys(err, "mount option %s=%s", key, value);
	return 0;
}

static int set_number(int fs, const char *key, uint64_t value, struct err *err)
{
	char text[24];

	snprintf(text, sizeof text, "%" PRIu64, value);
	return set(fs, key, text, err);
}

static int make(int fs, unsigned int attributes, struct err *err)
{
	if (fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return err_sys(err, "make a file system");

	int tree = fsmount(fs, FSMOUNT_CLOEXEC, attributes);

	if (tree < 0)
		return err_sys(err, "mount a file system");
	return tree;
}

int tmpfs_make(const struct tmpfs *like, unsigned int attributes,
	       struct err *err)
{
	AUTO_FD int fs = fsopen("tmpfs", FSOPEN_CLOEXEC);

	if (fs < 0)
		return err_sys(err, "the kernel has no tmpfs");
	if (set_number(fs, "size", like->bytes, err) < 0 ||
	    set_number(fs, "nr_inodes", like->inodes, err) < 0 ||
	    set(fs, "mode", like->mode, err) < 0 ||
	    set_number(fs, "uid", like->uid, err) < 0 ||
	    set_number(fs, "gid", like->uid, err) < 0)
		return -1;
	return make(fs, attributes, err);
}

int tmpfs_seal(int tree, uint64_t attributes, struct err *err)
{
	struct mount_attr attr = { .attr_set = attributes };

	if (mount_setattr(tree, "", AT_EMPTY_PATH, &attr, sizeof attr) < 0)
		return err_sys(err, "restrict a mount");
	return 0;
}

static const struct {
	const char *name;
	unsigned int major, minor;
} devices[] = {
	{ "null", 1, 3 },   { "zero", 1, 5 },	 { "full", 1, 7 },
	{ "random", 1, 8 }, { "urandom", 1, 9 }, { "tty", 5, 0 },
};

static const struct {
	const char *name, *target;
} links[] = {
	{ "fd", "/proc/self/fd" },	 { "stdin", "/proc/self/fd/0" },
	{ "stdout", "/proc/self/fd/1" }, { "stderr", "/proc/self/fd/2" },
	{ "ptmx", "pts/ptmx" },
};

int tmpfs_devices(struct err *err)
{
	static const struct tmpfs like = { 65536, 32, "755", 0 };
	AUTO_FD int tree =
		tmpfs_make(&like, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, err);

	if (tree < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(devices); i++)
		if (mknodat(tree, devices[i].name, S_IFCHR | 0666,
			    makedev(devices[i].major, devices[i].minor)) < 0 ||
		    fchmodat(tree, devices[i].name, 0666, 0) < 0)
			return err_sys(err, "make /dev/%s", devices[i].name);
	for (size_t i = 0; i < ARRAY_LEN(links); i++)
		if (symlinkat(links[i].target, tree, links[i].name) < 0)
			return err_sys(err, "make /dev/%s", links[i].name);
	if (mkdirat(tree, "pts", 0755) < 0 || mkdirat(tree, "shm", 0755) < 0)
		return err_sys(err, "make folders in /dev");
	if (tmpfs_seal(tree, MOUNT_ATTR_RDONLY, err) < 0)
		return -1;
	return take_fd(&tree);
}

int tmpfs_terminals(uint32_t uid, struct err *err)
{
	AUTO_FD int fs = fsopen("devpts", FSOPEN_CLOEXEC);

	if (fs < 0)
		return err_sys(err, "the kernel has no devpts");
	if (set_number(fs, "uid", uid, err) < 0 ||
	    set_number(fs, "gid", uid, err) < 0 ||
	    set(fs, "mode", "600", err) < 0 ||
	    set(fs, "ptmxmode", "666", err) < 0 ||
	    set(fs, "max", "64", err) < 0)
		return -1;
	return make(fs, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, err);
}
