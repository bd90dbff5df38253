/*
 * program - a program of ours that sandboxes see: sekisho, the client.
 *
 * Runs in the supervisor, once. Sandboxes get a copy in memory, never the
 * host's file: its path would stand in their mountinfo, and a bug that writes
 * to cached pages of a read-only file would reach the host's.
 */
#ifndef SANDBOX_PROGRAM_H
#define SANDBOX_PROGRAM_H

#include "gateway/base/err.h"

#define PROGRAM_FILE "program"

/*
 * Mount a file system at the folder at that holds a copy of the program, open
 * for reading, as PROGRAM_FILE: read-only, nosuid, nodev. The caller has a
 * mount namespace of its own. 0 or -1.
 */
int program_mount(int program, const char *at, struct err *err);

#endif
