/*
 * sorting - sort records of one size, 8 to SORTING_RECORD bytes, as bytes.
 */
#ifndef POLICY_PREPARE_SORTING_H
#define POLICY_PREPARE_SORTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { SORTING_RECORD = 64 };

/* Eight bytes as a number that orders as they do. */
static inline uint64_t record_key(const uint8_t *record)
{
	uint64_t key;

	memcpy(&key, record, sizeof key);
	return __builtin_bswap64(key);
}

/* All records have eight bytes at least. */
static inline bool record_less(const uint8_t *a, const uint8_t *b, size_t size)
{
	uint64_t x = record_key(a), y = record_key(b);

	if (x != y)
		return x < y;
	return size == 16 ? record_key(a + 8) < record_key(b + 8)
			  : memcmp(a + 8, b + 8, size - 8) < 0;
}

/* Nearly all records have sixteen bytes: two moves and no call. */
static inline void record_copy(uint8_t *to, const uint8_t *from, size_t size)
{
	if (size == 16)
		memcpy(to, from, 16);
	else
		memcpy(to, from, size);
}

/* Sort n records; other: room for as many. */
void sort_records(uint8_t *records, size_t n, size_t size, uint8_t *other);

#endif
