/*
 * pseudonyms - is this one of the persons of the permit's datasets?
 *
 * Indexes are files that the preparation made: sorted, unique 16-byte values.
 * As text a pseudonym is 26 characters of lower-case Crockford base32: 128
 * bits and two zero bits; or fewer, see pseudonyms_have().
 */
#ifndef POLICY_AIRLOCK_COMPARE_PSEUDONYMS_H
#define POLICY_AIRLOCK_COMPARE_PSEUDONYMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/base/err.h"

enum {
	PSEUDONYM_BYTES = 16,
	PSEUDONYM_CHARS = 26,
	PSEUDONYM_LEAST = 16, /* characters of one that was cut */
	PREFIX_CHARS = 12,    /* 60 bits */
	PSEUDONYMS_INDEXES = 14,
	SIEVE_BITS = 28,
};

struct pseudonyms {
	size_t n;
	struct {
		const uint8_t *values;
		size_t count;
	} index[PSEUDONYMS_INDEXES];
	uint64_t asked;
	bool sieved;
	/* One bit for each beginning of SIEVE_BITS bits that occurs */
	uint64_t sieve[1u << (SIEVE_BITS - 6)];
};

/* No index yet. The storage is zero at first. */
void pseudonyms_init(struct pseudonyms *p);

/* Add an index that is in memory. 0, or -1 and err: not such a file. */
int pseudonyms_add(struct pseudonyms *p, const uint8_t *values, size_t bytes,
		   struct err *err);

/* Map an index file and add it; fd stays the caller's. 0 or -1. */
int pseudonyms_map(struct pseudonyms *p, int fd, struct err *err);

/* The five bits of a base32 character, either case; 32 for others. */
uint8_t pseudonym_digit(uint8_t character);

/*
 * May a pseudonym begin with these 60 bits? A quick no; a yes is a reason to
 * ask pseudonyms_begin(). Without a sieve always yes.
 */
static inline bool pseudonyms_may_begin(const struct pseudonyms *p,
					uint64_t prefix)
{
	uint64_t at = prefix >> (5 * PREFIX_CHARS - SIEVE_BITS);

	return !p->sieved || (p->sieve[at >> 6] >> (at & 63) & 1) != 0;
}

/* Does a pseudonym begin with these 60 bits? */
bool pseudonyms_begin(struct pseudonyms *p, uint64_t prefix);

/*
 * Is one of them at the beginning of these n digits (12 to 26)? A site may cut
 * pseudonyms to no fewer than 16 characters; what is cut off is zero bits.
 */
bool pseudonyms_have(const struct pseudonyms *p, const uint8_t *digits,
		     size_t n);

/* Is one of them these 16 bytes? */
bool pseudonyms_hold(struct pseudonyms *p, const uint8_t *value);

#endif
