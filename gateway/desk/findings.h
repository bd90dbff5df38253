/*
 * findings - what the check engine found, in words.
 */
#ifndef GATEWAY_DESK_FINDINGS_H
#define GATEWAY_DESK_FINDINGS_H

#include "gateway/base/result.h"

/* A sign for each severity, beside any colour. */
char findings_sign(const char *severity);

/* The colour of a severity, for render_colour(). */
const char *findings_colour(const char *severity);

/* Add to a list of findings the columns "finding" (a sentence with its
 * numbers) and "remedy", in lang. */
void findings_explain(struct result *result, const char *lang);

/* Where it was found: "row 3, column 2". Returns out. */
const char *findings_place(const struct result *result, unsigned int row,
			   const char *lang, char *out, size_t size);

/* How many findings of that severity there are. */
unsigned int findings_count(const struct result *result, const char *severity);

#endif
