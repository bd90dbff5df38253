/*
 * sheet - collect parsed items.
 *
 * Runs in sekisho-desk, on a reviewer's console. Who writes the stream has
 * just read a hostile file and may be that file's: every number is bounded
 * here, and its text is made visible only when it is shown.
 */
#include "gateway/desk/sheet.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Make room for n more of size each; the array may move. 0 or -1. */
static int grow(void **array, size_t *room, size_t used, size_t n, size_t size)
{
	size_t want = *room > 0 ? *room : 256;

	if (used + n <= *room)
		return 0;
	while (want < used + n)
		want *= 2;
	void *larger = realloc(*array, want * size);
	if (!larger)
		return -1;
	*array = larger;
	*room = want;
	return 0;
}

static int add_row(struct sheet *sheet, uint32_t line, struct err *err)
{
	if (sheet->nrows == SHEET_ROWS)
		return err_set(err, "too many rows to be shown");
	if (grow((void **)&sheet->rows, &sheet->row_room, sheet->nrows, 1,
		 sizeof *sheet->rows) < 0)
		return err_set(err, "out of memory");
	sheet->rows[sheet->nrows++] = (struct sheet_row){
		.line = line,
		.first = (uint32_t)sheet->ncells,
	};
	return 0;
}

static int add_cell(struct sheet *sheet, const struct parsed_item *item,
		    struct err *err)
{
	struct sheet_row *row =
		sheet->nrows > 0 ? &sheet->rows[sheet->nrows - 1] : NULL;

	if (!row)
		return err_set(err, "the parse has a cell without a row");
	if (sheet->ncells == SHEET_CELLS ||
	    sheet->used + item->len > SHEET_TEXT)
		return err_set(err, "too much to be shown");
	if (grow((void **)&sheet->cells, &sheet->cell_room, sheet->ncells, 1,
		 sizeof *sheet->cells) < 0 ||
	    grow((void **)&sheet->text, &sheet->text_room, sheet->used,
		 item->len, 1) < 0)
		return err_set(err, "out of memory");
	if (item->len > 0)
		memcpy(sheet->text + sheet->used, item->bytes, item->len);
	sheet->cells[sheet->ncells++] = (struct sheet_cell){
		.at = (uint32_t)sheet->used,
		.len = (uint32_t)item->len,
	};
	sheet->used += item->len;
	if (++row->count > sheet->columns)
		sheet->columns = row->count;
	return 0;
}

static int take_type(struct sheet *sheet, const struct parsed_item *item,
		     struct err *err)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";

	if (*sheet->type || item->len == 0 || item->len >= sizeof sheet->type)
		return err_set(err, "the parse says its type in a wrong way");
	memcpy(sheet->type, item->bytes, item->len);
	sheet->type[item->len] = '\0';
	if (strspn(sheet->type, letters) != item->len)
		return err_set(err, "the parse names an unknown type");
	return 0;
}

static int take_item(struct sheet *sheet, const struct parsed_item *item,
		     struct err *err)
{
	bool cells = item->kind == PARSED_ROW || item->kind == PARSED_CELL;

	if (cells && sheet->nrows > 0 && !sheet->table)
		return err_set(err, "the parse mixes lines and cells");
	switch (item->kind) {
	case PARSED_TYPE:
		return take_type(sheet, item, err);
	case PARSED_ROW:
		sheet->table = true;
		return add_row(sheet, item->row, err);
	case PARSED_CELL:
		return add_cell(sheet, item, err);
	case PARSED_LINE:
		if (sheet->table)
			return err_set(err, "the parse mixes lines and cells");
		if (add_row(sheet, (uint32_t)sheet->nrows + 1, err) < 0)
			return -1;
		return add_cell(sheet, item, err);
	case PARSED_BYTES: /* compare's */
	case PARSED_FAULT: /* has become a finding */
	case PARSED_END:
		return 0;
	case PARSED_NONE:
	case PARSED_KINDS:
		break;
	}
	return err_set(err, "the parse is malformed");
}

int sheet_read(struct sheet *sheet, int pipe, int seconds, struct err *err)
{
	static struct parsed_in in;
	int64_t until = now_ms() + (int64_t)seconds * 1000;
	struct parsed_item item;

	*sheet = (struct sheet){ 0 };
	in.pipe = pipe;
	in.start = in.end = 0;
	in.over = false;
	for (;;) {
		int64_t left = until - now_ms();
		int got = left > 0 ? parsed_next(&in, &item, (int)left, err)
				   : err_set(err, "the parse takes too long");

		if (got <= 0)
			return got;
		if (take_item(sheet, &item, err) < 0)
			return -1;
	}
}

void sheet_clear(struct sheet *sheet)
{
	free(sheet->rows);
	free(sheet->cells);
	free(sheet->text);
	*sheet = (struct sheet){ 0 };
}

const char *sheet_cell(const struct sheet *sheet, const struct sheet_row *row,
		       uint32_t i, size_t *len)
{
	*len = 0;
	if (i >= row->count)
		return NULL;
	const struct sheet_cell *cell = &sheet->cells[row->first + i];
	*len = cell->len;
	return sheet->text + cell->at;
}
