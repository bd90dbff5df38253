/*
 * gutter - row numbers.
 *
 * Runs in sekisho-desk, on a reviewer's console. The numbers are a parse's.
 */
#include "gateway/desk/gutter.h"

#include <string.h>

bool gutter_wants(const struct sheet_show *show, size_t i)
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

void gutter_measure(const struct sheet_show *show, struct gutter *gutter)
{
	const struct sheet *sheet = show->sheet;
	char mark[MARK_SIZE];
	const char *colour;

	*gutter = (struct gutter){ .digits = 1, .marks = 1 };
	for (size_t r = 0; r < sheet->nrows; r++) {
		const struct sheet_row *row = &sheet->rows[r];

		if (digits(row->line) > gutter->digits)
			gutter->digits = digits(row->line);
		if (!marks_in_row(&show->marks, row->line))
			continue;
		row_marks(show, row, mark, &colour);
		if (strlen(mark) > gutter->marks)
			gutter->marks = strlen(mark);
	}
}

size_t gutter_width(const struct gutter *gutter)
{
	return gutter->digits + gutter->marks;
}

void gutter_put(const struct render *render, const struct sheet_show *show,
		const struct gutter *gutter, const struct sheet_row *row)
{
	char mark[MARK_SIZE];
	const char *colour;

	row_marks(show, row, mark, &colour);
	fprintf(render->out, "%*u", (int)gutter->digits, row->line);
	render_colour(render, colour);
	fprintf(render->out, "%-*s", (int)gutter->marks, mark);
	if (*colour)
		render_colour_off(render);
	fputs("│", render->out);
}
