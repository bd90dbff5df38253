/*
 * table - strict cells of a delimited text, as RFC 4180 has them.
 *
 * Bytes in, ROW and CELL items out. A quote stands at a cell's ends or is
 * doubled inside quotes; every row has as many cells as the first.
 */
#ifndef POLICY_AIRLOCK_PARSE_TABLE_H
#define POLICY_AIRLOCK_PARSE_TABLE_H

#include "policy/airlock/parse/faults.h"

enum table_state {
	CELL_START = 0, /* nothing of this cell yet */
	CELL_PLAIN,
	CELL_QUOTED,
	CELL_QUOTE, /* a quote inside quotes: the end, or one of two */
};

struct table_parser {
	struct parsed_out *out;
	struct faults *faults;
	char separator;
	enum table_state state;
	bool in_row, carriage; /* a CR outside quotes; LF ends the row */
	uint32_t line, column, columns;
	uint64_t rows;
	size_t used;
	uint8_t cell[PARSED_MAX];
};

void table_parser_init(struct table_parser *t, struct faults *faults,
		       char separator);
void table_parser_feed(struct table_parser *t, const uint8_t *bytes,
		       size_t len);
void table_parser_end(struct table_parser *t);

#endif
