/*
 * tree - make and open the gateway's folders. Runs in the supervisor, before
 * any child; a folder with another owner than the table's is refused, not
 * mended.
 */
#include "gateway/supervisor/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "gateway/base/plan.h"

static const struct folder {
	bool in_run;
	const char *path;
	uint32_t uid, gid;
	mode_t mode;
} table[TREE_FOLDERS] = {
#define state false
#define run   true
#define FOLDER(id, below, path, uid, gid, mode)                                \
	[TREE_##id] = { below, path, uid, gid, mode },
#include "gateway/supervisor/tree.def"
#undef FOLDER
#undef state
#undef run
};

static int open_folder(int below, const struct folder *folder,
		       uint32_t uid_base, struct err *err)
{
	uid_t uid = folder->uid ? uid_base + folder->uid : 0;
	gid_t gid = folder->gid ? uid_base + folder->gid : 0;
	bool made = mkdirat(below, folder->path, 0700) == 0;
	struct stat info;

	if (!made && errno != EEXIST)
		return err_sys(err, "make folder %s", folder->path);
	AUTO_FD int fd =
		openat(below, folder->path,
		       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &info) < 0)
		return err_sys(err, "open folder %s", folder->path);
	if (made && (fchown(fd, uid, gid) < 0 || fchmod(fd, folder->mode) < 0))
		return err_sys(err, "hand over folder %s", folder->path);
	if (!made && (info.st_uid != uid || info.st_gid != gid))
		return err_set(err,
			       "folder %s belongs to %u:%u instead of %u:%u; "
			       "was it made with another --uid-base?",
			       folder->path, info.st_uid, info.st_gid, uid,
			       gid);
	return take_fd(&fd);
}

static int open_top(const char *path, bool make, struct err *err)
{
	if (make && mkdir(path, 0755) < 0 && errno != EEXIST)
		return err_sys(err, "make folder %s", path);
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(err, "open folder %s", path);
	return fd;
}

static int make_credential(int folder, struct err *err)
{
	unsigned char secret[32];
	AUTO_FD int fd = openat(folder, "credential.new",
				O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_sys(err, "make the site credential");
	if (getrandom(secret, sizeof secret, 0) != sizeof secret ||
	    write(fd, secret, sizeof secret) != sizeof secret ||
	    fsync(fd) < 0 ||
	    renameat(folder, "credential.new", folder, "credential") < 0 ||
	    fsync(folder) < 0)
		return err_sys(err, "make the site credential");
	explicit_bzero(secret, sizeof secret);
	return 0;
}

static int open_credential(int folder, struct err *err)
{
	if (faccessat(folder, "credential", F_OK, 0) < 0 && errno == ENOENT &&
	    make_credential(folder, err) < 0)
		return -1;
	int fd =
		openat(folder, "credential", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return err_sys(err, "open the site credential");
	return fd;
}

/* Anybody may connect; policy asks the kernel who it is and decides. */
static int open_control(const struct settings *settings, struct err *err)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int len = snprintf(name.sun_path, sizeof name.sun_path, "%s/ctl",
			   settings->run);

	if (len >= (int)sizeof name.sun_path)
		return err_set(err,
			       "--run %s: path longer than a socket "
			       "name may be",
			       settings->run);
	AUTO_FD int fd = socket(
		AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	unlink(name.sun_path);
	if (fd < 0 ||
	    bind(fd, (const struct sockaddr *)&name, sizeof name) < 0 ||
	    chmod(name.sun_path, 0666) < 0 || listen(fd, 16) < 0)
		return err_sys(err, "make the control socket %s",
			       name.sun_path);
	return take_fd(&fd);
}

int tree_open(struct tree *tree, const struct settings *settings,
	      struct err *err)
{
	AUTO_FD int state = open_top(settings->state, true, err);
	AUTO_FD int run = state < 0 ? -1 : open_top(settings->run, true, err);

	if (run < 0)
		return -1;
	for (int i = 0; i < TREE_FOLDERS; i++) {
		tree->folders[i] =
			open_folder(table[i].in_run ? run : state, &table[i],
				    settings->uid_base, err);
		if (tree->folders[i] < 0)
			return -1;
	}
	tree->config = open_top(settings->config, false, err);
	tree->credential = open_credential(tree->folders[TREE_SITE], err);
	tree->control = open_control(settings, err);
	return tree->config < 0 || tree->credential < 0 || tree->control < 0
		       ? -1
		       : 0;
}

/* Make, or find, one folder of a person's; the store owns it. */
static int open_owned(int below, const char *name, uint32_t uid, mode_t mode,
		      struct err *err)
{
	const struct folder folder = { false, name, uid, uid, mode };

	if (!id_valid(name))
		return err_set(err, "not a name for a folder");
	return open_folder(below, &folder, 0, err);
}

int tree_person(const struct tree *tree, enum tree_folder folder,
		const struct tree_person *person, mode_t mode, struct err *err)
{
	AUTO_FD int permit = open_owned(tree->folders[folder], person->permit,
					person->owner, 0750, err);

	if (permit < 0)
		return -1;
	return open_owned(permit, person->actor, person->owner, mode, err);
}

int tree_recording(const struct tree *tree, const char *permit,
		   const char *name, uint32_t uid, struct err *err)
{
	const struct folder folder = { false, permit, 0, 0, 0711 };
	AUTO_FD int below =
		id_valid(permit) ? open_folder(tree->folders[TREE_RECORDINGS],
					       &folder, 0, err)
				 : err_set(err, "not a permit's name");

	if (below < 0)
		return -1;
	if (mkdirat(below, name, 0700) < 0)
		return err_sys(err, "make the recording's folder");
	AUTO_FD int fd = openat(
		below, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fchown(fd, uid, uid) < 0)
		return err_sys(err, "hand over the recording's folder");
	return take_fd(&fd);
}

int tree_mountpoint(const struct tree *tree, const struct settings *settings,
		    const char *name, char *out, size_t size, struct err *err)
{
	if (snprintf(out, size, "%s/mnt/%s", settings->run, name) >= (int)size)
		return err_set(err, "--run %s: path too long", settings->run);
	if (mkdirat(tree->folders[TREE_MOUNTS], name, 0700) < 0 &&
	    errno != EEXIST)
		return err_sys(err, "make folder %s", out);
	return 0;
}
