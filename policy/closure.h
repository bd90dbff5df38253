/*
 * closure - the bytes of a policy folder, and their hash.
 *
 * The closure is every file that gives a policy its meaning. Its hash is
 * SHA-256 over the files in byte order of their names, each as: name, NUL,
 * size as 8 bytes little-endian, bytes.
 */
#ifndef POLICY_CLOSURE_H
#define POLICY_CLOSURE_H

#include "policy/model.h"
#include "policy/problems.h"

/* The one file that is no YAML: a C2SP policy of who vouches for the log. */
#define CLOSURE_WITNESSES "witnesses"

enum { CLOSURE_FILES = 5000, CLOSURE_BYTES = 32 * 1024 * 1024 };

struct closure_file {
	char name[140]; /* "site.yaml", "people/taro.yaml" */
	uint8_t *bytes;
	size_t len;
};

struct closure {
	struct closure_file *files; /* sorted by name */
	size_t count, bytes;
};

/*
 * Read the folder. What cannot be read, or should not be there, is a problem;
 * the rest is read all the same. Files over 256 KiB are not read.
 */
void closure_read(struct closure *closure, int folder,
		  struct problems *problems);

/* Add a copy of one file, in its place. 0, or -1: too many or too large. */
int closure_add(struct closure *closure, const char *name, const uint8_t *bytes,
		size_t len);

struct hash closure_hash(const struct closure *closure);
void closure_clear(struct closure *closure);

#endif
