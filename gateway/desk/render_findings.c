/*
 * render_findings - the answer to check: the verdict in one line, then what
 * was found, file by file, each kind with its places and its remedy.
 *
 *	BLOCKED: 2 findings block this; it cannot be submitted as it is.
 *
 *	table1.csv
 *	  ! T01_MIN_CELL  blocks
 *	    row 3, column 2: the count 4 is below 10.
 *	    row 7, column 2: the count 6 is below 10.
 *	    and 14 more places: row 9, column 2; row 10, column 2; ...
 *	    -> Merge it with a neighbour, or suppress it with a second one.
 *
 * A table with twenty small cells is one thing to mend, not twenty lines;
 * --json and --plain have them all.
 *
 * Runs in sekisho-desk. File names are a researcher's.
 */
#include <stdio.h>
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/desk/columns.h"
#include "gateway/desk/findings.h"
#include "gateway/desk/render.h"

enum {
	CODE_INDENT = 2,
	INDENT = 4,
	FULL = 5,   /* places of one code that get a sentence each */
	NAMED = 20, /* further ones that are named in one line */
};

static bool same(const struct result *result, const char *key, unsigned int a,
		 unsigned int b)
{
	return strcmp(column_cell(result, a, key),
		      column_cell(result, b, key)) == 0;
}

/* Are both of one file and one code? */
static bool same_kind(const struct result *result, unsigned int a,
		      unsigned int b)
{
	return same(result, "file", a, b) && same(result, "code", a, b);
}

/* Is this row the first of its file, or of its file and code? */
static bool begins(const struct result *result, unsigned int row, bool code)
{
	for (unsigned int i = 0; i < row; i++)
		if (code ? same_kind(result, i, row)
			 : same(result, "file", i, row))
			return false;
	return true;
}

static enum text_id verdict_text(uint8_t exit, unsigned int blocks,
				 unsigned int flags, unsigned int infos)
{
	switch (exit) {
	case 0: /* of submit: it went to the reviewers, with its flags */
		if (flags > 0)
			return TEXT_VERDICT_SENT;
		return infos > 0 ? TEXT_VERDICT_INFO : TEXT_VERDICT_CLEAR;
	case 1:
		return flags == 1 ? TEXT_VERDICT_REVIEW_ONE
				  : TEXT_VERDICT_REVIEW;
	default:
		return blocks == 1 ? TEXT_VERDICT_BLOCK_ONE
				   : TEXT_VERDICT_BLOCK;
	}
}

static void put_verdict(const struct render *render,
			const struct result *result)
{
	static const char *const colours[] = { "1;32", "1;33", "1;31" };
	uint8_t colour = result->exit;
	unsigned int blocks = findings_count(result, "block");
	unsigned int flags = findings_count(result, "flag");
	unsigned int infos = findings_count(result, "info");
	unsigned int n = result->exit > 1 ? blocks : flags > 0 ? flags : infos;
	char number[24], line[512];

	/* What did not fit was counted, not sorted. */
	snprintf(number, sizeof number, "%u%s", n, result->cut > 0 ? "+" : "");
	text_fill(line, sizeof line, render->lang,
		  verdict_text(result->exit, blocks + result->cut,
			       flags + result->cut, infos),
		  number, NULL, NULL);
	if (colour == 0 && flags > 0)
		colour = 1;
	render_colour(render, colours[colour > 2 ? 2 : colour]);
	render_wrapped(render->out, line, 0, render_columns(render));
	render_colour_off(render);
}

static void put_place(const struct render *render, const struct result *result,
		      unsigned int row)
{
	char place[128], sentence[RENDER_CELL], line[RENDER_CELL + 256];
	int column = column_of(result, "finding");

	findings_place(result, row, render->lang, place, sizeof place);
	render_cell(render, result, row, (unsigned int)column, sentence,
		    sizeof sentence);
	snprintf(line, sizeof line, "%s: %s", place, sentence);
	fprintf(render->out, "%*s", INDENT, "");
	render_wrapped(render->out, line, INDENT, render_columns(render));
}

