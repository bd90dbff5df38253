/*
 * interned - each text once, with a number.
 *
 * A hash table of byte strings; the number of the first is 0. The hash is
 * keyed by the process, so that nobody can prepare collisions.
 */
#ifndef POLICY_PREPARE_INTERNED_H
#define POLICY_PREPARE_INTERNED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

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
/* The order of the first texts of two, as memcmp has it. */
int interned_order(const struct interned *a, const struct interned *b);
/* A text by its number. */
const char *interned_text(const struct interned *all, uint32_t number);

/* Up to eight bytes as a number: the first eight, or all of them. Together
 * with the length, below eight, it says which they are. */
static inline uint64_t load_short(const uint8_t *at, size_t len)
{
	uint32_t first, last;
	uint64_t word;

	if (len >= 8) {
		memcpy(&word, at, 8);
		return word;
	}
	if (len >= 4) { /* two halves that overlap */
		memcpy(&first, at, 4);
		memcpy(&last, at + len - 4, 4);
		return (uint64_t)first << 32 | last;
	}
	if (len == 0)
		return 0;
	return (uint64_t)at[0] << 16 | (uint64_t)at[len / 2] << 8 | at[len - 1];
}

/* Are these len bytes the same? Most are few. */
static inline bool is_same(const void *a, const void *b, size_t len)
{
	const uint8_t *x = a, *y = b;

	if (len > 16)
		return memcmp(a, b, len) == 0;
	return load_short(x, len) == load_short(y, len) &&
	       (len <= 8 ||
		load_short(x + len - 8, 8) == load_short(y + len - 8, 8));
}

/* A keyed hash of bytes, for tables and for counting different things: not
 * for anything that another may choose or that must stay the same. */
uint64_t quick_hash(const void *bytes, size_t len);

#endif
