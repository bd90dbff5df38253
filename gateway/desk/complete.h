/*
 * complete - what the Tab key adds to a line.
 */
#ifndef GATEWAY_DESK_COMPLETE_H
#define GATEWAY_DESK_COMPLETE_H

#include "gateway/desk/desk.h"

/*
 * The rest of the word that line[0..len) ends with, as far as all candidates
 * agree, and a blank if there is one candidate: commands of the role, and
 * numbers, votes and reasons where they belong. False: nothing to add.
 */
bool complete(const struct desk *desk, const char *line, size_t len, char *rest,
	      size_t size);

#endif
