/*
 * command - a typed command as words and options.
 *
 * Words are separated by blanks; '…' and "…" keep blanks together. --json and
 * --plain may stand anywhere and choose the renderer.
 */
#ifndef GATEWAY_DESK_COMMAND_H
#define GATEWAY_DESK_COMMAND_H

#include <stdbool.h>

#include "gateway/desk/render.h"

enum { COMMAND_WORDS = 16, COMMAND_SIZE = 4096 };

struct command {
	unsigned int n;
	const char *words[COMMAND_WORDS]; /* into text */
	enum render_format format;
	size_t used;
	char text[COMMAND_SIZE];
};

void command_begin(struct command *command);

/* Add one word (copied). 0, or -1 if there is no room. */
int command_add(struct command *command, const char *word);

/* Split a line. 0, or -1: too long, too many words, or an open quote. */
int command_split(struct command *command, const char *line);

/* The word, or "" beyond the last. */
const char *command_word(const struct command *command, unsigned int i);

#endif
