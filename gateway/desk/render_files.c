/*
 * render_files - the files of a request: a table without what only programs
 * read.
 *
 * Runs in sekisho-desk.
 */
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/desk/render.h"

static bool is_shown(const char *key)
{
	static const char *const left_out[] = { "request", "sha256" };

	for (size_t i = 0; i < ARRAY_LEN(left_out); i++)
		if (strcmp(left_out[i], key) == 0)
			return false;
	return true;
}

void render_files(const struct render *render, const struct result *result)
{
	static struct result files;

	files = *result;
	files.ncolumns = files.ncells = 0;
	for (unsigned int i = 0; i < result->ncolumns; i++)
		if (is_shown(result->columns[i].key))
			files.columns[files.ncolumns++] = result->columns[i];
	for (unsigned int row = 0; row < result->nrows; row++)
		for (unsigned int i = 0; i < result->ncolumns; i++)
			if (is_shown(result->columns[i].key))
				files.cells[files.ncells++] =
					result->cells[row * result->ncolumns +
						      i];
	render_table(render, &files);
}
