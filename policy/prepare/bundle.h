/*
 * bundle - the folder that a preparation makes, whole or not at all.
 *
 * Files have no name until all of them are written (O_TMPFILE); then they are
 * linked into a folder of a temporary name, which is synced and renamed. A
 * process that is killed before that leaves nothing behind.
 */
#ifndef POLICY_PREPARE_BUNDLE_H
#define POLICY_PREPARE_BUNDLE_H

#include "policy/prepare/disk.h"
#include "policy/prepare/fault.h"

enum { BUNDLE_FILES = 256, BUNDLE_PATH = 200 };

struct bundle_file {
	char path[BUNDLE_PATH]; /* below the bundle: "data/claims.csv" */
	int fd;
	char hash[HASH_HEX];
	uint64_t bytes;
};

struct bundle {
	int parent; /* folder in which the bundle appears; also for scratch */
	char name[256], temporary[300];
	uint32_t nfiles;
	struct bundle_file files[BUNDLE_FILES];
};

/* Begin a bundle that will be at path, where nothing may be yet; what one that
 * was killed left beside it is removed. The caller calls bundle_clear in any
 * case. */
int bundle_begin(struct bundle *bundle, const char *path, struct fault *fault);
void bundle_clear(struct bundle *bundle);

/* A new empty file of the bundle, open to read and write; its descriptor
 * stays the bundle's. Or -1. */
int bundle_create(struct bundle *bundle, const char *path, struct fault *fault);
/* The same, written at once. */
int bundle_put(struct bundle *bundle, const char *path, const void *bytes,
	       size_t len, struct fault *fault);
/* A file without a name that nobody else sees, for scratch; the caller's. */
int bundle_scratch(const struct bundle *bundle, struct fault *fault);

/* All files are written: read them again, sort them by path, note length and
 * SHA-256 of each. */
int bundle_hash(struct bundle *bundle, struct fault *fault);
/* Give them their names, 0444 in folders of 0755, durably. */
int bundle_finish(struct bundle *bundle, struct fault *fault);
/* Take a finished bundle away again. */
void bundle_undo(const struct bundle *bundle);

#endif
