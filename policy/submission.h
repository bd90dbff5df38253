/*
 * submission - the words of `check` and `submit`, read and judged. Pure.
 */
#ifndef POLICY_SUBMISSION_H
#define POLICY_SUBMISSION_H

#include "policy/server.h"

/* What is wrong with them, as a sentence. */
struct wrong {
	enum text_id why;
	char first[256];
};

/*
 * FILE…, or, if check->submits, PURPOSE FILE…: fill check->files (names), path
 * and request (purpose). most: files that the permit lets out at a time. 0, or
 * -1 and wrong.
 */
int submission_read(const struct words *words, uint32_t most,
		    struct check *check, struct wrong *wrong);

#endif
