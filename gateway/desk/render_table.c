/*
 * render_table - a table that fits the window.
 *
 * Columns of free text shrink first, then ids, and neither to next to nothing
 * while the other has room; a cell that was cut ends with "…". Free text in the last column goes on below itself instead, if it has
 * the room. A window too narrow for a table gets each row as lines. Runs in
 * sekisho-desk and sekishoctl.
 */
#include <string.h>

#include "gateway/desk/render.h"
#include "gateway/desk/width.h"

enum { GAP = 2, NARROWEST = 6, WRAPPED = 12, ROOMY = 24, MARGIN = 2 };

struct layout {
	size_t width[RESULT_COLUMNS];
	size_t total;
};

static void put_spaces(FILE *out, size_t n)
{
	fprintf(out, "%*s", (int)n, "");
}

/* How much room each column wants: its heading or its longest cell. */
static void measure(const struct render *render, const struct result *result,
		    struct layout *layout)
{
	char cell[RENDER_CELL];

	layout->total = 0;
	for (unsigned int i = 0; i < result->ncolumns; i++) {
		const char *key = result->columns[i].key;
		size_t most = width_text(render_heading(render, key));

		for (unsigned int row = 0; row < result->nrows; row++) {
			size_t width = width_text(render_cell(
				render, result, row, i, cell, sizeof cell));

			if (width > most)
				most = width;
		}
		layout->width[i] = most;
		layout->total += most + (i > 0 ? GAP : 0);
	}
}

/* The widest column of the kind that is wider than least, or -1. */
static int gives_way(const struct result *result, const struct layout *layout,
		     enum result_kind kind, size_t least)
{
	int widest = -1;

	for (unsigned int i = 0; i < result->ncolumns; i++)
		if (result->columns[i].kind == kind &&
		    layout->width[i] > least &&
		    (widest < 0 || layout->width[i] > layout->width[widest]))
			widest = (int)i;
	return widest;
}

/* Text gives way before ids; numbers, times and states are never cut. */
static bool shrink(const struct result *result, struct layout *layout,
		   size_t columns)
{
	while (layout->total > columns) {
		int column = gives_way(result, layout, RESULT_TEXT, ROOMY);

		if (column < 0)
			column = gives_way(result, layout, RESULT_ID, ROOMY);
		if (column < 0)
			column = gives_way(result, layout, RESULT_TEXT,
					   NARROWEST);
		if (column < 0)
			column =
				gives_way(result, layout, RESULT_ID, NARROWEST);
		if (column < 0)
			return false;
		layout->width[column]--;
		layout->total--;
	}
	return true;
}

static void put_cell(FILE *out, const char *cell, size_t width, bool right,
		     bool last)
{
	char cut[RENDER_CELL];
	size_t used = width_cut(cut, sizeof cut, cell, width);
	size_t pad = width > used ? width - used : 0;

	if (right)
		put_spaces(out, pad);
	fputs(cut, out);
	if (!right && !last)
		put_spaces(out, pad);
	if (!last)
		put_spaces(out, GAP);
}

static void put_row(const struct render *render, const struct result *result,
		    const struct layout *layout, unsigned int row)
{
	char cell[RENDER_CELL];

	for (unsigned int i = 0; i < result->ncolumns; i++) {
		enum result_kind kind = result->columns[i].kind;
		bool last = i + 1 == result->ncolumns;
		size_t width = layout->width[i];

		render_cell(render, result, row, i, cell, sizeof cell);
		if (last && kind == RESULT_TEXT && width >= WRAPPED) {
			render_wrapped(render->out, cell, layout->total - width,
				       layout->total);
			return;
		}
		put_cell(render->out, cell, width, kind == RESULT_NUMBER, last);
	}
	fputc('\n', render->out);
}

static void put_table(const struct render *render, const struct result *result,
		      const struct layout *layout)
{
	unsigned int n = result->ncolumns;
	FILE *out = render->out;

	for (unsigned int i = 0; i < n; i++)
		put_cell(out, render_heading(render, result->columns[i].key),
			 layout->width[i],
			 result->columns[i].kind == RESULT_NUMBER, i + 1 == n);
	fputc('\n', out);
	for (size_t i = 0; i < layout->total; i++)
		fputs("─", out);
	fputc('\n', out);
	for (unsigned int row = 0; row < result->nrows; row++)
		put_row(render, result, layout, row);
}

/* Each row as lines "heading  value", values wrapped beside the headings. */
static void put_lines(const struct render *render, const struct result *result,
		      size_t columns)
{
	char cell[RENDER_CELL];
	size_t most = 0;

	for (unsigned int i = 0; i < result->ncolumns; i++) {
		size_t width = width_text(
			render_heading(render, result->columns[i].key));

		if (width > most)
			most = width;
	}
	for (unsigned int row = 0; row < result->nrows; row++) {
		if (row > 0)
			fputc('\n', render->out);
		for (unsigned int i = 0; i < result->ncolumns; i++) {
			put_spaces(render->out, MARGIN);
			put_cell(render->out,
				 render_heading(render, result->columns[i].key),
				 most, false, false);
			render_wrapped(render->out,
				       render_cell(render, result, row, i, cell,
						   sizeof cell),
				       MARGIN + most + GAP, columns);
		}
	}
}

void render_title(const struct render *render, const struct result *result)
{
	char line[RENDER_CELL];

	if (!result->has_title)
		return;
	result_say(result, &result->title, render->lang, line, sizeof line);
	render_wrapped(render->out, line, 0, render_columns(render));
}

/* The room that wrapping a column's cells needs: for their longest word. */
static size_t wrapped_width(const struct render *render,
			    const struct result *result, unsigned int column)
{
	char cell[RENDER_CELL];
	size_t most = ROOMY;

	for (unsigned int row = 0; row < result->nrows; row++) {
		char *word, *rest = render_cell(render, result, row, column,
						cell, sizeof cell);

		while ((word = strsep(&rest, " ")))
			if (width_text(word) > most)
				most = width_text(word);
	}
	return most;
}

bool render_fits(const struct render *render, const struct result *result)
{
	unsigned int last = result->ncolumns - 1;
	struct layout layout;
	size_t needed, wrapped;

	if (result->ncolumns == 0)
		return true;
	measure(render, result, &layout);
	needed = layout.total;
	wrapped = wrapped_width(render, result, last);
	if (result->columns[last].kind == RESULT_TEXT &&
	    layout.width[last] > wrapped)
		needed -= layout.width[last] - wrapped;
	return needed <= render_columns(render);
}

/* A table of the rows, if the window has room for one. */
static bool try_table(const struct render *render, const struct result *result)
{
	struct layout layout;

	measure(render, result, &layout);
	if (!shrink(result, &layout, render_columns(render)))
		return false;
	put_table(render, result, &layout);
	return true;
}

/* Times give way before rows become lines. */
static bool try_tables(const struct render *render, const struct result *result)
{
	struct render narrow = *render;

	for (unsigned int i = 0; i <= RENDER_SHORTEST; i++) {
		narrow.short_times = i;
		if (try_table(&narrow, result))
			return true;
	}
	return false;
}

void render_table(const struct render *render, const struct result *result)
{
	bool list = result->shape == RESULT_LIST && !result->has_error;

	render_title(render, result);
	if (list && result->nrows == 0)
		fprintf(render->out, "%s\n",
			text(render->lang, TEXT_RENDER_NOTHING));
	else if (!list || !try_tables(render, result))
		put_lines(render, result, render_columns(render));
	render_sentences(render, result, render_columns(render));
}
