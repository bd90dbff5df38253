/*
 * beneath - open a path inside a folder and never leave it.
 *
 * For every path that the privileged side opens in a tree that others wrote:
 * no symbolic link is followed, "..", "/" and magic links lead nowhere.
 */
#ifndef SANDBOX_BENEATH_H
#define SANDBOX_BENEATH_H

#include "gateway/base/err.h"

/* Open path in folder, close-on-exec; flags and mode as for open(). The
 * descriptor is the caller's; or -1. */
int beneath_open(int folder, const char *path, int flags, struct err *err);

/* The same, but what is mounted in folder, on the path, is an error. */
int beneath_open_here(int folder, const char *path, int flags, struct err *err);

/* Make the folder name in parent if it is missing and give it to uid with
 * this mode. O_PATH descriptor of it, the caller's; or -1. */
int beneath_folder(int parent, const char *name, unsigned int uid,
		   unsigned int mode, struct err *err);

#endif
