#include "sandbox/image.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "gateway/base/own.h"

enum { TRIES = 64 };

/* The loop device keeps the open file, and with it the lock. */
static int lock(int file, struct err *err)
{
	if (flock(file, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno == EWOULDBLOCK)
		return err_set(err, "the image is already attached");
	return err_sys(err, "lock the image");
}

/* Between LOOP_CTL_GET_FREE and here another process may take the device:
 * EBUSY then, and the next try gets another number. */
static int configure(int control, int file, bool read_only,
		     char device[IMAGE_DEVICE_SIZE], struct err *err)
{
	struct loop_config config = {
		.fd = (unsigned int)file,
		.info.lo_flags = LO_FLAGS_AUTOCLEAR,
	};
	int number = ioctl(control, LOOP_CTL_GET_FREE);

	if (number < 0)
		return err_sys(err, "find a free loop device");
	if (read_only)
		config.info.lo_flags |= LO_FLAGS_READ_ONLY;
	snprintf(device, IMAGE_DEVICE_SIZE, "/dev/loop%d", number);

	AUTO_FD int loop =
		open(device, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);

	if (loop < 0)
		return err_sys(err, "open %s", device);
	if (ioctl(loop, LOOP_CONFIGURE, &config) < 0)
		return err_sys(err, "attach %s", device);
	return take_fd(&loop);
}

int image_attach(int file, bool read_only, char device[IMAGE_DEVICE_SIZE],
		 struct err *err)
{
	AUTO_FD int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);

	if (control < 0)
		return err_sys(err, "open /dev/loop-control");
	if (!read_only && lock(file, err) < 0)
		return -1;
	for (int i = 0; i < TRIES; i++) {
		int loop = configure(control, file, read_only, device, err);

		if (loop >= 0 || errno != EBUSY)
			return loop;
	}
	return -1;
}
