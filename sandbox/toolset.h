/*
 * toolset - the read-only system image that sandboxes see as their root.
 *
 * Runs in the supervisor, once per toolset. The image was built and hashed by
 * the operator; its content is not interpreted here but by the kernel.
 */
#ifndef SANDBOX_TOOLSET_H
#define SANDBOX_TOOLSET_H

#include "gateway/base/err.h"

/*
 * Mount NAME.erofs of the folder at the folder at: read-only, nosuid, nodev.
 * Straight from the file where the kernel can, else over a read-only loop
 * device. The caller has a mount namespace of its own. 0 or -1.
 */
int toolset_mount(int toolsets_dir, const char *name, const char *at,
		  struct err *err);

#endif
