/*
 * render_records - records of a log: a table where every cell has its room,
 * else a few lines for each record.
 *
 *	   117  2026-11-24 14:03:21  request.submit  ok
 *	        Actor a-71c0…  Permit P-2026-001  request=3 files=2
 *
 * Nothing is cut. Runs in sekisho-desk.
 */
#include <string.h>

#include "gateway/desk/render.h"
#include "gateway/desk/width.h"

enum { INDENT = 8, GAP = 2 };

/* Numbers, times and words stand on the first line. */
static bool is_first(enum result_kind kind)
{
	return kind == RESULT_NUMBER || kind == RESULT_TIME ||
	       kind == RESULT_STATE || kind == RESULT_DAY;
}

static void put_first(const struct render *render, const struct result *result,
		      unsigned int row)
{
	char cell[RENDER_CELL];
	const char *gap = "";

	for (unsigned int i = 0; i < result->ncolumns; i++) {
		if (!is_first(result->columns[i].kind))
			continue;
		render_cell(render, result, row, i, cell, sizeof cell);
		if (i == 0)
			fprintf(render->out, "%*s", INDENT - GAP, cell);
		else if (strcmp(cell, "-") != 0)
			fprintf(render->out, "%s%s", gap, cell);
		gap = "  ";
	}
	fputc('\n', render->out);
}

/* The next piece; a line is begun where it does not fit any more. */
static void put_piece(const struct render *render, const char *piece,
		      size_t *used)
{
	size_t width = width_text(piece), columns = render_columns(render);

	if (*used > INDENT && *used + GAP + width > columns) {
		fputc('\n', render->out);
		*used = 0;
	}
	if (*used == 0)
		*used = (size_t)fprintf(render->out, "%*s", INDENT, "");
	else
		*used += (size_t)fprintf(render->out, "%*s", GAP, "");
	if (*used + width <= columns) {
		fputs(piece, render->out);
		*used += width;
		return;
	}
	render_wrapped(render->out, piece, INDENT, columns);
	*used = 0;
}

/* Words of a text are pieces, so that a line ends between them. */
static void put_words(const struct render *render, char *text, size_t *used)
{
	char *word;

	while ((word = strsep(&text, " ")))
		if (*word)
			put_piece(render, word, used);
}

static void put_rest(const struct render *render, const struct result *result,
		     unsigned int row)
{
	char cell[RENDER_CELL], piece[RENDER_CELL + 128];
	size_t used = 0;

	for (unsigned int i = 0; i < result->ncolumns; i++) {
		const struct result_column *column = &result->columns[i];

		if (is_first(column->kind) || !*result_cell(result, row, i))
			continue;
		render_cell(render, result, row, i, cell, sizeof cell);
		if (column->kind == RESULT_TEXT) {
			put_words(render, cell, &used);
			continue;
		}
		snprintf(piece, sizeof piece, "%s %s",
			 render_heading(render, column->key), cell);
		put_piece(render, piece, &used);
	}
	if (used > 0)
		fputc('\n', render->out);
}

void render_records(const struct render *render, const struct result *result)
{
	if (result->nrows == 0 || render_fits(render, result)) {
		render_table(render, result);
		return;
	}
	render_title(render, result);
	for (unsigned int row = 0; row < result->nrows; row++) {
		put_first(render, result, row);
		put_rest(render, result, row);
	}
	render_sentences(render, result, render_columns(render));
}
