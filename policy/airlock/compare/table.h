/*
 * table - rows and cells of one file, as parse sent them.
 *
 * Rows may differ in length (parse has said so); table_at() never fails.
 * Memory is bounded: a table that does not fit is full, which is an error of
 * the check.
 */
#ifndef POLICY_AIRLOCK_COMPARE_TABLE_H
#define POLICY_AIRLOCK_COMPARE_TABLE_H

#include "policy/airlock/compare/cell.h"

enum {
	TABLE_CELLS = 1 << 20,
	TABLE_ROWS = 1 << 18,
	TABLE_TEXT = 32 << 20,
};

struct table_row {
	uint32_t line; /* in the file */
	uint32_t first, cells;
};

struct table {
	struct cell *cells;
	struct table_row *rows;
	char *text;
	size_t ncells, nrows, ntext;
	size_t room_cells, room_rows, room_text;
	uint32_t columns; /* of the longest row */
	uint64_t total;	  /* rows that came, also those that did not fit */
	bool full;
};

void table_clear(struct table *table); /* give memory back; ready again */
void table_add_row(struct table *table, uint32_t line);
void table_add_cell(struct table *table, const void *text, size_t len);

/* The cell; an empty one where there is none. */
const struct cell *table_at(const struct table *table, size_t row,
			    size_t column);

/* Its bytes as they came; not terminated. */
const char *table_text(const struct table *table, const struct cell *cell);

/* The first row is a heading, not data. */
bool table_has_heading(const struct table *table);

#endif
