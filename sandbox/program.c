#include "sandbox/program.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "sandbox/tmpfs.h"

enum { PAGE = 4096 };

static int copy(int program, off_t size, int tree, struct err *err)
{
	AUTO_FD int to = openat(tree, PROGRAM_FILE,
				O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);

	if (to < 0 || fchmod(to, 0755) < 0)
		return err_sys(err, "copy a program");
	for (off_t done = 0; done < size;)
		if (sendfile(to, program, &done, (size_t)(size - done)) <= 0)
			return err_sys(err, "copy a program");
	return 0;
}

int program_mount(int program, const char *at, struct err *err)
{
	struct stat st;

	if (fstat(program, &st) < 0 || !S_ISREG(st.st_mode))
		return err_set(err, "a program is not a file");

	struct tmpfs like = { (uint64_t)st.st_size + 2 * PAGE, 4, "755", 0 };
	AUTO_FD int tree =
		tmpfs_make(&like, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, err);

	if (tree < 0 || copy(program, st.st_size, tree, err) < 0 ||
	    tmpfs_seal(tree, MOUNT_ATTR_RDONLY, err) < 0)
		return -1;
	if (move_mount(tree, "", AT_FDCWD, at, MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return err_sys(err, "mount a program at %s", at);
	return 0;
}
