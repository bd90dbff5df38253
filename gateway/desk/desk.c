/*
 * desk - the table of verbs: who may use which, and what answers.
 *
 * Runs in sekisho-desk. Distrusts every word: it came from a person's client
 * or out of a sandbox. Words that are not ours never reach the log.
 */
#include "gateway/desk/desk.h"

#include <string.h>

#include "audit/client.h"
#include "gateway/base/own.h"
#include "gateway/desk/ask.h"
#include "gateway/desk/fixed.h"

typedef int handler_fn(struct desk *desk, const struct command *command,
		       struct result *result, struct err *err);

static handler_fn on_help, on_policy, on_log, on_checkpoint, on_leave;

struct verb {
	const char *name;
	unsigned int roles;
	handler_fn *answer;
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
#define VERB(name, roles, handler, arguments, example, help)                   \
	{ #name, roles, handler, arguments, example, TEXT_VERB_##help },
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
static int write_record(struct desk *desk, const struct verb *verb,
			struct err *err)
{
	struct audit_record record;

	audit_begin(&record, "desk.verb", verb ? AUDIT_OK : AUDIT_DENY);
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

int desk_answer(struct desk *desk, const struct command *command,
		struct result *result, struct err *err)
{
	const char *name = command->n > 0 ? command->words[0] : "help";
	const struct verb *verb = find_verb(desk, name);

	if (write_record(desk, verb, err) < 0)
		return -1;
	if (verb)
		return verb->answer(desk, command, result, err);
	result_error(result, RESULT_WRONG, TEXT_DESK_UNKNOWN, name, NULL, NULL);
	result_hint(result, TEXT_DESK_TRY_HELP, NULL, NULL);
	return 0;
}

/* --- Handlers ------------------------------------------------------------- */

static bool takes_at_most(const struct command *command, unsigned int n,
			  struct result *result)
{
	if (command->n <= n + 1)
		return true;
	result_error(result, RESULT_WRONG, TEXT_DESK_TOO_MANY,
		     command_word(command, 0), command_word(command, n + 1),
		     NULL);
	result_hint(result, TEXT_DESK_SEE_HELP, command_word(command, 0), NULL);
	return false;
}

static void help_on(const struct desk *desk, const struct verb *verb,
		    struct result *result)
{
	const char *before = desk->role == DESK_RESEARCHER ? "sekisho " : "";
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

static int on_help(struct desk *desk, const struct command *command,
		   struct result *result, struct err *err)
{
	const char *name = command_word(command, 1);
	const struct verb *verb = find_verb(desk, name);

	(void)err;
	if (!takes_at_most(command, 1, result))
		return 0;
	if (verb) {
		help_on(desk, verb, result);
		return 0;
	}
	if (*name) {
		result_error(result, RESULT_WRONG, TEXT_DESK_UNKNOWN, name,
			     NULL, NULL);
		result_hint(result, TEXT_DESK_TRY_HELP, NULL, NULL);
		return 0;
	}
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
	result_note(result, TEXT_DESK_MORE_HELP, NULL, NULL, NULL);
	return 0;
}

static int on_policy(struct desk *desk, const struct command *command,
		     struct result *result, struct err *err)
{
	unsigned int most = strcmp(command_word(command, 0), "permit") == 0;
	static struct result full;

	if (!takes_at_most(command, most, result))
		return 0;
	/* Outside of a session, a researcher's client gets no free text. */
	if (desk->role != DESK_RESEARCHER || desk->for_session)
		return ask(desk->policy, command, result, err);
	if (ask(desk->policy, command, &full, err) < 0)
		return -1;
	fixed_only(result, &full);
	return 0;
}

static int on_log(struct desk *desk, const struct command *command,
		  struct result *result, struct err *err)
{
	return desk_log(desk, command, result, err);
}

static int on_checkpoint(struct desk *desk, const struct command *command,
			 struct result *result, struct err *err)
{
	if (!takes_at_most(command, 0, result))
		return 0;
	return desk_checkpoint(desk, result, err);
}

static int on_leave(struct desk *desk, const struct command *command,
		    struct result *result, struct err *err)
{
	(void)err;
	if (!takes_at_most(command, 0, result))
		return 0;
	desk->leaving = true;
	result_begin(result, RESULT_ONE, TEXT_DESK_GOODBYE);
	return 0;
}
