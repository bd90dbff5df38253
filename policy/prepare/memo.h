/*
 * memo - what the steps of a column made of short values met lately.
 *
 * Codes, dates and measurements come again and again; most steps depend on the
 * value alone. A worker keeps the last results in a table of its own, one slot
 * for each hash, the newer value in place of the older.
 */
#ifndef POLICY_PREPARE_MEMO_H
#define POLICY_PREPARE_MEMO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/prepare/interned.h"

enum {
	MEMO_VALUE = 16,  /* bytes of a value that is kept, at most */
	MEMO_RESULT = 40, /* and of what became of it */
	MEMO_SLOTS = 512, /* of one column, a power of two */
	MEMO_COLUMNS = 32 /* a worker has so many tables at most */
};

/* A value in two words: with its length they say all of it. */
struct memo_key {
	uint64_t low, high;
	uint32_t len;
};

/* A line of the cache. */
struct memo {
	uint64_t low, high;
	uint32_t number; /* the result's, kept by rare; 0: not known */
	uint8_t len;	 /* of the value, and 1; 0: the slot is free */
	uint8_t result_len;
	uint8_t labelled; /* how often a label was put */
	bool clean;	  /* the result needs no quotes */
	char result[MEMO_RESULT];
};

/* A value of 1 to MEMO_VALUE bytes as a key. */
static inline struct memo_key memo_key(const char *at, size_t len)
{
	const uint8_t *bytes = (const uint8_t *)at;

	return (struct memo_key){
		.low = load_short(bytes, len),
		.high = len > 8 ? load_short(bytes + len - 8, 8) : 0,
		.len = (uint32_t)len
	};
}

/* The slot of a column's table where the key is or would go. No secret:
 * whoever fills slots on purpose makes us slow, not wrong. */
static inline struct memo *memo_slot(struct memo *table,
				     const struct memo_key *key)
{
	uint64_t hash = (key->low ^ (key->high << 7 | key->high >> 57)) *
			UINT64_C(0x9e3779b97f4a7c15);

	return &table[(hash >> 40) % MEMO_SLOTS];
}

static inline bool memo_is(const struct memo *slot, const struct memo_key *key)
{
	return slot->low == key->low && slot->high == key->high &&
	       slot->len == key->len + 1;
}

/* Keep a result in the slot; false: it is too long, and the slot is free. */
bool memo_keep(struct memo *slot, const struct memo_key *key,
	       const char *result, size_t len);

#endif
