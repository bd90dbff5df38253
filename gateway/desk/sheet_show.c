/*
 * sheet_show - texts as numbered lines, cells one by one, and what was found.
 *
 * Runs in sekisho-desk, on a reviewer's console. Every byte of the sheet is a
 * researcher's. Tables are drawn by sheet_table.
 */
#include "gateway/desk/sheet_show.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/desk/columns.h"
#include "gateway/desk/findings.h"
#include "gateway/desk/gutter.h"
#include "gateway/desk/seen.h"
#include "gateway/desk/width.h"

enum { GAP = 2 };

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
static void put_line(const struct render *render, const struct gutter *gutter,
		     const char *text)
{
	size_t columns = render_columns(render);
	size_t room = columns > gutter_width(gutter) + 8
			      ? columns - gutter_width(gutter) - GAP
			      : 8;

	for (;;) {
		size_t len = piece(text, room);

		fprintf(render->out, " %.*s\n", (int)len, text);
		text += len;
		if (!*text || len == 0)
			return;
		fprintf(render->out, "%*s│", (int)gutter_width(gutter), "");
	}
}

static void put_lines(const struct render *render, struct sheet_show *show)
{
	static char text[4 * PARSED_MAX];
	struct gutter gutter;
	const struct sheet *sheet = show->sheet;

	gutter_measure(show, &gutter);
	for (size_t r = 0; r < sheet->nrows; r++) {
		const struct sheet_row *row = &sheet->rows[r];
		size_t len;
		const char *bytes = sheet_cell(sheet, row, 0, &len);

		if (!gutter_wants(show, r))
			continue;
		seen_text(text, sizeof text, bytes ? bytes : "", len);
		gutter_put(render, show, &gutter, row);
		put_line(render, &gutter, text);
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

		for (uint32_t i = 0; gutter_wants(show, r) && i < row->count;
		     i++)
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
		sheet_table(render, show);
	else
		put_lines(render, show);
	if (findings->nrows > 0)
		fputc('\n', render->out);
	for (unsigned int i = 0; i < findings->nrows; i++)
		put_finding(render, findings, i);
}
