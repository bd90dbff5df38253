/*
 * sheet_show - tables as tables, texts as numbered lines.
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
#include "gateway/desk/sheet_show.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/desk/columns.h"
#include "gateway/desk/findings.h"
#include "gateway/desk/seen.h"
#include "gateway/desk/width.h"

enum {
	WIDEST = 40,	   /* columns of one cell */
	WIDEST_LABEL = 24, /* of the first column where it is repeated */
	COLUMNS = 4096,	   /* measured; further ones are as wide as a cell */
	GAP = 2,
	SEEN = 4096
};

struct layout {
	size_t gutter, marks; /* of row numbers, and of signs behind them */
	unsigned char width[COLUMNS];
	bool right[COLUMNS]; /* most cells are numbers */
};

static bool wanted(const struct sheet_show *show, size_t i)
{
	const struct sheet_row *row = &show->sheet->rows[i];

	if (show->only_row > 0)
		return row->line == show->only_row;
	return !show->only_findings || i == 0 ||
	       marks_in_row(&show->marks, row->line);
}

static size_t digits(uint32_t number)
{
	size_t n = 1;

	while (number >= 10) {
		number /= 10;
		n++;
	}
	return n;
}

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

/* Signs of the row as a whole: a column of theirs that is none of the table's
 * is a place in the line. */
static void row_marks(const struct sheet_show *show,
		      const struct sheet_row *row, char out[MARK_SIZE],
		      const char **colour)
{
	uint32_t cells = show->sheet->table ? row->count : 0;

	out[0] = '\0';
	*colour = "";
	marks_text(marks_in(&show->marks, row->line, 0, 0), out, colour);
	marks_text(marks_in(&show->marks, row->line, cells + 1, UINT32_MAX),
		   out, colour);
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

static void measure(struct sheet_show *show, struct layout *layout)
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

static size_t width_of(const struct layout *layout, uint32_t i)
{
	size_t width = i < COLUMNS ? layout->width[i] : WIDEST;

	return width > 0 ? width : 1;
}

static void measure_gutter(const struct sheet_show *show, struct layout *layout)
{
	const struct sheet *sheet = show->sheet;
	char mark[MARK_SIZE];
	const char *colour;

	layout->gutter = digits(sheet->rows[sheet->nrows - 1].line);
	layout->marks = 1;
	for (unsigned int i = 0; i < show->marks.n; i++) {
		struct sheet_row row = { .line = show->marks.mark[i].row };

		if (row.line == 0)
			continue;
		for (size_t r = 0; r < sheet->nrows; r++)
			if (sheet->rows[r].line == row.line)
				row = sheet->rows[r];
		row_marks(show, &row, mark, &colour);
		if (strlen(mark) > layout->marks)
			layout->marks = strlen(mark);
	}
}

static size_t gutter_width(const struct layout *layout)
{
	return layout->gutter + layout->marks;
}

/* --- One part of a table: some of its columns ------------------------------ */

struct part {
	uint32_t first, end; /* columns; the first one stands before them */
};

static size_t label_width(const struct layout *layout, const struct part *part)
{
	size_t width = width_of(layout, 0);

	return part->first > 0 && width > WIDEST_LABEL ? WIDEST_LABEL : width;
}

/* The next part that fits into the window; at least one column. */
static void next_part(const struct render *render, const struct layout *layout,
		      uint32_t ncolumns, struct part *part)
{
	size_t columns = render_columns(render);
	size_t used = gutter_width(layout) + 1 + GAP;

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

static void put_gutter(const struct render *render,
		       const struct sheet_show *show,
		       const struct layout *layout, const struct sheet_row *row)
{
	char mark[MARK_SIZE];
	const char *colour;

	row_marks(show, row, mark, &colour);
	fprintf(render->out, "%*u", (int)layout->gutter, row->line);
	render_colour(render, colour);
	fprintf(render->out, "%-*s", (int)layout->marks, mark);
	if (*colour)
		render_colour_off(render);
	fputs("│", render->out);
}

static void put_row(const struct render *render, const struct sheet_show *show,
		    const struct layout *layout, const struct part *part,
		    size_t r)
{
	const struct sheet_row *row = &show->sheet->rows[r];
	struct box box = { .width = label_width(layout, part) };

	put_gutter(render, show, layout, row);
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
	for (size_t i = 0; i < gutter_width(layout); i++)
		fputs("─", render->out);
	fputs("┼", render->out);
	for (size_t i = 0; i < width; i++)
		fputs("─", render->out);
	fputc('\n', render->out);
}

static void put_table(const struct render *render, struct sheet_show *show)
{
	static struct layout layout;
	const struct sheet *sheet = show->sheet;
	struct part part = { 0 };
	char first[16], last[16], line[256];

	measure(show, &layout);
	measure_gutter(show, &layout);
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
			if (wanted(show, r))
				put_row(render, show, &layout, &part, r);
			if (r == 0 && sheet->nrows > 1)
				put_rule(render, &layout, &part);
		}
	}
}

/* --- Texts and single rows -------------------------------------------------- */

/* Bytes of the next piece of a line: up to a blank in its second half, else
 * what fits. */
static size_t piece(const char *text, size_t room)
{
	size_t used, fits = width_fit(text, room, &used);

	if (!text[fits])
		return fits;
	for (size_t at = fits; at > fits / 2; at--)
		if (text[at - 1] == ' ')
			return at;
	return fits;
}

