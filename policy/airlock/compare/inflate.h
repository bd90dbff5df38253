/*
 * inflate - what compressed bytes hold, as far as there is room.
 */
#ifndef POLICY_AIRLOCK_COMPARE_INFLATE_H
#define POLICY_AIRLOCK_COMPARE_INFLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that begin so may be gzip, zlib, or a file inside a zip. */
bool inflate_begins(const uint8_t *in, size_t len);

/* Decompress in to out; the bytes that came out, 0 if it is no such data; and
 * how many were taken in. */
size_t inflate_block(uint8_t *out, size_t size, const uint8_t *in, size_t len,
		     size_t *used);

#endif
