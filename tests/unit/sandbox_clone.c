/* links: sandbox gateway/base */
/*
 * Detached copies of folders, and what belongs to whom in them.
 */
#include "sandbox/clone.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/tap.h"

enum { ON_DISK = 1000, SHOWN = 64006 };

static int make_folder(const char *name, uid_t uid)
{
	char path[512];

	snprintf(path, sizeof path, "%s/%s", tap_folder(), name);
	CHECK(mkdir(path, 0700) == 0);
	CHECK(chown(path, uid, uid) == 0);
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(fd >= 0);
	return fd;
}

static void make_file(int folder, const char *name, uid_t uid)
{
	int fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL, 0600);

	CHECK(fd >= 0 && write(fd, "text", 4) == 4);
	CHECK(fchown(fd, uid, uid) == 0);
	close(fd);
}

TEST(read_only, "nothing can be written through a read-only copy")
{
	struct err err;
	int folder = make_folder("out", 0);
	int copy;

	make_file(folder, "a", 0);
	copy = clone_folder(folder, MOUNT_ATTR_RDONLY, -1, &err);
	CHECK(copy >= 0);
	CHECK(openat(copy, "a", O_WRONLY) < 0 && errno == EROFS);
	CHECK(openat(copy, "b", O_WRONLY | O_CREAT, 0600) < 0 &&
	      errno == EROFS);
	CHECK(openat(folder, "a", O_WRONLY) >= 0);
}

TEST(no_way_up, "what is above the folder cannot be reached from a copy")
{
	struct err err;
	struct stat top, above;
	int folder = make_folder("inner", 0);
	int copy = clone_folder(folder, MOUNT_ATTR_NOSUID, -1, &err);

	CHECK(copy >= 0);
	CHECK(fstat(copy, &top) == 0);
	CHECK(fstatat(copy, "../..", &above, 0) == 0);
	CHECK_INT(above.st_ino, top.st_ino);
}

TEST(no_links, "a link is not followed where the copy forbids it")
{
	struct err err;
	int folder = make_folder("links", 0);
	int copy = clone_folder(folder, MOUNT_ATTR_NOSYMFOLLOW, -1, &err);

	CHECK(copy >= 0);
	CHECK(symlinkat("/etc/passwd", folder, "l") == 0);
	CHECK(openat(copy, "l", O_RDONLY) < 0 && errno == ELOOP);
}

TEST(others, "a file of a third owner is nobody's in a mapped copy")
{
	struct err err;
	struct stat st;
	int folder = make_folder("out", ON_DISK);
	int ids = clone_ids(ON_DISK, SHOWN, &err);
	int copy;

	make_file(folder, "of_root", 0);
	CHECK(ids >= 0);
	copy = clone_folder(folder, MOUNT_ATTR_RDONLY, ids, &err);
	if (copy < 0)
		SKIP("this file system has no mapped mounts");
	CHECK(fstatat(copy, "of_root", &st, 0) == 0);
	CHECK_INT(st.st_uid, 65534);
}

TEST(mapped, "a person's files belong to the one whom the copy is made for")
{
	struct err err;
	struct stat st;
	int folder = make_folder("out", ON_DISK);
	int ids = clone_ids(ON_DISK, SHOWN, &err);
	int copy;

	make_file(folder, "a", ON_DISK);
	CHECK(ids >= 0);
	copy = clone_folder(folder, MOUNT_ATTR_RDONLY, ids, &err);
	if (copy < 0)
		SKIP("this file system has no mapped mounts");
	CHECK(fstatat(copy, "a", &st, 0) == 0);
	CHECK_INT(st.st_uid, SHOWN);
	CHECK_INT(st.st_gid, SHOWN);
	CHECK(fstatat(folder, "a", &st, 0) == 0);
	CHECK_INT(st.st_uid, ON_DISK);
	CHECK(setegid(SHOWN) == 0 && seteuid(SHOWN) == 0);
	CHECK(openat(copy, "a", O_RDONLY) >= 0);
	CHECK(openat(folder, "a", O_RDONLY) < 0 && errno == EACCES);
}

TEST(no_process, "no process is left behind in the namespace of the ids")
{
	struct err err;

	CHECK(clone_ids(ON_DISK, SHOWN, &err) >= 0);
	CHECK(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
}

TAP_MAIN
