#include "sandbox/trees.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "sandbox/beneath.h"
#include "sandbox/clone.h"
#include "sandbox/tmpfs.h"

enum {
	PAGE = 4096,
	INODES_MAX = 65536,
	NOSUID_NODEV = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV,
	READ_ONLY = NOSUID_NODEV | MOUNT_ATTR_RDONLY,
	READ_DATA = READ_ONLY | MOUNT_ATTR_NOEXEC,
};

/* Takes the mount. */
static int add(struct trees *trees, int mount, const char *at, struct err *err)
{
	struct tree *tree = &trees->list[trees->n];

	if (mount < 0)
		return err_within(err, "/%s", at);
	if (trees->n == TREES || strlen(at) >= TREE_PATH)
		die("more trees than a sandbox can have");
	tree->mount = mount;
	tree->mapped = false;
	memcpy(tree->at, at, strlen(at) + 1);
	trees->n++;
	return 0;
}

/* --- Memory: /tmp and /dev/shm together have a quarter of it ---------------- */

static int memory(const struct build *build, const char *mode,
		  unsigned int attributes, struct err *err)
{
	struct tmpfs like = {
		.bytes = build->plan.memory_bytes / 8 / PAGE * PAGE,
		.mode = mode,
		.uid = build->uid_user,
	};

	/* Zero would mean "no limit". */
	if (like.bytes < PAGE)
		return err_set(err, "too little memory for a sandbox");
	like.inodes = like.bytes / PAGE;
	if (like.inodes > INODES_MAX)
		like.inodes = INODES_MAX;
	if (like.inodes < 16)
		like.inodes = 16;
	return tmpfs_make(&like, NOSUID_NODEV | attributes, err);
}

/* --- The desk's socket ------------------------------------------------------ */

