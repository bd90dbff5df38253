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

/* A cell as it is to be seen, with its marks behind it. */
static const char *cell_text(const struct sheet_show *show,
			     const struct sheet_row *row, uint32_t i,
			     char out[SEEN], const char **colour)
{
	char mark[MARK_SIZE];
	size_t len, used;
	const char *bytes = sheet_cell(show->sheet, row, i, &len);

	seen_text(out, SEEN - MARK_SIZE - 2, bytes ? bytes : "", len);
	cell_marks(show, row, i, mark, colour);
	used = strlen(out);
	if (*mark)
		snprintf(out + used, SEEN - used, "%s%s", used > 0 ? " " : "",
			 mark);
	return out;
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
	char text[SEEN];

	memset(layout, 0, sizeof *layout);
	memset(numbers, 0, sizeof numbers);
	for (size_t r = 0; r < sheet->nrows; r++) {
		const struct sheet_row *row = &sheet->rows[r];

		for (uint32_t i = 0; i < row->count && i < COLUMNS; i++) {
			const char *colour;
			size_t len, width = width_text(cell_text(
					    show, row, i, text, &colour));
			const char *bytes = sheet_cell(sheet, row, i, &len);

			if (width > WIDEST)
				width = WIDEST;
			if (width > layout->width[i])
				layout->width[i] = (unsigned char)width;
			numbers[i] += is_number(bytes, len);
		}
	}
	for (size_t i = 0; i < COLUMNS; i++)
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

static void put_cell(const struct render *render, const struct sheet_show *show,
		     const struct sheet_row *row, uint32_t i, size_t width,
		     bool right)
{
	char text[SEEN], cut[SEEN];
	const char *colour;

	cell_text(show, row, i, text, &colour);
	size_t used = width_cut(cut, sizeof cut, text, width);
	size_t pad = width > used ? width - used : 0;
	if (right)
		fprintf(render->out, "%*s", (int)pad, "");
	render_colour(render, *colour ? colour : "");
	fputs(cut, render->out);
	if (*colour)
		render_colour_off(render);
	if (!right)
		fprintf(render->out, "%*s", (int)pad, "");
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

	put_gutter(render, show, layout, row);
	if (part->first > 0) {
		fputc(' ', render->out);
		put_cell(render, show, row, 0, label_width(layout, part),
			 false);
	}
	for (uint32_t i = part->first; i < part->end; i++) {
		fprintf(render->out, "%*s", i > 0 ? GAP : 1, "");
		put_cell(render, show, row, i, width_of(layout, i),
			 i < COLUMNS && layout->right[i]);
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

/* A line of a text, wrapped: all of it can be read. */
static void put_lines(const struct render *render, struct sheet_show *show)
{
	static char text[4 * PARSED_MAX];
	const struct sheet *sheet = show->sheet;
	static struct layout layout;

	measure_gutter(show, &layout);
	size_t indent = gutter_width(&layout) + GAP;
	for (size_t r = 0; r < sheet->nrows; r++) {
		const struct sheet_row *row = &sheet->rows[r];
		size_t len;
		const char *bytes = sheet_cell(sheet, row, 0, &len);

		if (!wanted(show, r))
			continue;
		seen_text(text, sizeof text, bytes ? bytes : "", len);
		put_gutter(render, show, &layout, row);
		fputc(' ', render->out);
		render_wrapped(render->out, text, indent,
			       render_columns(render));
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
