/*
 * render - show a result to a person or a program.
 *
 * Three renderers of the same value: a table that fits the window, plain
 * lines for a screen reader, and one line of JSON. Cells and arguments pass
 * visible_text(), whoever made the result.
 */
#ifndef GATEWAY_DESK_RENDER_H
#define GATEWAY_DESK_RENDER_H

#include <stdio.h>

#include "gateway/base/result.h"

enum render_format { RENDER_TEXT = 0, RENDER_PLAIN, RENDER_JSON };

struct render {
	FILE *out;
	enum render_format format;
	const char *lang;
	size_t columns; /* of the window; 0: not known, 80 is assumed */
};

void render_result(const struct render *render, const struct result *result);

/* --- For the renderers --------------------------------------------------- */

enum { RENDER_CELL = 4 * RESULT_CELL_SIZE };

void render_text(const struct render *render, const struct result *result);
void render_plain(const struct render *render, const struct result *result);
void render_json(const struct render *render, const struct result *result);

/* The heading of a column in lang. */
const char *render_heading(const struct render *render, const char *key);

/* A word of a state in lang. */
const char *render_word(const struct render *render, const char *word);

/* A cell as people read it: words translated, times in local time, "-" for
 * nothing. Returns out. */
char *render_cell(const struct render *render, const struct result *result,
		  unsigned int row, unsigned int column, char *out,
		  size_t size);

/* The error sentence and the hint on lines of their own, or the notes and a
 * line about what was cut; wrapped at columns (0: not wrapped). */
void render_sentences(const struct render *render, const struct result *result,
		      size_t columns);

/* Write text wrapped at columns, continued lines indented, and a newline.
 * The cursor stands at column indent already. */
void render_wrapped(FILE *out, const char *text, size_t indent, size_t columns);

#endif
