/*
 * transform - what the actions of a recipe make of one value.
 */
#ifndef POLICY_PREPARE_TRANSFORM_H
#define POLICY_PREPARE_TRANSFORM_H

#include "policy/prepare/scheme.h"

struct view {
	const char *at;
	size_t len;
};

enum { SCRATCH = 512 * 1024 };

/* Hears of each pseudonym that is made, as its bits. 0 or -1. */
typedef int pseudonym_seen(void *whose,
			   const uint8_t bytes[static PSEUDONYM_BYTES],
			   struct fault *fault);

/* One record on its way, and room for what is made of it. */
struct transform {
	const struct scheme *scheme;
	const struct csv_field *fields;
	struct view subject; /* normalised; empty: the source has none */
	pseudonym_seen *seen;
	void *whose;
	size_t used;
	char scratch[SCRATCH];
};

/* Begin a record: finds its subject. 0, or -1 and the code. */
int transform_record(struct transform *t, const struct csv_field *fields,
		     struct fault *fault);
/* What stands in a column of the result; valid until the next record. A fault
 * has code and column; line and source are the caller's to add. */
int transform_column(struct transform *t, const struct scheme_column *column,
		     struct view *value, struct fault *fault);

/* Is this value one that the source calls nothing? */
bool is_null(const struct source *source, const char *at, size_t len);

#endif