/* A line of a text, wrapped: all of it can be read. */
static void put_line(const struct render *render, const struct layout *layout,
		     const char *text)
{
	size_t columns = render_columns(render);
	size_t room = columns > gutter_width(layout) + 8
			      ? columns - gutter_width(layout) - GAP
			      : 8;

	for (;;) {
		size_t len = piece(text, room);

		fprintf(render->out, " %.*s\n", (int)len, text);
		text += len;
		if (!*text || len == 0)
			return;
		fprintf(render->out, "%*s│", (int)gutter_width(layout), "");
	}
}

static void put_lines(const struct render *render, struct sheet_show *show)
{
	static char text[4 * PARSED_MAX];
	static struct layout layout;
	const struct sheet *sheet = show->sheet;

	measure_gutter(show, &layout);
	for (size_t r = 0; r < sheet->nrows; r++) {
		const struct sheet_row *row = &sheet->rows[r];
		size_t len;
		const char *bytes = sheet_cell(sheet, row, 0, &len);

		if (!wanted(show, r))
			continue;
		seen_text(text, sizeof text, bytes ? bytes : "", len);
		put_gutter(render, show, &layout, row);
		put_line(render, &layout, text);
	}
}

static void put_codes(FILE *out, const struct render *render,
		      const struct sheet_show *show, struct mark_range range)
{
	char line[256];

	for (const struct mark *mark = range.first; mark < range.end; mark++) {
		text_fill(line, sizeof line, render->lang, TEXT_SHEET_CODE,
			  column_cell(show->findings, mark->number - 1, "code"),
			  NULL, NULL);
		fputs(line, out);
	}
}

/* One cell as a line: where, what, and the codes of its findings. */
static void put_cell_line(const struct render *render, struct sheet_show *show,
			  const struct sheet_row *row, uint32_t i)
{
	static char value[4 * PARSED_MAX];
	const struct sheet *sheet = show->sheet;
	const struct marks *marks = &show->marks;
	char number[16], name[256], place[512];
	size_t len;
	const char *head = sheet_cell(sheet, sheet->rows, i, &len);
	uint32_t last = i + 1 < row->count ? i + 1 : UINT32_MAX;

	seen_text(name, sizeof name, head ? head : "", len);
	snprintf(number, sizeof number, "%u", row->line);
	text_fill(place, sizeof place, render->lang,
		  sheet->table ? TEXT_SHEET_CELL : TEXT_PLACE_ROW, number, name,
		  NULL);
	const char *bytes = sheet_cell(sheet, row, i, &len);
	seen_text(value, sizeof value, bytes ? bytes : "", len);
	fprintf(render->out, "%s: %s", place, value);
	put_codes(render->out, render, show,
		  marks_in(marks, row->line, i == 0 ? 0 : i + 1, last));
	if (row == sheet->rows)
		put_codes(render->out, render, show,
			  marks_in(marks, 0, i + 1, last));
	fputc('\n', render->out);
}

/* For who listens, and for one row in full: a line for each cell. */
static void put_cells(const struct render *render, struct sheet_show *show)
{
	for (size_t r = 0; r < show->sheet->nrows; r++) {
		const struct sheet_row *row = &show->sheet->rows[r];

		for (uint32_t i = 0; wanted(show, r) && i < row->count; i++)
			put_cell_line(render, show, row, i);
	}
}

/* How much of the file is not what it looks like. */
static void say_hidden(const struct render *render,
		       const struct sheet_show *show)
{
	static char text[4 * PARSED_MAX];
	const struct sheet *sheet = show->sheet;
	char number[24], line[256];
	size_t hidden = 0;

	for (size_t i = 0; i < sheet->ncells; i++)
		hidden += seen_text(text, sizeof text,
				    sheet->text + sheet->cells[i].at,
				    sheet->cells[i].len);
	if (hidden == 0)
		return;
	snprintf(number, sizeof number, "%zu", hidden);
	text_fill(line, sizeof line, render->lang, TEXT_SHEET_HIDDEN, number,
		  NULL, NULL);
	render_colour(render, "1;31");
	render_wrapped(render->out, line, 0, render_columns(render));
	render_colour_off(render);
}

/* --- What was found --------------------------------------------------------- */

static void put_finding(const struct render *render,
			const struct result *findings, unsigned int i)
{
	const char *severity = column_cell(findings, i, "severity");
	char place[128], line[RENDER_CELL];

	findings_place(findings, i, render->lang, place, sizeof place);
	snprintf(line, sizeof line, "%c%u %s %s, %s: %s",
		 findings_sign(severity), i + 1,
		 column_cell(findings, i, "code"),
		 render_word(render, severity), place,
		 column_cell(findings, i, "finding"));
	render_colour(render, findings_colour(severity));
	render_wrapped(render->out, line, GAP, render_columns(render));
	render_colour_off(render);
}

void sheet_show(const struct render *render, struct sheet_show *show)
{
	const struct result *findings = show->findings;

	marks_set(&show->marks, findings);
	say_hidden(render, show);
	if (show->sheet->nrows == 0)
		fprintf(render->out, "%s\n",
			text(render->lang, TEXT_SHEET_NOTHING));
	else if (render->format == RENDER_PLAIN || show->only_row > 0)
		put_cells(render, show);
	else if (show->sheet->table)
		put_table(render, show);
	else
		put_lines(render, show);
	if (findings->nrows > 0)
		fputc('\n', render->out);
	for (unsigned int i = 0; i < findings->nrows; i++)
		put_finding(render, findings, i);
}
