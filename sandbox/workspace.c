#include "sandbox/workspace.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "gateway/base/plan.h"
#include "sandbox/beneath.h"
#include "sandbox/clone.h"
#include "sandbox/fscrypt.h"
#include "sandbox/image.h"

enum { IMAGE_FD = 3 };

/* Is what is made now to be encrypted? */
static bool wanted(const struct workspace *workspace)
{
	return workspace->key && workspace->encryption != ENCRYPTION_OFF;
}

/* The child of mke2fs: the image as descriptor 3 and nothing else. */
_Noreturn static void run_mke2fs(int image, const struct workspace *workspace)
{
	char count[24];
	const char *const extended = "root_owner=0:0,nodiscard,"
				     "lazy_itable_init=1,lazy_journal_init=1";
	const char *const argv[] = {
		"mke2fs",
		"-q",
		"-F",
		"-t",
		"ext4",
		"-m",
		"0",
		"-b",
		"4096",
		"-I",
		"256",
		"-O",
		wanted(workspace) ? "encrypt" : "^encrypt",
		"-N",
		count,
		"-E",
		extended,
		"/proc/self/fd/3",
		NULL,
	};
	const char *const environment[] = { "LC_ALL=C", NULL };
	int null = open("/dev/null", O_RDWR);
	sigset_t none;

	snprintf(count, sizeof count, "%" PRIu64, workspace->inodes);
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

static int format(int image, const struct workspace *workspace, struct err *err)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		return err_sys(err, "fork");
	if (pid == 0)
		run_mke2fs(image, workspace);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_sys(err, "wait for mke2fs");
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return err_set(err, "mke2fs failed (status %d)", status);
	return 0;
}

/* Space is taken last: formatting leaves holes, and all of it must be there
 * before a researcher relies on it. */
static int fill(int image, const struct workspace *workspace, struct err *err)
{
	off_t size = (off_t)(workspace->bytes & ~UINT64_C(4095));

	if (ftruncate(image, size) < 0)
		return err_sys(err, "size the image");
	if (format(image, workspace, err) < 0)
		return -1;
	if (fallocate(image, 0, 0, size) < 0)
		return err_sys(err, "reserve %" PRIu64 " bytes",
			       workspace->bytes);
	if (fsync(image) < 0)
		return err_sys(err, "sync the image");
	return 0;
}

static int make(int dir, const char *name, const struct workspace *workspace,
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
	if (fill(image, workspace, err) < 0) {
		unlinkat(dir, temporary, 0);
		return -1;
	}
	if (renameat(dir, temporary, dir, name) < 0)
		return err_sys(err, "name the image %s", name);
	return take_fd(&image);
}

static int image_name(const char *permit, char name[static ID_SIZE + 8],
		      struct err *err)
{
	if (!id_valid(permit))
		return err_set(err, "not a permit's name");
	snprintf(name, ID_SIZE + 8, "%s.img", permit);
	return 0;
}

