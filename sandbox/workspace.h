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
 * of its lease. The first three are encrypted where that is wanted and can be
 * (sandbox/fscrypt.h): decided when the image is made, and never changed.
 */
#ifndef SANDBOX_WORKSPACE_H
#define SANDBOX_WORKSPACE_H

#include <stdbool.h>
#include <stdint.h>

#include "gateway/base/plan.h"

enum { WORKSPACE_UID = 1000 };

/* What a workspace is to be, and what became of it. */
struct workspace {
	const char *permit;
	uint64_t bytes, inodes;
	enum encryption encryption;
	const uint8_t *key; /* FSCRYPT_KEY bytes, not kept; NULL: none */
	bool encrypted;	    /* it is */
	bool unfit;	    /* it cannot be used as the site wants it */
};

/* Is there an image of this permit? */
bool workspace_exists(int images_dir, const char *permit);

/*
 * Mount images_dir/PERMIT.img at the folder at, nosuid and nodev, and give the
 * kernel its key; made first, with these sizes, if it is missing. mounted: it
 * is there already, and only the key is given again. The caller has a mount
 * namespace of its own. 0, or -1: also when the image is attached elsewhere.
 */
int workspace_mount(int images_dir, struct workspace *workspace, bool mounted,
		    const char *at, struct err *err);

/* Make the folders of one person where the workspace is mounted. */
int workspace_person(const char *at, const char *actor, struct err *err);

/*
 * The out folder of one person as a detached copy of the mount, read-only and
 * with nothing in it that could be run, followed as a link or used as a
 * device; ids as for clone_folder(). Descriptor, the caller's; or -1.
 */
int workspace_out(const char *at, const char *actor, int ids, struct err *err);

/* The kernel forgets its key. 0, or -1 if it is still in use. */
int workspace_unmount(const char *at, struct err *err);

#endif
