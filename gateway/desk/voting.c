/*
 * voting - the words of a vote and of a note.
 *
 * Runs in sekisho-desk, for reviewers. What a reviewer typed is checked for
 * its form; whether the vote counts is policy's to say.
 */
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/desk/desk.h"

static const char *const votes[] = { "approve", "return", "reject" };

static int refuse(struct result *result, const struct command *command,
		  enum text_id id, const char *what)
{
	result_error(result, RESULT_WRONG, id, what, NULL, NULL);
	result_hint(result, TEXT_DESK_SEE_HELP, command_word(command, 0), NULL);
	return DESK_ANSWERED;
}

static bool is_number(const char *word)
{
	size_t len = strspn(word, "0123456789");

	return len > 0 && len < 10 && word[len] == '\0' && *word != '0';
}

static bool is_vote(const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(votes); i++)
		if (strcmp(votes[i], word) == 0)
			return true;
	return false;
}

/* The text must be one that fits a word; long ones are not cut silently. */
static int put_text(const struct command *command, unsigned int from,
		    struct command *ask, struct result *result)
{
	char said[COMMAND_WORD], limit[16];

	if (command_rest(command, from, said) == 0) {
		command_put(ask, said);
		return DESK_ASKS;
	}
	snprintf(limit, sizeof limit, "%d", COMMAND_WORD - 1);
	return refuse(result, command, TEXT_VOTE_LONG, limit);
}

int voting_vote(const struct command *command, struct command *ask,
		struct result *result)
{
	const char *vote = command_word(command, 2);
	const char *file = command_word(command, 3);
	const char *reason = "";
	unsigned int next = 3;
	bool named = is_number(file) || strcmp(file, "all") == 0;

	if (!is_number(command_word(command, 1)))
		return refuse(result, command, TEXT_DESK_WHICH_REQUEST, "vote");
	if (!is_vote(vote))
		return refuse(result, command, TEXT_VOTE_WORD, vote);
	next += named;
	if (strcmp(command_word(command, next), "--reason") == 0) {
		reason = command_word(command, next + 1);
		if (!*reason)
			return refuse(result, command, TEXT_DESK_NEEDS_VALUE,
				      "--reason");
		next += 2;
	}
	command_begin(ask);
	command_put(ask, "vote");
	command_put(ask, command_word(command, 1));
	command_put(ask, vote);
	command_put(ask, named ? file : "all");
	command_put(ask, reason);
	return put_text(command, next, ask, result);
}

int voting_note(const struct command *command, struct command *ask,
		struct result *result)
{
	if (!is_number(command_word(command, 1)))
		return refuse(result, command, TEXT_DESK_WHICH_REQUEST, "note");
	if (command->n < 3)
		return refuse(result, command, TEXT_DESK_NEEDS_VALUE, "TEXT");
	command_begin(ask);
	command_put(ask, "note");
	command_put(ask, command_word(command, 1));
	return put_text(command, 2, ask, result);
}
