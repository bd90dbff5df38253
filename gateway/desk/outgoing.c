/*
 * outgoing - what check and submit ask of policy.
 *
 * Runs in sekisho-desk, for the client inside. Words and folder came out of a
 * sandbox; what goes to policy are paths beneath /out and one purpose.
 */
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/desk/desk.h"
#include "gateway/desk/paths.h"

static const char purpose_option[] = "--purpose";

/* Errors here are usage, and must not look like a verdict. */
static int refuse(struct result *result, const struct command *command,
		  enum text_id id, const char *what, const char *more)
{
	result_error(result, DESK_CHECK_WRONG, id, what, more, NULL);
	result_hint(result, TEXT_DESK_SEE_HELP, command_word(command, 0),
		    "sekisho ");
	return DESK_ANSWERED;
}

static int refuse_path(struct result *result, const struct command *command,
		       enum paths_outcome outcome, const char *word)
{
	char limit[16];

	snprintf(limit, sizeof limit, "%d", COMMAND_PATH - 1);
	if (outcome == PATHS_LONG)
		return refuse(result, command, TEXT_OUT_LONG, word, limit);
	result_error(result, DESK_CHECK_WRONG,
		     outcome == PATHS_FOLDER ? TEXT_OUT_FOLDER
					     : TEXT_OUT_OUTSIDE,
		     word, NULL, NULL);
	result_hint(result,
		    outcome == PATHS_FOLDER ? TEXT_OUT_NAME_FILES
					    : TEXT_OUT_COPY,
		    command_word(command, 0), NULL);
	return DESK_ANSWERED;
}

static bool has_word(const struct command *ask, unsigned int from,
		     const char *word)
{
	for (unsigned int i = from; i < ask->n; i++)
		if (strcmp(ask->words[i], word) == 0)
			return true;
	return false;
}

/* Append word as a path; files of ask begin with number from. */
static int add_file(const struct desk *desk, const struct command *command,
		    const char *word, unsigned int from, struct command *ask,
		    struct result *result)
{
	char path[COMMAND_PATH], most[16];
	enum paths_outcome outcome =
		paths_out(desk->cwd, word, path, sizeof path);

	if (outcome != PATHS_BENEATH)
		return refuse_path(result, command, outcome, word);
	if (has_word(ask, from, path))
		return refuse(result, command, TEXT_OUT_TWICE, word, NULL);
	snprintf(most, sizeof most, "%d", COMMAND_FILES);
	if (ask->n - from == COMMAND_FILES || command_put(ask, path) < 0)
		return refuse(result, command, TEXT_OUT_MANY, most, NULL);
	return DESK_ASKS;
}

static int add_files(const struct desk *desk, const struct command *command,
		     struct command *ask, struct result *result)
{
	unsigned int from = ask->n;
	bool options = true;

	for (unsigned int i = 1; i < command->n; i++) {
		const char *word = command->words[i];

		if (options && strcmp(word, "--") == 0) {
			options = false;
			continue;
		}
		/* outgoing_submit() has taken it */
		if (options && strcmp(word, purpose_option) == 0 &&
		    strcmp(command_word(command, 0), "submit") == 0) {
			i++;
			continue;
		}
		if (options && *word == '-' && word[1])
			return refuse(result, command, TEXT_DESK_TOO_MANY,
				      command_word(command, 0), word);
		if (add_file(desk, command, word, from, ask, result) !=
		    DESK_ASKS)
			return DESK_ANSWERED;
	}
	if (ask->n == from)
		return refuse(result, command, TEXT_OUT_NONE,
			      command_word(command, 0), NULL);
	return DESK_ASKS;
}

/* The word after --purpose; NULL if the option is not there. */
static const char *find_purpose(const struct command *command)
{
	for (unsigned int i = 1; i < command->n; i++) {
		if (strcmp(command->words[i], "--") == 0)
			return NULL;
		if (strcmp(command->words[i], purpose_option) == 0)
			return command_word(command, i + 1);
	}
	return NULL;
}

int outgoing_check(const struct desk *desk, const struct command *command,
		   struct command *ask, struct result *result)
{
	command_begin(ask);
	command_put(ask, command_word(command, 0));
	return add_files(desk, command, ask, result);
}

int outgoing_submit(const struct desk *desk, const struct command *command,
		    struct command *ask, struct result *result)
{
	const char *purpose = find_purpose(command);

	if (!purpose || purpose[strspn(purpose, " \t")] == '\0') {
		result_error(result, DESK_CHECK_WRONG, TEXT_OUT_NO_PURPOSE,
			     NULL, NULL, NULL);
		result_hint(result, TEXT_OUT_ADD_PURPOSE, NULL, NULL);
		return DESK_ANSWERED;
	}
	command_begin(ask);
	command_put(ask, command_word(command, 0));
	command_put(ask, purpose);
	return add_files(desk, command, ask, result);
}

bool desk_lacks(const struct desk *desk, const struct command *command,
		const char **option, enum text_id *question)
{
	static struct command ask;
	static struct result ignored;

	/* Ask for a purpose only if the rest can be submitted. */
	if (desk->role != DESK_RESEARCHER || !desk->for_session ||
	    strcmp(command_word(command, 0), "submit") != 0 ||
	    find_purpose(command) ||
	    outgoing_check(desk, command, &ask, &ignored) != DESK_ASKS)
		return false;
	*option = purpose_option;
	*question = TEXT_OUT_ASK_PURPOSE;
	return true;
}
