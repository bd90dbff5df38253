/*
 * parsed - what sekisho-parse says of one file: a stream of items in a pipe.
 *
 * Each item is a kind (u8), a length (u32, little-endian) and so many bytes.
 * The writer has just read a hostile file and may have been taken over by it:
 * readers (sekisho-compare, a reviewer's desk) check every item and believe
 * nothing beyond its form. A stream that does not end with PARSED_END is a
 * parse that failed.
 */
#ifndef GATEWAY_BASE_PARSED_H
#define GATEWAY_BASE_PARSED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/base/err.h"

enum parsed_kind {
	PARSED_NONE = 0,
	PARSED_TYPE,  /* first: csv, tsv, text, json … as found by content */
	PARSED_BYTES, /* the next raw bytes of the file, in order */
	PARSED_LINE,  /* one line of a text, without its end */
	PARSED_ROW,   /* a row of a table begins: u32 line in the file */
	PARSED_CELL,  /* the next cell of that row */
	PARSED_FAULT, /* u32 row, u32 column, code of findings.def */
	PARSED_END,   /* last: u64 rows or lines */
	PARSED_KINDS
};

enum { PARSED_MAX = 65536 /* bytes of one item */ };

struct parsed_item {
	enum parsed_kind kind;
	size_t len;
	const uint8_t *bytes; /* valid until the next item */
	uint32_t row, column; /* ROW (line), FAULT */
	uint64_t total;	      /* END */
};

/* --- Writing (sekisho-parse) ---------------------------------------------- */

struct parsed_out {
	int pipe;
	size_t used;
	bool failed; /* nobody reads any more; what follows goes nowhere */
	uint8_t buffer[2 * PARSED_MAX];
};

/* TYPE, BYTES, LINE, CELL; longer than PARSED_MAX is cut. */
void parsed_put(struct parsed_out *out, enum parsed_kind kind,
		const void *bytes, size_t len);
void parsed_put_row(struct parsed_out *out, uint32_t line);
void parsed_put_fault(struct parsed_out *out, const char *code, uint32_t row,
		      uint32_t column);
/* The last item, and everything that is still buffered. 0 or -1. */
int parsed_put_end(struct parsed_out *out, uint64_t total);

/* --- Reading ---------------------------------------------------------------- */

struct parsed_in {
	int pipe;
	size_t start, end;
	bool over; /* END was read */
	uint8_t buffer[2 * PARSED_MAX];
};

/*
 * The next item, waiting at most milliseconds for it. 1: item is filled (END
 * too, once); 0: the stream is over, after END; -1 and err: malformed, broken
 * off, or silent.
 */
int parsed_next(struct parsed_in *in, struct parsed_item *item,
		int milliseconds, struct err *err);

#endif
