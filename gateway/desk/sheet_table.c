/*
 * sheet_table - a table with the findings in its cells.
 *
 * Runs in sekisho-desk, on a reviewer's console. Every byte of the sheet is a
 * researcher's.
 *
 *	  1 │ age     count
 *	────┼──────────────
 *	  2 │ 30-34      41
 *	  3 │ 35-39    4 !1
 *
 * A table that is wider than the window is shown in parts that each begin
 * with its first column. A cell that is too long ends with "…".
 */
#include <string.h>

#include "gateway/desk/gutter.h"
#include "gateway/desk/seen.h"
#include "gateway/desk/width.h"

enum {
	WIDEST = 40,	   /* columns of one cell */
	WIDEST_LABEL = 24, /* of the first column where it is repeated */
	COLUMNS = 4096,	   /* measured; further ones are as wide as a cell */
	NARROWEST = 30,	   /* the table in a window that is too narrow */
	GAP = 2,
	SEEN = 4096
};

struct layout {
	struct gutter gutter;
	size_t cell, label; /* at most; label: the first column repeated */
	unsigned char width[COLUMNS];
	bool right[COLUMNS]; /* most cells are numbers */
};

/* Signs that belong to one cell. Those of a whole column stand at its head. */
static void cell_marks(const struct sheet_show *show,
		       const struct sheet_row *row, uint32_t i,
		       char out[MARK_SIZE], const char **colour)
{
	out[0] = '\0';
	*colour = "";
	if (!show->sheet->table)
		return;
	marks_text(marks_in(&show->marks, row->line, i + 1, i + 1), out,
		   colour);
	if (row == show->sheet->rows)
		marks_text(marks_in(&show->marks, 0, i + 1, i + 1), out,
			   colour);
}

/* A cell as it is to be seen. */
struct look {
	char text[SEEN];
	char mark[MARK_SIZE]; /* behind it, and never cut */
	const char *colour;
};

static void look_at(const struct sheet_show *show, const struct sheet_row *row,
		    uint32_t i, struct look *look)
{
	size_t len;
	const char *bytes = sheet_cell(show->sheet, row, i, &len);

	seen_text(look->text, sizeof look->text, bytes ? bytes : "", len);
	cell_marks(show, row, i, look->mark, &look->colour);
}

static size_t mark_width(const struct look *look)
{
	return strlen(look->mark) + (*look->mark && *look->text);
}

static size_t look_width(const struct look *look)
{
	size_t width = width_text(look->text);

	return (width < WIDEST ? width : WIDEST) + mark_width(look);
}

static bool is_number(const char *bytes, size_t len)
{
	static const char numeric[] = "0123456789.,+-%<> ";
	bool digit = false;

	for (size_t i = 0; i < len; i++) {
		if (!memchr(numeric, bytes[i], sizeof numeric - 1))
			return false;
		digit |= bytes[i] >= '0' && bytes[i] <= '9';
	}
	return digit;
}

static void measure(const struct sheet_show *show, struct layout *layout)
{
	const struct sheet *sheet = show->sheet;
	static unsigned int numbers[COLUMNS];
	struct look look;

	memset(layout, 0, sizeof *layout);
	memset(numbers, 0, sizeof numbers);
	for (size_t r = 0; r < sheet->nrows; r++) {
		const struct sheet_row *row = &sheet->rows[r];

		for (uint32_t i = 0; i < row->count && i < COLUMNS; i++) {
			size_t len, width;
			const char *bytes = sheet_cell(sheet, row, i, &len);

			look_at(show, row, i, &look);
			width = look_width(&look);
			if (width > layout->width[i])
				layout->width[i] = (unsigned char)width;
			numbers[i] += is_number(bytes, len);
		}
	}
	/* The first column holds labels, whatever they look like. */
	for (size_t i = 1; i < COLUMNS; i++)
		layout->right[i] = 2 * (size_t)numbers[i] > sheet->nrows;
}

/* A repeated label and one cell must fit beside each other. */
static void set_limits(const struct render *render, struct layout *layout)
{
	size_t columns = render_columns(render);
	size_t gutter = gutter_width(&layout->gutter) + 2;
	size_t room =
		columns > gutter + NARROWEST ? columns - gutter : NARROWEST;

	layout->label = room / 3 < WIDEST_LABEL ? room / 3 : WIDEST_LABEL;
	layout->cell = room - layout->label - GAP;
}