/* The folder is reached by its descriptor; nobody else can see it yet. */
static int listen_at(int tree, struct err *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	AUTO_FD int fd = socket(
		AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	snprintf(address.sun_path, sizeof address.sun_path,
		 "/proc/self/fd/%d/desk", tree);
	if (fd < 0 ||
	    bind(fd, (struct sockaddr *)&address, sizeof address) < 0 ||
	    fchmodat(tree, "desk", 0666, 0) < 0 || listen(fd, 16) < 0)
		return err_sys(err, "make the desk's socket");
	return take_fd(&fd);
}

static int desk(struct trees *trees, struct err *err)
{
	static const struct tmpfs like = { 65536, 16, "755", 0 };
	AUTO_FD int tree =
		tmpfs_make(&like, NOSUID_NODEV | MOUNT_ATTR_NOEXEC, err);

	if (tree < 0)
		return -1;
	trees->desk = listen_at(tree, err);
	if (trees->desk < 0 || tmpfs_seal(tree, MOUNT_ATTR_RDONLY, err) < 0)
		return -1;
	return take_fd(&tree);
}

/* --- Datasets --------------------------------------------------------------- */

/*
 * An overlay of its own, so that locks and notifications on a dataset are not
 * shared with other sessions. Two lower layers are the smallest that has no
 * writable one.
 */
static int overlay(int dataset, int empty, struct err *err)
{
	AUTO_FD int fs = fsopen("overlay", FSOPEN_CLOEXEC);
	char layers[80];

	snprintf(layers, sizeof layers, "/proc/self/fd/%d:/proc/self/fd/%d",
		 dataset, empty);
	if (fs < 0 ||
	    fsconfig(fs, FSCONFIG_SET_STRING, "lowerdir", layers, 0) < 0 ||
	    fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return err_sys(err, "make the dataset's overlay");

	int tree = fsmount(fs, FSMOUNT_CLOEXEC, READ_DATA);

	if (tree < 0)
		return err_sys(err, "mount the dataset");
	return tree;
}

static int data_root(const struct plan *plan, struct err *err)
{
	static const struct tmpfs like = { 65536, 32, "755", 0 };
	AUTO_FD int tree =
		tmpfs_make(&like, NOSUID_NODEV | MOUNT_ATTR_NOEXEC, err);

	if (tree < 0)
		return -1;
	for (uint32_t i = 0; i < plan->ndatasets; i++)
		if (mkdirat(tree, plan->datasets[i].name, 0755) < 0)
			return err_sys(err, "dataset '%s'",
				       plan->datasets[i].name);
	if (tmpfs_seal(tree, MOUNT_ATTR_RDONLY, err) < 0)
		return -1;
	return take_fd(&tree);
}

static int add_datasets(struct trees *trees, const struct build *build,
			struct err *err)
{
	AUTO_FD int empty = beneath_open(build->workspace, "empty",
					 O_PATH | O_DIRECTORY, err);
	char at[TREE_PATH];

	if (empty < 0 ||
	    add(trees, data_root(&build->plan, err), "data", err) < 0)
		return -1;
	for (uint32_t i = 0; i < build->plan.ndatasets; i++) {
		snprintf(at, sizeof at, "data/%s",
			 build->plan.datasets[i].name);
		if (add(trees, overlay(build->datasets[i], empty, err), at,
			err) < 0)
			return -1;
	}
	return 0;
}

/* --- Workspace --------------------------------------------------------------- */

static int add_folder(struct trees *trees, const struct build *build,
		      const char *folder, const char *at, struct err *err)
{
	AUTO_FD int fd = beneath_open(build->workspace, folder,
				      O_PATH | O_DIRECTORY, err);
	bool out = strcmp(at, "out") == 0;
	int tree = fd < 0 ? -1
			  : clone_folder(fd,
					 NOSUID_NODEV |
						 (out ? MOUNT_ATTR_NOEXEC : 0),
					 -1, err);

	if (add(trees, tree, at, err) < 0)
		return -1;
	trees->list[trees->n - 1].mapped = true;
	return 0;
}

static int add_workspace(struct trees *trees, const struct build *build,
			 struct err *err)
{
	char home[ID_SIZE + 8], out[ID_SIZE + 8];

	snprintf(home, sizeof home, "home/%s", build->plan.actor);
	snprintf(out, sizeof out, "out/%s", build->plan.actor);
	if (add_folder(trees, build, "shared", "workspace", err) < 0 ||
	    add_folder(trees, build, home, "home/researcher", err) < 0 ||
	    add_folder(trees, build, out, "out", err) < 0)
		return -1;
	return 0;
}

/* --- The client --------------------------------------------------------------- */

static int add_client(struct trees *trees, const struct build *build,
		      struct err *err)
{
	if (build->client < 0)
		return 0;
	return add(trees, clone_folder(build->client, READ_ONLY, -1, err),
		   "usr/local/bin/sekisho", err);
}

/* --- All of them ------------------------------------------------------------- */

int trees_prepare(struct trees *trees, const struct build *build,
		  struct err *err)
{
	trees->n = 0;
	trees->desk = -1;
	if (add(trees, clone_folder(build->toolset, READ_ONLY, -1, err), "",
		err) < 0 ||
	    add_client(trees, build, err) < 0 ||
	    add(trees, tmpfs_devices(err), "dev", err) < 0 ||
	    add(trees, tmpfs_terminals(build->uid_user, err), "dev/pts", err) <
		    0 ||
	    add(trees, memory(build, "1777", MOUNT_ATTR_NOEXEC, err), "dev/shm",
		err) < 0 ||
	    add(trees, memory(build, "1777", 0, err), "tmp", err) < 0 ||
	    add(trees, desk(trees, err), "run/sekisho", err) < 0 ||
	    add_datasets(trees, build, err) < 0 ||
	    add_workspace(trees, build, err) < 0)
		return -1;
	return 0;
}

int trees_map(const struct trees *trees, int user_namespace, struct err *err)
{
	struct mount_attr attr = {
		.attr_set = MOUNT_ATTR_IDMAP,
		.userns_fd = (uint64_t)(unsigned int)user_namespace,
	};

	for (unsigned int i = 0; i < trees->n; i++)
		if (trees->list[i].mapped &&
		    mount_setattr(trees->list[i].mount, "", AT_EMPTY_PATH,
				  &attr, sizeof attr) < 0)
			return err_sys(err, "map the ids of /%s",
				       trees->list[i].at);
	return 0;
}
