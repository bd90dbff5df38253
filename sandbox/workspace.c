#include "sandbox/workspace.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "gateway/base/plan.h"
#include "sandbox/beneath.h"
#include "sandbox/clone.h"
#include "sandbox/image.h"

enum { IMAGE_FD = 3 };

/* The child of mke2fs: the image as descriptor 3 and nothing else. */
_Noreturn static void run_mke2fs(int image, uint64_t inodes)
{
	char count[24];
	const char *const extended = "root_owner=0:0,nodiscard,"
				     "lazy_itable_init=1,lazy_journal_init=1";
	const char *const argv[] = {
		"mke2fs", "-q", "-F",	  "-t",
		"ext4",	  "-m", "0",	  "-b",
		"4096",	  "-I", "256",	  "-N",
		count,	  "-E", extended, "/proc/self/fd/3",
		NULL,
	};
	const char *const environment[] = { "LC_ALL=C", NULL };
	int null = open("/dev/null", O_RDWR);
	sigset_t none;

	snprintf(count, sizeof count, "%" PRIu64, inodes);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 ||
	    dup2(null, STDOUT_FILENO) < 0 || dup2(image, IMAGE_FD) < 0 ||
	    close_range(IMAGE_FD + 1, ~0U, 0) < 0)
		_exit(126);
	if (image == IMAGE_FD)
		fcntl(IMAGE_FD, F_SETFD, 0);
	execve("/sbin/mke2fs", (char *const *)(uintptr_t)argv,
	       (char *const *)(uintptr_t)environment);
	_exit(127);
}

static int format(int image, uint64_t inodes, struct err *err)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		return err_sys(err, "fork");
	if (pid == 0)
		run_mke2fs(image, inodes);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_sys(err, "wait for mke2fs");
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return err_set(err, "mke2fs failed (status %d)", status);
	return 0;
}

/* Space is taken last: formatting leaves holes, and all of it must be there
 * before a researcher relies on it. */
static int fill(int image, uint64_t bytes, uint64_t inodes, struct err *err)
{
	off_t size = (off_t)(bytes & ~UINT64_C(4095));

	if (ftruncate(image, size) < 0)
		return err_sys(err, "size the image");
	if (format(image, inodes, err) < 0)
		return -1;
	if (fallocate(image, 0, 0, size) < 0)
		return err_sys(err, "reserve %" PRIu64 " bytes", bytes);
	if (fsync(image) < 0)
		return err_sys(err, "sync the image");
	return 0;
}

static int make(int dir, const char *name, uint64_t bytes, uint64_t inodes,
		struct err *err)
{
	char temporary[ID_SIZE + 16];

	/* A name that id_valid() refuses, so that it is nobody's image. */
	snprintf(temporary, sizeof temporary, ".new-%s", name);
	unlinkat(dir, temporary, 0);

	AUTO_FD int image = openat(
		dir, temporary,
		O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (image < 0)
		return err_sys(err, "make %s", temporary);
	if (fill(image, bytes, inodes, err) < 0) {
		unlinkat(dir, temporary, 0);
		return -1;
	}
	if (renameat(dir, temporary, dir, name) < 0)
		return err_sys(err, "name the image %s", name);
	return take_fd(&image);
}

static int open_image(int dir, const char *permit, uint64_t bytes,
		      uint64_t inodes, struct err *err)
{
	char name[ID_SIZE + 8];
	struct stat st;

	if (!id_valid(permit))
		return err_set(err, "not a permit's name");
	snprintf(name, sizeof name, "%s.img", permit);
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		if (errno != ENOENT)
			return err_sys(err, "look for %s", name);
		return make(dir, name, bytes, inodes, err);
	}
	if (!S_ISREG(st.st_mode))
		return err_set(err, "%s is not a file", name);
	return beneath_open(dir, name, O_RDWR, err);
}

static int make_folders(const char *at, struct err *err)
{
	AUTO_FD int root = open(at, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (root < 0)
		return err_sys(err, "open %s", at);

	AUTO_FD int shared =
		beneath_folder(root, "shared", WORKSPACE_UID, 0755, err);
	AUTO_FD int home = beneath_folder(root, "home", 0, 0755, err);
	AUTO_FD int out = beneath_folder(root, "out", 0, 0755, err);
	AUTO_FD int empty = beneath_folder(root, "empty", 0, 0555, err);

	return shared < 0 || home < 0 || out < 0 || empty < 0 ? -1 : 0;
}

int workspace_mount(int images_dir, const char *permit, uint64_t bytes,
		    uint64_t inodes, const char *at, struct err *err)
{
	char device[IMAGE_DEVICE_SIZE];
	AUTO_FD int image = open_image(images_dir, permit, bytes, inodes, err);
	AUTO_FD int loop =
		image < 0 ? -1 : image_attach(image, false, device, err);

	if (loop < 0)
		return err_within(err, "workspace of %s", permit);
	if (mount(device, at, "ext4", MS_NOSUID | MS_NODEV,
		  "errors=remount-ro") < 0)
		return err_sys(err, "workspace of %s: mount at %s", permit, at);
	if (make_folders(at, err) < 0) {
		umount2(at, MNT_DETACH);
		return err_within(err, "workspace of %s", permit);
	}
	return 0;
}

int workspace_person(const char *at, const char *actor, struct err *err)
{
	AUTO_FD int root = open(at, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (!id_valid(actor))
		return err_set(err, "not an actor's name");
	if (root < 0)
		return err_sys(err, "open %s", at);

	AUTO_FD int homes =
		beneath_open(root, "home", O_PATH | O_DIRECTORY, err);
	AUTO_FD int outs = beneath_open(root, "out", O_PATH | O_DIRECTORY, err);

	if (homes < 0 || outs < 0)
		return -1;

	AUTO_FD int home =
		beneath_folder(homes, actor, WORKSPACE_UID, 0700, err);
	AUTO_FD int out = beneath_folder(outs, actor, WORKSPACE_UID, 0700, err);

	return home < 0 || out < 0 ? -1 : 0;
}

int workspace_out(const char *at, const char *actor, int ids, struct err *err)
{
	const uint64_t attributes = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID |
				    MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC |
				    MOUNT_ATTR_NOSYMFOLLOW;
	AUTO_FD int root = open(at, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (!id_valid(actor))
		return err_set(err, "not an actor's name");
	if (root < 0)
		return err_sys(err, "open %s", at);

	AUTO_FD int outs = beneath_open(root, "out", O_PATH | O_DIRECTORY, err);
	AUTO_FD int out =
		outs < 0 ? -1
			 : beneath_open(outs, actor, O_PATH | O_DIRECTORY, err);

	return out < 0 ? -1 : clone_folder(out, attributes, ids, err);
}

int workspace_unmount(const char *at, struct err *err)
{
	if (umount2(at, UMOUNT_NOFOLLOW) < 0)
		return err_sys(err, "unmount %s", at);
	return 0;
}
