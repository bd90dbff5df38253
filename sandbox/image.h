/*
 * image - attach the file of a disk image to a loop device.
 *
 * Runs in the supervisor. The file carries an advisory lock while a device is
 * attached to it, so that two devices never sit over one image.
 */
#ifndef SANDBOX_IMAGE_H
#define SANDBOX_IMAGE_H

#include <stdbool.h>

#include "gateway/base/err.h"

enum { IMAGE_DEVICE_SIZE = 32 };

/*
 * Attach file (an open descriptor, for writing unless read_only) and write
 * the device's path to device. The device goes away by itself when the
 * returned descriptor is closed and nothing is mounted from it. Writable
 * images are locked: -1 if somebody else has the image attached.
 */
int image_attach(int file, bool read_only, char device[IMAGE_DEVICE_SIZE],
		 struct err *err);

#endif
