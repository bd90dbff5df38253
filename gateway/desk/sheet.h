/*
 * sheet - what parse made of one file, in memory, to be looked at.
 *
 * A table has rows of cells; a text has one cell a row. The numbers of rows
 * are lines of the file.
 */
#ifndef GATEWAY_DESK_SHEET_H
#define GATEWAY_DESK_SHEET_H

#include "gateway/base/parsed.h"

enum {
	SHEET_ROWS = 1 << 20,
	SHEET_CELLS = 1 << 22,
	SHEET_TEXT = 64 << 20, /* bytes of all cells */
	SHEET_TYPE = 24
};

struct sheet_cell {
	uint32_t at, len; /* in text */
};

struct sheet_row {
	uint32_t line;
	uint32_t first, count; /* in cells */
};

struct sheet {
	char type[SHEET_TYPE]; /* as parse says; [a-z0-9] */
	bool table;
	uint32_t columns; /* of the row that has most */
	size_t nrows, ncells, used;
	size_t row_room, cell_room, text_room;
	struct sheet_row *rows;
	struct sheet_cell *cells;
	char *text;
};

/*
 * Read a stream of parsed items until its end: at most so many seconds, at
 * most so much. 0, or -1 and err: malformed, broken off, too slow, too large.
 * Clear it in either case.
 */
int sheet_read(struct sheet *sheet, int pipe, int seconds, struct err *err);
void sheet_clear(struct sheet *sheet);

/* The cell number i (from 0) of a row: its bytes, raw; NULL beyond the last. */
const char *sheet_cell(const struct sheet *sheet, const struct sheet_row *row,
		       uint32_t i, size_t *len);

#endif
