/*
 * problems - everything that is wrong with a policy folder, in one run.
 *
 * Each is a place and a sentence of texts.def; the first PROBLEMS_KEPT are
 * kept, all are counted.
 */
#ifndef POLICY_PROBLEMS_H
#define POLICY_PROBLEMS_H

#include <stddef.h>

#include "gateway/base/text.h"

enum { PROBLEMS_KEPT = 200, PROBLEM_SIZE = 900 };

struct problem {
	char file[140];
	unsigned int line; /* 0: the file as a whole */
	enum text_id id;
	char first[160], second[160], third[80];
};

struct problems {
	size_t count;
	struct problem kept[PROBLEMS_KEPT];
};

/* Note one. first to third fill {1} to {3} of the text; NULL: none. */
void problems_add(struct problems *problems, const char *file,
		  unsigned int line, enum text_id id, const char *first,
		  const char *second, const char *third);

/* How many sentences problems_text can give: all that are kept, and one that
 * says how many more there are. */
size_t problems_texts(const struct problems *problems);

/* `file:line: sentence` number i in lang. Returns out. */
const char *problems_text(const struct problems *problems, size_t i,
			  const char *lang, char *out, size_t size);

#endif
