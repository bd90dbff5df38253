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

/* The number in front, then times and words; other numbers have names. */
static void put_first(const struct render *render, const struct result *result,
		      unsigned int row)
{
	char cell[RENDER_CELL];
	const char *gap = "";

	for (unsigned int i = 0; i < result->ncolumns; i++) {
		const struct result_column *column = &result->columns[i];

		if (!is_first(column->kind) || !*result_cell(result, row, i))
			continue;
		render_cell(render, result, row, i, cell, sizeof cell);
		if (i == 0 && column->kind == RESULT_NUMBER)
			fprintf(render->out, "%*s", INDENT - GAP, cell);
		else if (column->kind == RESULT_NUMBER)
			fprintf(render->out, "%s%s %s", gap,
				render_heading(render, column->key), cell);
		else
			fprintf(render->out, "%s%s", gap, cell);
		gap = "  ";
	}
	fputc('\n', render->out);
}

/* Where the next piece stands on a line. */
struct flow {
	const struct render *render;
	size_t used; /* columns of the line; 0: none is begun */
};

/* A hash is wanted whole: it stands further left if that gives it the room. */
static size_t indent_of(size_t width, size_t columns)
{
	return width > columns || width + INDENT <= columns ? INDENT
							    : columns - width;
}

/* The next piece; a line is begun where it does not fit any more. */
static void put_piece(struct flow *flow, const char *piece, size_t gap)
{
	FILE *out = flow->render->out;
	size_t width = width_text(piece);
	size_t columns = render_columns(flow->render);

	if (flow->used > 0 && flow->used + gap + width > columns) {
		fputc('\n', out);
		flow->used = 0;
	}
	if (flow->used == 0)
		flow->used = (size_t)fprintf(
			out, "%*s", (int)indent_of(width, columns), "");
	else
		flow->used += (size_t)fprintf(out, "%*s", (int)gap, "");
	if (flow->used + width <= columns) {
		fputs(piece, out);
		flow->used += width;
		return;
	}
	render_wrapped(out, piece, INDENT, columns);
	flow->used = 0;
}

/* A line of a text ends between its words. */
static void put_words(struct flow *flow, char *text)
{
	size_t gap = GAP;
	char *word;

	while ((word = strsep(&text, " "))) {
		if (*word)
			put_piece(flow, word, gap);
		gap = 1;
	}
}

static void put_rest(const struct render *render, const struct result *result,
		     unsigned int row)
{
	char cell[RENDER_CELL], piece[RENDER_CELL + 128];
	struct flow flow = { .render = render };

	for (unsigned int i = 0; i < result->ncolumns; i++) {
		const struct result_column *column = &result->columns[i];

		if (is_first(column->kind) || !*result_cell(result, row, i))
			continue;
		render_cell(render, result, row, i, cell, sizeof cell);
		if (strcmp(cell, "-") == 0)
			continue;
		if (column->kind == RESULT_TEXT) {
			put_words(&flow, cell);
			continue;
		}
		snprintf(piece, sizeof piece, "%s %s",
			 render_heading(render, column->key), cell);
		put_piece(&flow, piece, GAP);
	}
	if (flow.used > 0)
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
