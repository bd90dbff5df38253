/*
 * known - numbers and words that were shown, for the Tab key.
 *
 * Completion asks nobody: what it offers stood on the screen before.
 */
#ifndef GATEWAY_DESK_KNOWN_H
#define GATEWAY_DESK_KNOWN_H

#include "gateway/base/result.h"

enum { KNOWN_REQUESTS = 64, KNOWN_REASONS = 32, KNOWN_WORD = 40 };

struct known {
	unsigned int nrequests, nreasons;
	unsigned int nfiles; /* of the request shown last */
	char requests[KNOWN_REQUESTS][KNOWN_WORD]; /* newest last */
	char reasons[KNOWN_REASONS][KNOWN_WORD];
};

/* Keep what this answer shows. */
void known_learn(struct known *known, const struct result *result);

#endif
