/*
 * csv - records of RFC 4180, strictly: what is not in the form stops.
 *
 * A cursor walks over a block of whole records. Fields are views into the
 * block; a doubled quote is undone in place. Line ends are those of the
 * header, LF or CRLF; any other CR or LF outside quotes is a fault.
 */
#ifndef POLICY_PREPARE_CSV_H
#define POLICY_PREPARE_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/prepare/csv_marks.h"
#include "policy/prepare/fault.h"

enum {
	CSV_FIELD = 65535,	 /* bytes of one field */
	CSV_BLOCK = 1024 * 1024, /* bytes of one record, and of a block */
	CSV_SLACK = 64,		 /* bytes behind a block that may be read */
	CSV_COLUMNS = 1000
};

struct csv_field {
	char *at;
	uint32_t len;
	bool quoted;
};

struct csv {
	char *bytes; /* len bytes and CSV_SLACK more; the last is LF */
	size_t len, at;
	uint64_t line;	      /* of the source, where `at` stands */
	uint64_t record_line; /* where the last record began */
	char separator;
	bool crlf;
	size_t base; /* of the marks: the first byte that they describe */
	uint64_t marks[CSV_MARKS];
};

/* Begin at the first byte of a block. */
void csv_begin(struct csv *csv, char *bytes, size_t len, uint64_t line);

/*
 * The next record. Stores at most `most` fields and returns how many there
 * are, which may be more; 0: the block is over; -1: not in the form, with line
 * and column.
 */
long csv_record(struct csv *csv, struct csv_field *fields, uint32_t most,
		struct fault *fault);

/* Write a field to out, which has room for 2 * len + 2 bytes, quoted if it
 * must be. Returns the bytes. */
size_t csv_write(char *out, const char *at, size_t len);
/* Must this field be quoted? */
bool csv_must_quote(const char *at, size_t len);

/* Is this text well-formed, whole UTF-8 without NUL and U+FEFF? If not, the
 * code of what it is and where. */
enum fault_code csv_check_text(const char *bytes, size_t len, size_t *where);

#endif
