#include "sandbox/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "gateway/base/own.h"

static int open_there(int folder, const char *path, int flags, uint64_t also)
{
	struct open_how how = {
		.flags = (uint64_t)(unsigned int)(flags | O_CLOEXEC),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
			   RESOLVE_NO_MAGICLINKS | also,
	};

	return (int)syscall(SYS_openat2, folder, path, &how, sizeof how);
}

int beneath_open(int folder, const char *path, int flags, struct err *err)
{
	int fd = open_there(folder, path, flags, 0);

	return fd < 0 ? err_sys(err, "open '%s'", path) : fd;
}

int beneath_open_here(int folder, const char *path, int flags, struct err *err)
{
	int fd = open_there(folder, path, flags, RESOLVE_NO_XDEV);

	if (fd < 0 && errno == EXDEV)
		return err_set(err, "'%s': something is mounted there", path);
	return fd < 0 ? err_sys(err, "open '%s'", path) : fd;
}

int beneath_folder(int parent, const char *name, unsigned int uid,
		   unsigned int mode, struct err *err)
{
	if (mkdirat(parent, name, 0700) < 0 && errno != EEXIST)
		return err_sys(err, "make the folder '%s'", name);

	AUTO_FD int fd = beneath_open(parent, name,
				      O_RDONLY | O_DIRECTORY | O_NOFOLLOW, err);

	if (fd < 0)
		return -1;
	if (fchown(fd, uid, uid) < 0 || fchmod(fd, mode) < 0)
		return err_sys(err, "set up the folder '%s'", name);
	return take_fd(&fd);
}
