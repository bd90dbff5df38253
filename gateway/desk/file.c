/*
 * file - open one file of a request: policy puts the view on record, the
 * supervisor sends what parse makes of the file, the desk shows it.
 *
 * Runs in sekisho-desk, for reviewers at a terminal. Contents are shown there
 * and leave no other way.
 */
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/desk/ask.h"
#include "gateway/desk/columns.h"
#include "gateway/desk/desk.h"
#include "gateway/desk/findings.h"
#include "gateway/desk/link.h"
#include "gateway/desk/sheet_show.h"

enum {
	VIEW_MS = 15000,    /* until the supervisor sends the pipe */
	PARSE_SECONDS = 30, /* until parse has said everything */
};

struct opened {
	const char *request, *file;
	bool only_findings;
	uint32_t only_row;
};

static int refuse(struct result *result, enum text_id id, const char *what)
{
	result_error(result, RESULT_WRONG, id, what, NULL, NULL);
	result_hint(result, TEXT_DESK_SEE_HELP, "file", NULL);
	return -1;
}

static bool read_number(const char *word, uint32_t *number)
{
	char *end;
	unsigned long value = strtoul(word, &end, 10);

	if (*word < '1' || *word > '9' || *end || value > UINT32_MAX)
		return false;
	*number = (uint32_t)value;
	return true;
}

/* 0, or -1 and an error in result. */
static int read_words(const struct command *command, struct opened *opened,
		      struct result *result)
{
	uint32_t ignored;

	*opened = (struct opened){ .request = command_word(command, 1),
				   .file = command_word(command, 2) };
	if (command->format == RENDER_JSON)
		return refuse(result, TEXT_FILE_NO_JSON, NULL);
	if (!read_number(opened->request, &ignored))
		return refuse(result, TEXT_DESK_WHICH_REQUEST, "file");
	if (!read_number(opened->file, &ignored))
		return refuse(result, TEXT_FILE_WHICH, NULL);
	for (unsigned int i = 3; i < command->n; i++) {
		const char *word = command->words[i];

		if (strcmp(word, "--findings") == 0)
			opened->only_findings = true;
		else if (strcmp(word, "--row") != 0)
			return refuse(result, TEXT_FILE_OPTION, word);
		else if (!read_number(command_word(command, ++i),
				      &opened->only_row))
			return refuse(result, TEXT_DESK_NEEDS_VALUE, "--row");
	}
	return 0;
}

static int ask_for(struct desk *desk, const char *verb,
		   const struct opened *opened, struct result *result,
		   struct err *err)
{
	static struct command question;

	command_begin(&question);
	command_put(&question, verb);
	command_put(&question, opened->request);
	command_put(&question, opened->file);
	return ask(desk->policy, &question, ASK_SECONDS, result, err);
}

/* What could not be shown, in a word for the reviewer. */
static void say_broken(struct result *result, const struct err *why)
{
	result_error(result, RESULT_FAILED, TEXT_FILE_BROKEN, why->text, NULL,
		     NULL);
	result_hint(result, TEXT_FILE_BROKEN_HINT, NULL, NULL);
}

static void put_title(const struct render *render, const struct opened *opened,
		      const struct result *about, const struct sheet *sheet)
{
	char line[RENDER_CELL], size[64], rows[24];

	snprintf(rows, sizeof rows, "%zu", sheet->nrows);
	text_fill(line, sizeof line, render->lang, TEXT_FILE_HEAD,
		  opened->request, opened->file, column_cell(about, 0, "name"));
	render_wrapped(render->out, line, 0, render->columns);
	snprintf(size, sizeof size, "%.40s", column_cell(about, 0, "size"));
	text_fill(line, sizeof line, render->lang, TEXT_FILE_ABOUT,
		  *sheet->type ? sheet->type : "-", size, rows);
	render_wrapped(render->out, line, 0, render->columns);
}

static char *make_page(const struct desk *desk, const struct command *command,
		       const struct opened *opened, const struct result *about,
		       struct sheet_show *show)
{
	char *bytes = NULL;
	char line[512];
	size_t len = 0;
	bool plain = command->format == RENDER_PLAIN;
	struct render render = {
		.lang = desk->lang,
		.format = command->format,
		.colour = !plain,
		.columns = plain	    ? 0
			   : desk->cols > 0 ? desk->cols
					    : 80,
		.out = open_memstream(&bytes, &len),
	};

	if (!render.out)
		return NULL;
	put_title(&render, opened, about, show->sheet);
	sheet_show(&render, show);
	text_fill(line, sizeof line, desk->lang, TEXT_FILE_NEXT,
		  opened->request, opened->file, NULL);
	render_wrapped(render.out, line, 0, render.columns);
	fclose(render.out);
	return bytes;
}

/* Receive the view and make the page of it. 0; -1 and why. */
static int show_view(struct desk *desk, const struct command *command,
		     const struct opened *opened, struct result *about,
		     struct result *findings, struct err *why)
{
	uint64_t view = column_count(about, 0, "view");
	struct sheet sheet = { 0 };
	static struct sheet_show show;
	AUTO_FD int pipe = link_view(desk, view, VIEW_MS, why);

	if (pipe < 0)
		return -1;
	if (sheet_read(&sheet, pipe, PARSE_SECONDS, why) < 0) {
		sheet_clear(&sheet);
		return -1;
	}
	show = (struct sheet_show){ .sheet = &sheet,
				    .findings = findings,
				    .only_findings = opened->only_findings,
				    .only_row = opened->only_row };
	desk->page = make_page(desk, command, opened, about, &show);
	sheet_clear(&sheet);
	return desk->page ? 0 : err_set(why, "out of memory");
}

int desk_file(struct desk *desk, const struct command *command,
	      struct result *result, struct err *err)
{
	static struct result findings;
	struct opened opened;
	struct err why = { "" };

	if (read_words(command, &opened, result) < 0)
		return DESK_ANSWERED;
	/* What was found first: a view is on record from its question on. */
	if (ask_for(desk, "findings", &opened, &findings, err) < 0)
		return DESK_FAILED;
	if (findings.has_error) {
		*result = findings;
		return DESK_ANSWERED;
	}
	findings_explain(&findings, desk->lang);
	if (ask_for(desk, "file", &opened, result, err) < 0)
		return DESK_FAILED;
	if (result->has_error)
		return DESK_ANSWERED;
	if (show_view(desk, command, &opened, result, &findings, &why) < 0)
		say_broken(result, &why);
	return DESK_ANSWERED;
}
