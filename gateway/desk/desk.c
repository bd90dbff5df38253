/*
 * desk - the table of verbs: who may use which, and what answers.
 *
 * Runs in sekisho-desk. Distrusts every word: it came from a person's client
 * or out of a sandbox. Words that are not ours never reach the log.
 */
#include "gateway/desk/desk.h"

#include <stdlib.h>
#include <string.h>

#include "audit/client.h"
#include "gateway/base/own.h"
#include "gateway/desk/ask.h"
#include "gateway/desk/findings.h"
#include "gateway/desk/fixed.h"
#include "gateway/desk/nearest.h"

typedef int handler_fn(struct desk *desk, const struct command *command,
		       struct question *question, struct result *result,
		       struct err *err);

static handler_fn on_help, on_log, on_search, on_ocsf, on_proof, on_consistency,
	on_checkpoint, on_show, on_file, on_vault, on_leave, to_policy,
	to_words, to_check, to_submit, to_request, to_vote, to_note;

struct verb {
	const char *name;
	unsigned int roles;
	enum desk_where where;
	handler_fn *answer;
	unsigned int seconds;
	enum render_form form;
	const char *arguments, *example;
	enum text_id help;
};

enum {
	R = DESK_RESEARCHER,
	V = DESK_REVIEWER,
	A = DESK_APPROVER,
	U = DESK_AUDITOR
};

static const struct verb verbs[] = {
#define VERB(name, roles, where, handler, seconds, form, arguments, example,   \
	     help)                                                             \
	{ #name,	 roles,	    DESK_##where, handler,	   seconds,    \
	  RENDER_##form, arguments, example,	  TEXT_VERB_##help },
#include "gateway/desk/verbs.def"
#undef VERB
};

static const struct verb *find_verb(const struct desk *desk, const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		if (strcmp(verbs[i].name, name) == 0 &&
		    verbs[i].roles & desk->role)
			return &verbs[i];
	return NULL;
}

const char *desk_verb_name(const struct desk *desk, unsigned int i)
{
	for (size_t at = 0; at < ARRAY_LEN(verbs); at++)
		if (verbs[at].roles & desk->role && i-- == 0)
			return verbs[at].name;
	return NULL;
}

enum desk_role desk_role(const char *word)
{
	static const struct {
		const char *word;
		enum desk_role role;
	} roles[] = {
		{ "researcher", DESK_RESEARCHER },
		{ "reviewer", DESK_REVIEWER },
		{ "approver", DESK_APPROVER },
		{ "auditor", DESK_AUDITOR },
	};

	for (size_t i = 0; i < ARRAY_LEN(roles); i++)
		if (strcmp(roles[i].word, word) == 0)
			return roles[i].role;
	return DESK_NOBODY;
}

/* The record names the verb only if it is one of ours. */
static int write_record(struct desk *desk, const struct verb *verb, bool here,
			struct err *err)
{
	struct audit_record record;

	audit_begin(&record, "desk.verb", here ? AUDIT_OK : AUDIT_DENY);
	snprintf(record.actor, sizeof record.actor, "%s", desk->actor);
	snprintf(record.session, sizeof record.session, "%s", desk->session);
	snprintf(record.permit, sizeof record.permit, "%s", desk->permit);
	audit_text(&record, "verb", verb ? verb->name : "unknown");
	return audit_write(desk->audit, &record, NULL, err);
}

void desk_malformed(struct result *result)
{
	result_error(result, RESULT_WRONG, TEXT_DESK_MALFORMED, NULL, NULL,
		     NULL);
	result_hint(result, TEXT_DESK_TRY_HELP, NULL, NULL);
}

/* What stands before a command where the person types it. */
static const char *desk_before(const struct desk *desk)
{
	return desk->role == DESK_RESEARCHER ? "sekisho " : "";
}

bool desk_on_screen(const struct desk *desk)
{
	return desk->for_session ||
	       (desk->tty && desk->role != DESK_RESEARCHER);
}

/* Only who is at a screen may ask this; say where that is. */
static void refuse_place(const struct desk *desk, const struct verb *verb,
			 struct result *result)
{
	bool researcher = desk->role == DESK_RESEARCHER;

	result_error(result, RESULT_DENIED,
		     researcher ? TEXT_DESK_IN_SESSION : TEXT_DESK_ON_CONSOLE,
		     verb->name, NULL, NULL);
	result_hint(result,
		    researcher ? TEXT_DESK_LOG_IN : TEXT_DESK_OPEN_CONSOLE,
		    NULL, NULL);
}

/* Say that there is no such command, and which may have been meant. */
static void unknown_verb(const struct desk *desk, const char *name,
			 struct result *result)
{
	const char *verb;

