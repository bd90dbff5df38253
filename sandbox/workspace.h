/*
 * workspace - the permit's own disk: an ext4 image of fixed size.
 *
 * Runs in the supervisor. What is inside was written by researchers, so
 * nothing in it is opened but the folders that this file makes, and those
 * without following links.
 *
 *	shared          /workspace of every member
 *	home/ACTOR      /home/researcher of one person
 *	out/ACTOR       /out of one person
 *	empty           second layer of the read-only datasets
 *
 * On disk the owner is always uid 1000; a session's mount maps it to the uid
 * of its lease.
 */
#ifndef SANDBOX_WORKSPACE_H
#define SANDBOX_WORKSPACE_H

#include <stdint.h>

#include "gateway/base/err.h"

enum { WORKSPACE_UID = 1000 };

/*
 * Mount images_dir/PERMIT.img at the folder at, nosuid and nodev; made first,
 * with these sizes, if it is missing. The caller has a mount namespace of its
 * own. 0, or -1: also when the image is attached elsewhere.
 */
int workspace_mount(int images_dir, const char *permit, uint64_t bytes,
		    uint64_t inodes, const char *at, struct err *err);

/* Make the folders of one person where the workspace is mounted. */
int workspace_person(const char *at, const char *actor, struct err *err);

/*
 * The out folder of one person as a detached copy of the mount, read-only and
 * with nothing in it that could be run, followed as a link or used as a
 * device; ids as for clone_folder(). Descriptor, the caller's; or -1.
 */
int workspace_out(const char *at, const char *actor, int ids, struct err *err);

/* 0, or -1 if it is still in use. */
int workspace_unmount(const char *at, struct err *err);

#endif
