/*
 * requests - one request on one screen: what it is for, its files, and what
 * is left to do.
 *
 * Runs in sekisho-desk, for reviewers, approvers and auditors. Purpose and
 * names are a researcher's; cells of a result are visible already.
 */
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/desk/ask.h"
#include "gateway/desk/columns.h"
#include "gateway/desk/desk.h"

enum { LISTED = 8 /* files named in one sentence */ };

static void put_head(const struct render *render, const struct result *about)
{
	int when = column_of(about, "submitted");
	char time[RENDER_CELL] = "-", line[RENDER_CELL];

	if (when >= 0)
		render_cell(render, about, 0, (unsigned int)when, time,
			    sizeof time);
	text_fill(line, sizeof line, render->lang, TEXT_SHOW_HEAD,
		  column_cell(about, 0, "request"),
		  column_cell(about, 0, "permit"), time);
	fprintf(render->out, "%s  ", line);
	render_colour(render, "1");
	fputs(render_word(render, column_cell(about, 0, "state")), render->out);
	render_colour_off(render);
	fputc('\n', render->out);
	text_fill(line, sizeof line, render->lang, TEXT_SHOW_PURPOSE,
		  column_cell(about, 0, "purpose"), NULL, NULL);
	render_wrapped(render->out, line, 2, render->columns);
	render_sentences(render, about, render->columns);
}

/* The numbers of the files that are (not) in this state, as "2, 3, 5". */
static unsigned int list_files(const struct result *files, bool viewed,
			       char *out, size_t size)
{
	unsigned int n = 0;
	size_t used = 0;

	out[0] = '\0';
	for (unsigned int row = 0; row < files->nrows; row++) {
		bool seen =
			strcmp(column_cell(files, row, "viewed"), "yes") == 0;
		const char *vote = column_cell(files, row, "vote");

		if (seen != viewed || (*vote && strcmp(vote, "none") != 0))
			continue;
		if (n++ < LISTED && used < size)
			used += (size_t)snprintf(
				out + used, size - used, "%s%s",
				n > 1 ? ", " : "",
				column_cell(files, row, "file"));
	}
	if (n > LISTED && used < size)
		snprintf(out + used, size - used, ", …");
	return n;
}

/* What this reviewer has still to do. */
static void put_left(const struct render *render, const struct desk *desk,
		     const struct result *about, const struct result *files)
{
	char number[32], list[256];
	static struct result said;
	unsigned int n;

	if (desk->role != DESK_REVIEWER ||
	    strcmp(column_cell(about, 0, "state"), "review") != 0)
		return;
	snprintf(number, sizeof number, "%s", column_cell(about, 0, "request"));
	result_begin(&said, RESULT_ONE, TEXT_VERBATIM);
	n = list_files(files, false, list, sizeof list);
	if (n > 0)
		result_note(&said, TEXT_SHOW_OPEN, list, number,
			    n == 1 ? list : "N");
	n = list_files(files, true, list, sizeof list);
	if (n > 0)
		result_note(&said, TEXT_SHOW_VOTE, list, number,
			    n == 1 ? list : "N");
	if (said.nnotes == 0)
		result_note(&said, TEXT_SHOW_VOTED, NULL, NULL, NULL);
	render_sentences(render, &said, render->columns);
}

static char *make_page(const struct desk *desk, const struct command *command,
		       const struct result *about, const struct result *files)
{
	char *bytes = NULL;
	size_t len = 0;
	struct render render = {
		.lang = desk->lang,
		.format = command->format,
		.colour = command->format == RENDER_TEXT,
		.columns = command->format == RENDER_PLAIN ? 0
			   : desk->cols > 0		   ? desk->cols
							   : 80,
		.out = open_memstream(&bytes, &len),
	};

	static struct result list;

	if (!render.out)
		return NULL;
	list = *files;
	list.has_title = false;
	put_head(&render, about);
	render.form = RENDER_FILES;
	render_result(&render, &list);
	put_left(&render, desk, about, files);
	fclose(render.out);
	return bytes;
}

static int ask_about(struct desk *desk, const char *verb,
		     const struct command *command, struct result *result,
		     struct err *err)
{
	static struct command question;

	command_begin(&question);
	command_put(&question, verb);
	command_put(&question, command_word(command, 1));
	return ask(desk->policy, &question, ASK_SECONDS, result, err);
}

int desk_show(struct desk *desk, const struct command *command,
	      struct result *result, struct err *err)
{
	static struct result about;

	if (desk_too_many(desk, command, 1, result))
		return DESK_ANSWERED;
	if (command->n < 2) {
		result_error(result, RESULT_WRONG, TEXT_DESK_WHICH_REQUEST,
			     "show", NULL, NULL);
		result_hint(result, TEXT_DESK_SEE_HELP, "show", NULL);
		return DESK_ANSWERED;
	}
	if (ask_about(desk, "show", command, result, err) < 0)
		return DESK_FAILED;
	desk_finish(desk, command, result);
	if (result->has_error || command->format == RENDER_JSON ||
	    !desk_on_screen(desk))
		return DESK_ANSWERED;
	if (ask_about(desk, "request", command, &about, err) < 0)
		return DESK_FAILED;
	if (about.has_error)
		return DESK_ANSWERED;
	desk->page = make_page(desk, command, &about, result);
	if (!desk->page)
		return err_set(err, "out of memory");
	return DESK_ANSWERED;
}
