/*
 * segment - names of segment files, and files of the log's folder opened
 * without following or sharing anything.
 */
#ifndef AUDIT_SEGMENT_H
#define AUDIT_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/base/err.h"

enum {
	SEGMENT_LEVEL = 16,
	SEGMENT_ENTRIES = 1 << SEGMENT_LEVEL,
	SEGMENT_NAME = 27 /* 20 digits, ".jsonl", NUL */
};

void segment_name(char out[static SEGMENT_NAME], uint64_t first);

/* The segments of seg/: a sorted list of first indexes, for the caller to
 * free. 0, or -1: unreadable, or a name that is no segment's. */
int segment_list(int seg, uint64_t **firsts, size_t *n, struct err *err);

/* Open a regular file with one name only. -1: see errno, err says why. */
int segment_open(int dir, const char *name, int flags, struct err *err);

/* Open the folder name in dir, made first if it is not there. Or -1. */
int segment_folder(int dir, const char *name, struct err *err);

/* Write bytes to a new file, synced, and put it under name in dir, synced. */
int segment_replace(int dir, const char *name, const void *bytes, size_t len,
		    struct err *err);

/* All of a small file with a NUL behind it, into out. The length, -1 and err,
 * or -1 and errno ENOENT. */
long segment_read_small(int dir, const char *name, char *out, size_t size,
			struct err *err);

#endif