	result_error(result, RESULT_WRONG, TEXT_DESK_UNKNOWN, name, NULL, NULL);
	for (unsigned int i = 0; (verb = desk_verb_name(desk, i)); i++)
		if (nearest_meant(name, verb)) {
			result_hint(result, TEXT_DESK_MEANT, verb,
				    desk_before(desk));
			return;
		}
	result_hint(result, TEXT_DESK_TRY_HELP, desk_before(desk), NULL);
}

int desk_begin(struct desk *desk, const struct command *command,
	       struct question *question, struct result *result,
	       struct err *err)
{
	const char *name = command->n > 0 ? command->words[0] : "help";
	const struct verb *verb = find_verb(desk, name);
	bool here =
		verb && (verb->where != DESK_SCREEN || desk_on_screen(desk));

	free(desk->page);
	desk->page = NULL;
	if (write_record(desk, verb, here, err) < 0)
		return DESK_FAILED;
	if (here) {
		question->seconds = verb->seconds;
		return verb->answer(desk, command, question, result, err);
	}
	if (verb) {
		refuse_place(desk, verb, result);
		return DESK_ANSWERED;
	}
	unknown_verb(desk, name, result);
	return DESK_ANSWERED;
}

/* Scripts read the verdict from the status: 0 clear, 1 review, 2 block. What
 * went wrong must not look like one. */
static void keep_statuses_apart(struct result *result)
{
	if (result->has_error && result->exit == RESULT_WRONG)
		result->exit = DESK_CHECK_WRONG;
	else if (result->has_error && result->exit == RESULT_FAILED)
		result->exit = DESK_CHECK_FAILED;
}

void desk_finish(struct desk *desk, const struct command *command,
		 struct result *result)
{
	const struct verb *verb = find_verb(desk, command_word(command, 0));
	static struct result full;

	if (!verb)
		return;
	if (verb->form == RENDER_FINDINGS)
		keep_statuses_apart(result);
	if (verb->form == RENDER_FINDINGS)
		findings_explain(result, desk->lang);
	known_learn(&desk->known, result);
	/* A researcher's client outside of a session gets no free text. */
	if (desk_on_screen(desk) ||
	    (desk->role != DESK_RESEARCHER && verb->where == DESK_ANYWHERE))
		return;
	full = *result;
	fixed_only(result, &full);
}

int desk_answer(struct desk *desk, const struct command *command,
		struct result *result, struct err *err)
{
	static struct question question;
	int got = desk_begin(desk, command, &question, result, err);

	if (got == DESK_FAILED)
		return -1;
	if (got == DESK_ASKS && ask(desk->policy, &question.command,
				    question.seconds, result, err) < 0)
		return -1;
	if (got == DESK_ASKS)
		desk_finish(desk, command, result);
	return 0;
}

enum render_form desk_form(const struct desk *desk,
			   const struct command *command)
{
	const struct verb *verb = find_verb(desk, command_word(command, 0));

	return verb ? verb->form : RENDER_TABLE;
}

/* --- Handlers ------------------------------------------------------------- */

bool desk_too_many(const struct desk *desk, const struct command *command,
		   unsigned int most, struct result *result)
{
	if (command->n <= most + 1)
		return false;
	result_error(result, RESULT_WRONG, TEXT_DESK_TOO_MANY,
		     command_word(command, 0), command_word(command, most + 1),
		     NULL);
	result_hint(result, TEXT_DESK_SEE_HELP, command_word(command, 0),
		    desk_before(desk));
	return true;
}

static void help_on(const struct desk *desk, const struct verb *verb,
		    struct result *result)
{
	const char *before = desk_before(desk);
	char line[256];

	result_begin_with(result, RESULT_ONE, TEXT_DESK_HELP_ON, verb->name,
			  NULL);
	result_column(result, "what", RESULT_TEXT);
	result_column(result, "usage", RESULT_TEXT);
	result_column(result, "example", RESULT_TEXT);
	result_row(result);
	result_text(result, text(desk->lang, verb->help));
	snprintf(line, sizeof line, "%s%s%s%s", before, verb->name,
		 *verb->arguments ? " " : "", verb->arguments);
	result_text(result, line);
	snprintf(line, sizeof line, "%s%s", before, verb->example);
	result_text(result, line);
	result_note(result, TEXT_DESK_FORMATS, NULL, NULL, NULL);
}

static void help_list(const struct desk *desk, struct result *result)
{
	result_begin(result, RESULT_LIST, TEXT_DESK_HELP);
	result_column(result, "command", RESULT_ID);
	result_column(result, "what", RESULT_TEXT);
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
		if (!(verbs[i].roles & desk->role))
			continue;
		result_row(result);
		result_text(result, verbs[i].name);
		result_text(result, text(desk->lang, verbs[i].help));
	}
	result_note(result, TEXT_DESK_MORE_HELP, desk_before(desk), NULL, NULL);
}

