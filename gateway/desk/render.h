/*
 * render - show a result to a person or a program.
 *
 * Three renderers of the same value: a table that fits the window, plain
 * lines for a screen reader, and one line of JSON. Cells and arguments pass
 * visible_text(), whoever made the result.
 */
#ifndef GATEWAY_DESK_RENDER_H
#define GATEWAY_DESK_RENDER_H

#include <stdbool.h>
#include <stdio.h>

#include "gateway/base/result.h"

enum render_format { RENDER_TEXT = 0, RENDER_PLAIN, RENDER_JSON };

/* How RENDER_TEXT lays it out; the other formats know no form. An answer that
 * says no has none. */
enum render_form {
	RENDER_TABLE = 0,
	RENDER_FINDINGS, /* a verdict, then each finding with its remedy */
	RENDER_FILES,	 /* a table without hashes */
	RENDER_QUEUE,	 /* ages in words, the own open votes marked */
	RENDER_RECORDS	 /* as a table if it fits, else a few lines each */
};

struct render {
	FILE *out;
	enum render_format format;
	enum render_form form;
	unsigned int short_times; /* narrow: 1 without seconds, 2 days alone */
	bool colour; /* beside what words and signs say, never instead */
	const char *lang;
	size_t columns; /* of the window; 0: not known, 80 is assumed */
};

void render_result(const struct render *render, const struct result *result);

/* --- For the renderers --------------------------------------------------- */

enum { RENDER_CELL = 4 * RESULT_CELL_SIZE, RENDER_SHORTEST = 2 };

void render_table(const struct render *render, const struct result *result);
void render_findings(const struct render *render, const struct result *result);
void render_files(const struct render *render, const struct result *result);
void render_queue(const struct render *render, const struct result *result);
void render_records(const struct render *render, const struct result *result);
void render_plain(const struct render *render, const struct result *result);
void render_json(const struct render *render, const struct result *result);

/* The columns of the window; what is assumed if it is not known. */
size_t render_columns(const struct render *render);

/* The title on lines of its own, if there is one. */
void render_title(const struct render *render, const struct result *result);

/* Does a table of this show every cell in full? The last may be wrapped between
 * its words. */
bool render_fits(const struct render *render, const struct result *result);

/* Turn a colour on (an SGR parameter such as "1;31") and off, if there are
 * any. */
void render_colour(const struct render *render, const char *colour);
void render_colour_off(const struct render *render);

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
