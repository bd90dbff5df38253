#include "sandbox/toolset.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "gateway/base/plan.h"
#include "sandbox/beneath.h"
#include "sandbox/image.h"

/* A detached mount of an EROFS image. errno ENOTBLK: the source is a file and
 * this kernel wants a block device. */
static int mount_image(const char *source, struct err *err)
{
	AUTO_FD int fs = fsopen("erofs", FSOPEN_CLOEXEC);

	if (fs < 0)
		return err_sys(err, "the kernel has no erofs");
	if (fsconfig(fs, FSCONFIG_SET_STRING, "source", source, 0) < 0 ||
	    fsconfig(fs, FSCONFIG_SET_FLAG, "ro", NULL, 0) < 0 ||
	    fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return err_sys(err, "mount the image");

	int tree = fsmount(fs, FSMOUNT_CLOEXEC,
			   MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID |
				   MOUNT_ATTR_NODEV);

	if (tree < 0)
		return err_sys(err, "mount the image");
	return tree;
}

static int mount_loop(int file, struct err *err)
{
	char device[IMAGE_DEVICE_SIZE];
	AUTO_FD int loop = image_attach(file, true, device, err);

	if (loop < 0)
		return -1;
	return mount_image(device, err);
}

int toolset_mount(int toolsets_dir, const char *name, const char *at,
		  struct err *err)
{
	char file_name[ID_SIZE + 8], path[40];

	if (!id_valid(name))
		return err_set(err, "not a toolset's name");
	snprintf(file_name, sizeof file_name, "%s.erofs", name);

	AUTO_FD int file = beneath_open(toolsets_dir, file_name, O_RDONLY, err);

	if (file < 0)
		return err_within(err, "toolset %s", name);
	snprintf(path, sizeof path, "/proc/self/fd/%d", file);

	AUTO_FD int direct = mount_image(path, err);
	AUTO_FD int tree =
		direct >= 0 ? take_fd(&direct) : mount_loop(file, err);

	if (tree < 0)
		return err_within(err, "toolset %s", name);
	if (move_mount(tree, "", AT_FDCWD, at, MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return err_sys(err, "toolset %s: mount at %s", name, at);
	return 0;
}
