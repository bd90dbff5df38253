/*
 * mounts - images that several sessions share, mounted once in the
 * supervisor's own mount namespace, so that they vanish with it.
 */
#ifndef GATEWAY_SUPERVISOR_MOUNTS_H
#define GATEWAY_SUPERVISOR_MOUNTS_H

#include "gateway/supervisor/gateway.h"
#include "sandbox/workspace.h"

/*
 * O_PATH descriptor of the toolset's root, mounted if it is not. Or -1. sha256
 * is what NAME.erofs.sha256 said of the image when it was mounted; "" if
 * there was no such file.
 */
int mounts_toolset(struct gateway *gateway, const char *name,
		   char sha256[HASH_TEXT_SIZE], struct err *err);

/* O_PATH descriptor of the copy of the client that sandboxes see. Or -1. */
int mounts_client(struct gateway *gateway, struct err *err);

/* O_PATH descriptor of the workspace of the plan's permit, with the folders
 * of the plan's person in it. Of workspace the key is the caller's, the
 * rest is filled in. Each call needs a mounts_release(). Or -1. */
int mounts_workspace(struct gateway *gateway, const struct plan *plan,
		     struct workspace *workspace, struct err *err);

/* The plan's /out as a detached copy: read-only, in the ids of clone_ids().
 * The workspace is mounted and stays busy while the copy is open. Or -1. */
int mounts_out(struct gateway *gateway, const struct plan *plan, int ids,
	       struct err *err);

/* A session no longer uses the permit's workspace; the last one unmounts. */
void mounts_release(struct gateway *gateway, const char *permit);

#endif
