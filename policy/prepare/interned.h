/*
 * interned - each text once, with a number.
 *
 * A hash table of byte strings; the number of the first is 0. The hash is
 * keyed by the process, so that nobody can prepare collisions.
 */
#ifndef POLICY_PREPARE_INTERNED_H
#define POLICY_PREPARE_INTERNED_H

#include <stddef.h>
#include <stdint.h>

struct interned {
	uint32_t count, size; /* size: slots, a power of two */
	uint32_t *slots;      /* number + 1; 0: free */
	uint64_t *hashes;     /* by number, as are the next two */
	uint32_t *lengths;
	size_t *offsets;
	char *bytes;
	size_t used, room;
};

enum { INTERNED_NONE = -1 };

void interned_clear(struct interned *all);
/* The number of a text, or INTERNED_NONE. */
long interned_find(const struct interned *all, const char *at, size_t len);
/* The same; adds it if it is not there. */
uint32_t interned_add(struct interned *all, const char *at, size_t len);
/* A text by its number. */
const char *interned_text(const struct interned *all, uint32_t number);

/* A keyed hash of bytes, for tables and for counting different things: not
 * for anything that another may choose or that must stay the same. */
uint64_t quick_hash(const void *bytes, size_t len);

#endif