/* The place of this row, after those that stand there already. */
static void add_place(const struct render *render, const struct result *result,
		      unsigned int row, char *places, size_t size)
{
	char place[128];
	size_t used = strlen(places);

	findings_place(result, row, render->lang, place, sizeof place);
	snprintf(places + used, size - used, "%s%s", used > 0 ? "; " : "",
		 place);
}

/* Name n further places in one line, as far as they fit. */
static void put_places(const struct render *render, const char *places,
		       unsigned int n)
{
	char number[24], line[NAMED * 130 + 256];

	snprintf(number, sizeof number, "%u", n);
	text_fill(line, sizeof line, render->lang,
		  n > NAMED ? TEXT_PLACES_MORE_CUT : TEXT_PLACES_MORE, number,
		  places, NULL);
	fprintf(render->out, "%*s", INDENT, "");
	render_wrapped(render->out, line, INDENT, render_columns(render));
}

/* Every place of the file and code of this row. One more than FULL is shown
 * in full too: its line would be no shorter. */
static void put_all_places(const struct render *render,
			   const struct result *result, unsigned int first)
{
	char places[NAMED * 130] = "";
	unsigned int all = 0, n = 0;

	for (unsigned int row = first; row < result->nrows; row++)
		all += same_kind(result, first, row);
	for (unsigned int row = first; row < result->nrows; row++) {
		if (!same_kind(result, first, row))
			continue;
		if (n < FULL || all <= FULL + 1)
			put_place(render, result, row);
		else if (n < FULL + NAMED)
			add_place(render, result, row, places, sizeof places);
		n++;
	}
	if (all > FULL + 1)
		put_places(render, places, all - FULL);
}

static void put_remedy(const struct render *render, const struct result *result,
		       unsigned int row)
{
	const char *remedy = column_cell(result, row, "remedy");
	char line[RENDER_CELL];

	if (!*remedy)
		return;
	text_fill(line, sizeof line, render->lang, TEXT_REMEDY, remedy, NULL,
		  NULL);
	fprintf(render->out, "%*s", INDENT, "");
	render_wrapped(render->out, line, INDENT + 3, render_columns(render));
}

/* All findings of the file and code of this row. */
static void put_code(const struct render *render, const struct result *result,
		     unsigned int first)
{
	const char *severity = column_cell(result, first, "severity");

	fprintf(render->out, "%*s", CODE_INDENT, "");
	render_colour(render, findings_colour(severity));
	fprintf(render->out, "%c %s  %s", findings_sign(severity),
		column_cell(result, first, "code"),
		render_word(render, severity));
	render_colour_off(render);
	fputc('\n', render->out);
	put_all_places(render, result, first);
	put_remedy(render, result, first);
}

static void put_file(const struct render *render, const struct result *result,
		     unsigned int first)
{
	char name[RENDER_CELL];
	int column = column_of(result, "name");

	if (column >= 0) {
		render_cell(render, result, first, (unsigned int)column, name,
			    sizeof name);
		fputc('\n', render->out);
		render_wrapped(render->out, name, 0, render_columns(render));
	}
	for (unsigned int row = first; row < result->nrows; row++)
		if (same(result, "file", first, row) &&
		    begins(result, row, true))
			put_code(render, result, row);
}

static void put_more(const struct render *render, const struct result *result)
{
	char number[16], line[512];

	snprintf(number, sizeof number, "%u", result->cut);
	text_fill(line, sizeof line, render->lang, TEXT_FINDINGS_MORE, number,
		  NULL, NULL);
	fputc('\n', render->out);
	render_wrapped(render->out, line, 0, render_columns(render));
}

void render_findings(const struct render *render, const struct result *result)
{
	char line[RENDER_CELL];

	if (column_of(result, "finding") < 0) {
		render_table(render, result);
		return;
	}
	put_verdict(render, result);
	for (unsigned int row = 0; row < result->nrows; row++)
		if (begins(result, row, false))
			put_file(render, result, row);
	if (result->cut > 0)
		put_more(render, result);
	for (unsigned int i = 0; i < result->nnotes; i++) {
		fputs(i == 0 ? "\n" : "", render->out);
		result_say(result, &result->notes[i], render->lang, line,
			   sizeof line);
		render_wrapped(render->out, line, 0, render_columns(render));
	}
}