static int on_help(struct desk *desk, const struct command *command,
		   struct question *question, struct result *result,
		   struct err *err)
{
	const char *name = command_word(command, 1);
	const struct verb *verb = find_verb(desk, name);

	(void)question;
	(void)err;
	if (desk_too_many(desk, command, 1, result))
		return DESK_ANSWERED;
	if (verb) {
		help_on(desk, verb, result);
	} else if (*name) {
		unknown_verb(desk, name, result);
	} else {
		help_list(desk, result);
	}
	return DESK_ANSWERED;
}

static int to_policy(struct desk *desk, const struct command *command,
		     struct question *question, struct result *result,
		     struct err *err)
{
	const struct verb *verb = find_verb(desk, command_word(command, 0));
	unsigned int most = verb && *verb->arguments;

	(void)err;
	if (desk_too_many(desk, command, most, result))
		return DESK_ANSWERED;
	command_copy(&question->command, command);
	return DESK_ASKS;
}

/* Three words after it, of which one may be part of its name. */
static int to_words(struct desk *desk, const struct command *command,
		    struct question *question, struct result *result,
		    struct err *err)
{
	(void)desk;
	(void)err;
	if (desk_too_many(desk, command, 3, result))
		return DESK_ANSWERED;
	command_copy(&question->command, command);
	return DESK_ASKS;
}

static int to_request(struct desk *desk, const struct command *command,
		      struct question *question, struct result *result,
		      struct err *err)
{
	if (*command_word(command, 1))
		return to_policy(desk, command, question, result, err);
	result_error(result, RESULT_WRONG, TEXT_DESK_WHICH_REQUEST,
		     command_word(command, 0), NULL, NULL);
	result_hint(result, TEXT_DESK_SEE_HELP, command_word(command, 0),
		    desk_before(desk));
	return DESK_ANSWERED;
}

static int to_check(struct desk *desk, const struct command *command,
		    struct question *question, struct result *result,
		    struct err *err)
{
	(void)err;
	return outgoing_check(desk, command, &question->command, result);
}

static int to_submit(struct desk *desk, const struct command *command,
		     struct question *question, struct result *result,
		     struct err *err)
{
	(void)err;
	return outgoing_submit(desk, command, &question->command, result);
}

static int to_vote(struct desk *desk, const struct command *command,
		   struct question *question, struct result *result,
		   struct err *err)
{
	(void)desk;
	(void)err;
	return voting_vote(command, &question->command, result);
}

static int to_note(struct desk *desk, const struct command *command,
		   struct question *question, struct result *result,
		   struct err *err)
{
	(void)desk;
	(void)err;
	return voting_note(command, &question->command, result);
}

static int on_show(struct desk *desk, const struct command *command,
		   struct question *question, struct result *result,
		   struct err *err)
{
	(void)question;
	return desk_show(desk, command, result, err);
}

static int on_file(struct desk *desk, const struct command *command,
		   struct question *question, struct result *result,
		   struct err *err)
{
	(void)question;
	return desk_file(desk, command, result, err);
}

static int on_log(struct desk *desk, const struct command *command,
		  struct question *question, struct result *result,
		  struct err *err)
{
	(void)question;
	return desk_log(desk, command, result, err);
}

static int on_search(struct desk *desk, const struct command *command,
		     struct question *question, struct result *result,
		     struct err *err)
{
	(void)question;
	return desk_search(desk, command, result, err);
}

static int on_ocsf(struct desk *desk, const struct command *command,
		   struct question *question, struct result *result,
		   struct err *err)
{
	(void)question;
	return desk_ocsf(desk, command, result, err);
}

static int on_proof(struct desk *desk, const struct command *command,
		    struct question *question, struct result *result,
		    struct err *err)
{
	(void)question;
	return desk_proof(desk, command, result, err);
}

static int on_consistency(struct desk *desk, const struct command *command,
			  struct question *question, struct result *result,
			  struct err *err)
{
	(void)question;
	return desk_consistency(desk, command, result, err);
}

static int on_checkpoint(struct desk *desk, const struct command *command,
			 struct question *question, struct result *result,
			 struct err *err)
{
	(void)question;
	if (desk_too_many(desk, command, 0, result))
		return DESK_ANSWERED;
	return desk_checkpoint(desk, result, err);
}

static int on_vault(struct desk *desk, const struct command *command,
		    struct question *question, struct result *result,
		    struct err *err)
{
	(void)question;
	(void)err;
	desk_vault(desk, command, result);
	return DESK_ANSWERED;
}

static int on_leave(struct desk *desk, const struct command *command,
		    struct question *question, struct result *result,
		    struct err *err)
{
	(void)question;
	(void)err;
	if (desk_too_many(desk, command, 0, result))
		return DESK_ANSWERED;
	desk->leaving = true;
	result_begin(result, RESULT_ONE, TEXT_DESK_GOODBYE);
	return DESK_ANSWERED;
}
