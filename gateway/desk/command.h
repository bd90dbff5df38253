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

enum {
	COMMAND_FILES = 100, /* of one check or request */
	COMMAND_PATH = 256,  /* bytes of a path beneath /out, NUL included */
	COMMAND_WORDS = 256, /* typed; a text of many words is joined */
	COMMAND_WORD = 1001, /* bytes of a word, NUL included */
	COMMAND_LINE = 4096, /* of a line that was typed */
	COMMAND_SIZE = 16 * 1024 /* of all words */
};

struct command {
	unsigned int n;
	const char *words[COMMAND_WORDS]; /* into text */
	enum render_format format;
	size_t used;
	char text[COMMAND_SIZE];
};

void command_begin(struct command *command);

/* Add one word (copied). 0, or -1: too long, or no room. */
int command_add(struct command *command, const char *word);

/* The same for a word that is never a choice of renderer. */
int command_put(struct command *command, const char *word);

void command_copy(struct command *to, const struct command *command);

/* Split a line. 0, or -1: too long, too many words, or an open quote. */
int command_split(struct command *command, const char *line);

/* Words from number from on, joined by blanks, into a word. 0, or -1: they
 * are longer than a word may be. */
int command_rest(const struct command *command, unsigned int from,
		 char out[COMMAND_WORD]);

/* The word, or "" beyond the last. */
const char *command_word(const struct command *command, unsigned int i);

#endif