bool workspace_exists(int images_dir, const char *permit)
{
	char name[ID_SIZE + 8];
	struct err err;

	return image_name(permit, name, &err) == 0 &&
	       faccessat(images_dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static int open_image(int dir, const struct workspace *workspace,
		      struct err *err)
{
	char name[ID_SIZE + 8];
	struct stat st;

	if (image_name(workspace->permit, name, err) < 0)
		return -1;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		if (errno != ENOENT)
			return err_sys(err, "look for %s", name);
		return make(dir, name, workspace, err);
	}
	if (!S_ISREG(st.st_mode))
		return err_set(err, "%s is not a file", name);
	return beneath_open(dir, name, O_RDWR, err);
}

/* Those whose content is the members', all encrypted or none. */
static const char *const members[] = { "shared", "home", "out" };

/* A folder that may be there; NULL id: not encrypted. */
static int make_member(int root, const char *name, const uint8_t *id,
		       struct err *err)
{
	AUTO_FD int fd = beneath_folder(
		root, name, name == members[0] ? WORKSPACE_UID : 0, 0755, err);

	if (fd < 0)
		return -1;
	return id ? fscrypt_begin(fd, id, err) : 0;
}

/* "empty" comes last: without it nothing of the others is in use yet. */
static int make_folders(int root, const uint8_t *id, struct err *err)
{
	if (faccessat(root, "empty", F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		if (make_member(root, members[i], id, err) < 0)
			return -1;
	AUTO_FD int empty = beneath_folder(root, "empty", 0, 0555, err);
	return empty < 0 ? -1 : 0;
}

/* 1: all are, by the key that the kernel calls id; 0: none is; -1. */
static int are_encrypted(int root, uint8_t id[static FSCRYPT_ID],
			 struct err *err)
{
	int count = 0;

	for (size_t i = 0; i < ARRAY_LEN(members); i++) {
		AUTO_FD int fd = beneath_open(root, members[i],
					      O_RDONLY | O_DIRECTORY, err);
		uint8_t first[FSCRYPT_ID];

		memcpy(first, id, FSCRYPT_ID);
		int is = fd < 0 ? -1 : fscrypt_is(fd, id, err);
		if (is < 0)
			return -1;
		if (count > 0 && is && memcmp(first, id, FSCRYPT_ID) != 0)
			return err_set(err, "its folders have several keys");
		count += is;
	}
	if (count != 0 && count != (int)ARRAY_LEN(members))
		return err_set(err, "some of its folders are not encrypted");
	return count > 0;
}

/* As the site wants it? Otherwise err says why not, in words for people. */
static int judge(struct workspace *workspace, int encrypted, bool opens,
		 struct err *err)
{
	workspace->encrypted = encrypted;
	workspace->unfit = true;
	if (encrypted && !opens)
		return err_set(err, "it is encrypted, and its key is gone");
	if (!encrypted && workspace->encryption == ENCRYPTION_REQUIRED)
		return err_set(err,
			       "the site requires encrypted workspaces, and %s",
			       workspace->key ? "this one cannot be"
					      : "this one has no key");
	workspace->unfit = false;
	return 0;
}

/* Give the kernel the key, make what is missing, and look whether it is as it
 * must be. */
static int unlock(struct workspace *workspace, const char *at, struct err *err)
{
	uint8_t ours[FSCRYPT_ID], theirs[FSCRYPT_ID] = { 0 };
	AUTO_FD int root = open(at, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (root < 0)
		return err_sys(err, "open %s", at);
	int added = workspace->key
			    ? fscrypt_add(root, workspace->key, ours, err)
			    : 0;
	if (added < 0)
		return -1;
	/* Nothing is written in clear where that must not be. */
	if (!added && workspace->encryption == ENCRYPTION_REQUIRED)
		return judge(workspace, 0, false, err);
	if (make_folders(root, added && wanted(workspace) ? ours : NULL, err) <
	    0)
		return -1;
	int encrypted = are_encrypted(root, theirs, err);
	if (encrypted < 0)
		return -1;
	return judge(workspace, encrypted,
		     added && memcmp(ours, theirs, sizeof ours) == 0, err);
}

static int attach(int images_dir, struct workspace *workspace, const char *at,
		  struct err *err)
{
	char device[IMAGE_DEVICE_SIZE];
	AUTO_FD int image = open_image(images_dir, workspace, err);
	AUTO_FD int loop =
		image < 0 ? -1 : image_attach(image, false, device, err);

	if (loop < 0)
		return -1;
	if (mount(device, at, "ext4", MS_NOSUID | MS_NODEV,
		  "errors=remount-ro") < 0)
		return err_sys(err, "mount at %s", at);
	return 0;
}

int workspace_mount(int images_dir, struct workspace *workspace, bool mounted,
		    const char *at, struct err *err)
{
	struct err ignored;

	if (!mounted && attach(images_dir, workspace, at, err) < 0)
		return err_within(err, "workspace of %s", workspace->permit);
	if (unlock(workspace, at, err) == 0)
		return 0;
	if (!mounted)
		workspace_unmount(at, &ignored);
	return err_within(err, "workspace of %s", workspace->permit);
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

/* Told apart from unmounting, which forgets keys too, because somebody may
 * still hold a copy of the mount. */
static void lock(const char *at)
{
	AUTO_FD int root = open(at, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	uint8_t id[FSCRYPT_ID] = { 0 };
	struct err err;

	if (root >= 0 && are_encrypted(root, id, &err) > 0 &&
	    fscrypt_remove(root, id, &err) < 0)
		note("%s: %s", at, err.text);
}

int workspace_unmount(const char *at, struct err *err)
{
	lock(at);
	if (umount2(at, UMOUNT_NOFOLLOW) < 0)
		return err_sys(err, "unmount %s", at);
	return 0;
}
