/*
 * types - which type a column of the database may have without changing how
 * any of its values prints.
 */
#ifndef POLICY_PREPARE_TYPES_H
#define POLICY_PREPARE_TYPES_H

#include <stddef.h>

/* Bits: what was seen in a column. */
enum seen { SEEN_TEXT = 1, SEEN_INTEGER = 2, SEEN_REAL = 4 };

/* A canonical integer is -?(0|[1-9][0-9]*) of at most 18 digits, but not -0; a
 * canonical decimal is one with a point and a fraction that ends in no zero
 * but its only digit, of at most 15 digits, and 0.0001 or more if it is less
 * than one: SQLite prints exactly these back as they were. All else is text. */
enum seen type_seen(const char *at, size_t len);

/* TEXT, INTEGER, REAL, or ANY where integers and decimals mix. */
const char *type_name(unsigned int seen);

#endif