static size_t width_of(const struct layout *layout, uint32_t i)
{
	size_t width = i < COLUMNS ? layout->width[i] : WIDEST;

	if (width > layout->cell)
		width = layout->cell;
	return width > 0 ? width : 1;
}

/* --- One part of a table: some of its columns ------------------------------ */

struct part {
	uint32_t first, end; /* columns; the first one stands before them */
};

static size_t label_width(const struct layout *layout, const struct part *part)
{
	size_t width = width_of(layout, 0);

	return part->first > 0 && width > layout->label ? layout->label : width;
}

/* The next part that fits into the window; at least one column. */
static void next_part(const struct render *render, const struct layout *layout,
		      uint32_t ncolumns, struct part *part)
{
	size_t columns = render_columns(render);
	size_t used = gutter_width(&layout->gutter) + 2;

	part->first = part->end;
	if (part->first > 0)
		used += label_width(layout, part) + GAP;
	while (part->end < ncolumns) {
		size_t width = width_of(layout, part->end) + GAP;

		if (part->end > part->first && used + width > columns + GAP)
			break;
		used += width;
		part->end++;
	}
}

/* Where a cell is drawn. */
struct box {
	size_t width;
	bool right, last; /* numbers stand right; after the last is nothing */
};

static void put_cell(const struct render *render, const struct sheet_show *show,
		     const struct sheet_row *row, uint32_t i,
		     const struct box *box)
{
	char cut[SEEN];
	struct look look;

	look_at(show, row, i, &look);
	size_t behind = mark_width(&look);
	size_t room = box->width > behind ? box->width - behind : 0;
	size_t used = width_cut(cut, sizeof cut, look.text, room) + behind;
	int pad = box->width > used ? (int)(box->width - used) : 0;
	if (box->right)
		fprintf(render->out, "%*s", pad, "");
	render_colour(render, look.colour);
	fprintf(render->out, "%s%s%s", cut,
		behind > strlen(look.mark) ? " " : "", look.mark);
	if (*look.colour)
		render_colour_off(render);
	if (!box->right && !box->last)
		fprintf(render->out, "%*s", pad, "");
}

static void put_row(const struct render *render, const struct sheet_show *show,
		    const struct layout *layout, const struct part *part,
		    size_t r)
{
	const struct sheet_row *row = &show->sheet->rows[r];
	struct box box = { .width = label_width(layout, part) };

	gutter_put(render, show, &layout->gutter, row);
	if (part->first > 0) {
		fputc(' ', render->out);
		put_cell(render, show, row, 0, &box);
	}
	for (uint32_t i = part->first; i < part->end; i++) {
		box = (struct box){ .width = width_of(layout, i),
				    .right = i < COLUMNS && layout->right[i],
				    .last = i + 1 == part->end };
		fprintf(render->out, "%*s", i > 0 ? GAP : 1, "");
		put_cell(render, show, row, i, &box);
	}
	fputc('\n', render->out);
}

static void put_rule(const struct render *render, const struct layout *layout,
		     const struct part *part)
{
	size_t width = 1;

	if (part->first > 0)
		width += label_width(layout, part);
	for (uint32_t i = part->first; i < part->end; i++)
		width += width_of(layout, i) + (i > 0 ? GAP : 0);
	for (size_t i = 0; i < gutter_width(&layout->gutter); i++)
		fputs("─", render->out);
	fputs("┼", render->out);
	for (size_t i = 0; i < width; i++)
		fputs("─", render->out);
	fputc('\n', render->out);
}

void sheet_table(const struct render *render, const struct sheet_show *show)
{
	static struct layout layout;
	const struct sheet *sheet = show->sheet;
	struct part part = { 0 };
	char first[16], last[16], line[256];

	measure(show, &layout);
	gutter_measure(show, &layout.gutter);
	set_limits(render, &layout);
	while (part.end < sheet->columns) {
		next_part(render, &layout, sheet->columns, &part);
		if (part.first > 0 || part.end < sheet->columns) {
			snprintf(first, sizeof first, "%u", part.first + 1);
			snprintf(last, sizeof last, "%u", part.end);
			text_fill(line, sizeof line, render->lang,
				  TEXT_SHEET_PART, first, last, NULL);
			fprintf(render->out, "%s\n", line);
		}
		for (size_t r = 0; r < sheet->nrows; r++) {
			if (gutter_wants(show, r))
				put_row(render, show, &layout, &part, r);
			if (r == 0 && sheet->nrows > 1)
				put_rule(render, &layout, &part);
		}
	}
}
