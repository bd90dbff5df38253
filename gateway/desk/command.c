/*
 * command - split what a person typed into words.
 *
 * Runs in sekisho-desk and sekishoctl; any bytes may come.
 */
#include "gateway/desk/command.h"

#include <string.h>

void command_begin(struct command *command)
{
	command->n = 0;
	command->used = 0;
	command->format = RENDER_TEXT;
}

int command_put(struct command *command, const char *word)
{
	size_t len = strlen(word);

	if (command->n == COMMAND_WORDS || len >= COMMAND_WORD ||
	    len >= sizeof command->text - command->used)
		return -1;
	char *at = command->text + command->used;
	memcpy(at, word, len + 1);
	command->words[command->n++] = at;
	command->used += len + 1;
	return 0;
}

void command_copy(struct command *to, const struct command *command)
{
	command_begin(to);
	to->format = command->format;
	for (unsigned int i = 0; i < command->n; i++)
		command_put(to, command->words[i]);
}

int command_add(struct command *command, const char *word)
{
	if (strcmp(word, "--json") == 0)
		command->format = RENDER_JSON;
	else if (strcmp(word, "--plain") == 0)
		command->format = RENDER_PLAIN;
	else
		return command_put(command, word);
	return 0;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Copy the word at *line, quotes removed; *line is set after it. 0 or -1. */
static int next_word(const char **line, char *word, size_t size)
{
	const char *c = *line;
	size_t len = 0;
	char quote = '\0';

	for (; *c && (quote || !is_blank(*c)); c++) {
		if (quote && *c == quote) {
			quote = '\0';
			continue;
		}
		if (!quote && (*c == '"' || *c == '\'')) {
			quote = *c;
			continue;
		}
		if (len + 1 == size)
			return -1;
		word[len++] = *c;
	}
	word[len] = '\0';
	*line = c;
	return quote ? -1 : 0;
}

int command_split(struct command *command, const char *line)
{
	char word[COMMAND_LINE];

	command_begin(command);
	for (;;) {
		while (is_blank(*line))
			line++;
		if (!*line)
			return 0;
		if (next_word(&line, word, sizeof word) < 0 ||
		    command_add(command, word) < 0)
			return -1;
	}
}

const char *command_word(const struct command *command, unsigned int i)
{
	return i < command->n ? command->words[i] : "";
}

int command_rest(const struct command *command, unsigned int from,
		 char out[COMMAND_WORD])
{
	size_t used = 0;

	out[0] = '\0';
	for (unsigned int i = from; i < command->n; i++) {
		size_t len = strlen(command->words[i]), gap = used > 0;

		if (used + gap + len >= COMMAND_WORD)
			return -1;
		if (gap)
			out[used++] = ' ';
		memcpy(out + used, command->words[i], len + 1);
		used += len;
	}
	return 0;
}
