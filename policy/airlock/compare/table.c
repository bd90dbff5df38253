#include "policy/airlock/compare/table.h"

#include <stdlib.h>
#include <string.h>

void table_clear(struct table *table)
{
	free(table->cells);
	free(table->rows);
	free(table->text);
	*table = (struct table){ 0 };
}

/* Room for more elements of size, at most most in all. False: full. */
static bool grow(void **array, size_t *room, size_t need, size_t size,
		 size_t most)
{
	size_t larger = *room ? *room : 256;

	if (need <= *room)
		return true;
	if (need > most)
		return false;
	while (larger < need)
		larger *= 2;
	void *moved = realloc(*array, larger * size);
	if (!moved)
		return false;
	*array = moved;
	*room = larger;
	return true;
}

void table_add_row(struct table *table, uint32_t line)
{
	void *rows = table->rows;

	table->total++;
	if (table->full || !grow(&rows, &table->room_rows, table->nrows + 1,
				 sizeof *table->rows, TABLE_ROWS)) {
		table->full = true;
		return;
	}
	table->rows = rows;
	table->rows[table->nrows++] = (struct table_row){
		.line = line,
		.first = (uint32_t)table->ncells,
	};
}

void table_add_cell(struct table *table, const void *text, size_t len)
{
	void *cells = table->cells, *bytes = table->text;

	if (table->nrows == 0 || table->full)
		return;
	if (!grow(&cells, &table->room_cells, table->ncells + 1,
		  sizeof *table->cells, TABLE_CELLS)) {
		table->full = true;
		return;
	}
	table->cells = cells;
	if (!grow(&bytes, &table->room_text, table->ntext + len, 1,
		  TABLE_TEXT)) {
		table->full = true;
		return;
	}
	table->text = bytes;
	struct cell cell = cell_read(text, len);
	cell.text = (uint32_t)table->ntext;
	cell.len = (uint32_t)len;
	if (len > 0)
		memcpy(table->text + table->ntext, text, len);
	table->ntext += len;
	table->cells[table->ncells++] = cell;
	struct table_row *row = &table->rows[table->nrows - 1];
	if (++row->cells > table->columns)
		table->columns = row->cells;
}

const struct cell *table_at(const struct table *table, size_t row,
			    size_t column)
{
	static const struct cell none = { .kind = CELL_EMPTY };

	if (row >= table->nrows || column >= table->rows[row].cells)
		return &none;
	return &table->cells[table->rows[row].first + column];
}

const char *table_text(const struct table *table, const struct cell *cell)
{
	return cell->len > 0 ? table->text + cell->text : "";
}

/*
 * Words are a heading. Numbers are one only where they rise from left to
 * right, such as years or stages; else the table has none, and a small count
 * in its first row is a small count.
 */
bool table_has_heading(const struct table *table)
{
	int64_t before = INT64_MIN;
	size_t numbers = 0, words = 0;

	if (table->nrows == 0)
		return false;
	for (size_t c = 0; c < table->rows[0].cells; c++) {
		const struct cell *cell = table_at(table, 0, c);
		int64_t value;

		if (cell->kind == CELL_TEXT && c > 0)
			words++;
		if (!cell_is_whole(cell, &value))
			continue;
		if (value <= before)
			return words > 0;
		before = value;
		numbers++;
	}
	if (table->rows[0].cells == 1)
		return table_at(table, 0, 0)->kind == CELL_TEXT;
	return words > 0 || numbers > 1;
}
