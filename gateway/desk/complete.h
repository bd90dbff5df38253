/*
 * complete - what the Tab key adds to a line.
 */
#ifndef GATEWAY_DESK_COMPLETE_H
#define GATEWAY_DESK_COMPLETE_H

#include "gateway/desk/desk.h"

/*
 * The rest of the command that line[0..len) begins, as far as all candidates
 * agree, and a blank if there is one candidate. The first word is a command,
 * and so is the word after help. False if there is nothing to add.
 */
bool complete(const struct desk *desk, const char *line, size_t len, char *rest,
	      size_t size);

#endif
