/*
 * trees - the file systems of one sandbox, made ready before it exists.
 *
 * Each is a detached mount: read-only, nosuid, nodev, noexec as it should be
 * before anybody can see it. Made by sekisho-box as root of the host; the
 * sandbox's first process puts them in place.
 */
#ifndef SANDBOX_TREES_H
#define SANDBOX_TREES_H

#include "sandbox/build.h"

struct tree {
	int mount;	    /* detached; owned */
	bool mapped;	    /* ids on disk are those inside the sandbox */
	char at[TREE_PATH]; /* relative to the sandbox's root; "": the root */
};

struct trees {
	unsigned int n;
	struct tree list[TREES]; /* in the order in which they are put */
	int desk;		 /* listener at /run/sekisho/desk; owned */
};

/* Make all but those that need the sandbox's namespaces. 0 or -1. */
int trees_prepare(struct trees *trees, const struct build *build,
		  struct err *err);

/* Map the ids of the workspace's trees through this user namespace. */
int trees_map(const struct trees *trees, int user_namespace, struct err *err);

/*
 * In the sandbox's first process: put every tree in place, mount its proc,
 * make it the root and let go of the host's. 0, or -1: the caller must exit.
 */
int trees_enter(const struct trees *trees, struct err *err);

#endif
