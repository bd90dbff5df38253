/*
 * clone - a folder as a mount of its own that hangs nowhere.
 *
 * Whoever holds a detached copy sees the folder and what is beneath it; ".."
 * at its top leads nowhere, and it lasts as long as something of it is open.
 */
#ifndef SANDBOX_CLONE_H
#define SANDBOX_CLONE_H

#include <stdint.h>

#include "gateway/base/err.h"

/*
 * A detached copy of the mount that folder is on, from folder down, with
 * these MOUNT_ATTR_* added. ids: -1, or a user namespace of clone_ids().
 * Descriptor, the caller's; or -1.
 */
int clone_folder(int folder, uint64_t attributes, int ids, struct err *err);

/*
 * A user namespace with one id on each side: what belongs to on_disk (uid and
 * gid) appears as shown's in a copy made with it, everything else as
 * nobody's. No process is in it. Descriptor, the caller's; or -1.
 */
int clone_ids(uint32_t on_disk, uint32_t shown, struct err *err);

#endif
