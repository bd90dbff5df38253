/*
 * csv_marks - which bytes of a table mean something: separators, quotes, CR
 * and LF.
 */
#ifndef POLICY_PREPARE_CSV_MARKS_H
#define POLICY_PREPARE_CSV_MARKS_H

#include <stddef.h>
#include <stdint.h>

enum { CSV_MARKS = 64 }; /* words that are looked at in one go: 4 KiB */

/* One bit for each of 64 * words bytes, the first in the lowest bit of the
 * first word. All of these bytes are read. */
void csv_marks(const char *bytes, size_t words, char separator, uint64_t *out);

/* The same without what only some processors have. */
void csv_marks_plain(const char *bytes, size_t words, char separator,
		     uint64_t *out);

#endif
