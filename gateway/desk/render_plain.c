/*
 * render_plain - "name: value", one a line, for screen readers and diff.
 *
 * Nothing is aligned, drawn or cut. Runs in sekisho-desk and sekishoctl.
 */
#include "gateway/desk/render.h"

void render_plain(const struct render *render, const struct result *result)
{
	char cell[RENDER_CELL];

	if (result->has_title) {
		result_say(result, &result->title, render->lang, cell,
			   sizeof cell);
		fprintf(render->out, "%s\n", cell);
	}
	for (unsigned int row = 0; row < result->nrows; row++) {
		if (row > 0)
			fputc('\n', render->out);
		for (unsigned int i = 0; i < result->ncolumns; i++)
			fprintf(render->out, "%s: %s\n",
				render_heading(render, result->columns[i].key),
				render_cell(render, result, row, i, cell,
					    sizeof cell));
	}
	if (result->nrows == 0 && result->shape == RESULT_LIST)
		fprintf(render->out, "%s\n",
			text(render->lang, TEXT_RENDER_NOTHING));
	render_sentences(render, result, 0);
}
