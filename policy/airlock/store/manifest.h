/*
 * manifest - the files that a dataset's manifest.json lists. Pure.
 *
 * sekisho-prepare writes it: canonical JSON, one line, with
 * "files":[{"bytes":N,"path":"data/x.csv","sha256":"<hex>"},…] in it, in the
 * order of their paths. Its SHA-256 was compared with the policy's before it
 * is read here; it is read strictly all the same.
 */
#ifndef POLICY_AIRLOCK_STORE_MANIFEST_H
#define POLICY_AIRLOCK_STORE_MANIFEST_H

#include "gateway/base/err.h"
#include "policy/airlock/store/names.h"

enum { MANIFEST_MAX = 1 << 20, MANIFEST_DEPTH = 8 };

struct manifest_file {
	const char *path; /* in the manifest's bytes, with a NUL */
	uint64_t bytes;
	uint8_t hash[NAMES_HASH];
	bool seen; /* the caller's */
};

struct manifest {
	char *bytes; /* owned */
	size_t nfiles, room;
	struct manifest_file *files; /* paths ascending */
};

/* Read bytes, len <= MANIFEST_MAX, which is then the manifest's, to be freed
 * with manifest_clear() in any case; bytes[len] can be written. 0 or -1. */
int manifest_read(struct manifest *manifest, char *bytes, size_t len,
		  struct err *err);
void manifest_clear(struct manifest *manifest);

/* The file of that path, or NULL. */
struct manifest_file *manifest_find(const struct manifest *manifest,
				    const char *path);

#endif
