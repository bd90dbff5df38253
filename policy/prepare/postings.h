/*
 * postings - for each column of an extract, which rows have which value.
 *
 * For the airlock: a row of an output that matches exactly one record on
 * several columns is found by intersecting the rows of its rarest values. The
 * file is made once and then read by page; never shown to researchers.
 *
 * Little-endian. For each column the rows of all its values, u32 each, value
 * after value in the order of their hashes and ascending within; then for each
 * value {u64 hash, u64 number of the first of its rows}. At the end for each
 * column {u64 where its rows begin, u64 how many, u64 where its values begin,
 * u64 how many}, u64 columns, u64 rows of the table, 8 bytes "SKPOST01".
 * The first row of a table is 0. Values that are nothing are left out.
 *
 * The hash is FNV-1a of 64 bits over the value, finished by MurmurHash3's
 * 64-bit mixer; of a number, over its plain form: no plus, no zeros that say
 * nothing (7.0 and 07 are 7). A hit is to be looked at in the table itself.
 */
#ifndef POLICY_PREPARE_POSTINGS_H
#define POLICY_PREPARE_POSTINGS_H

#include "policy/prepare/extract.h"

enum { POSTINGS_VALUE = 64 }; /* bytes of a plain number */

/* Write the postings of an extract, which is read again, to fd: a file of the
 * bundle. scratch files are the bundle's. */
int postings_make(const struct extract *extract, struct bundle *bundle, int fd,
		  struct fault *fault);

/* An open file of postings. */
struct postings {
	int fd;
	uint64_t columns, rows, size;
};

/* Open one; fd stays the caller's. 0, or -1: it is none. */
int postings_open(struct postings *postings, int fd, struct fault *fault);

/* The rows of a value in a column (from 0): how many there are; of these, at
 * most `most` go to rows. -1: it cannot be read. */
int64_t postings_find(const struct postings *postings, uint32_t column,
		      const char *value, size_t len, uint32_t *rows,
		      size_t most, struct fault *fault);

/* The hash of a value as it stands in postings. */
uint64_t postings_hash(const char *value, size_t len);

#endif
