/*
 * known - learn from answers what a person may want to type next.
 *
 * Runs in sekisho-desk. Keeps numbers and words of ours alone.
 */
#include "gateway/desk/known.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/desk/columns.h"

static bool plain(const char *word)
{
	return *word && strlen(word) < KNOWN_WORD &&
	       word[strspn(word, "abcdefghijklmnopqrstuvwxyz_0123456789")] ==
		       '\0';
}

/* Add word to a list of at most `most`, the oldest giving way. */
static void keep(char (*list)[KNOWN_WORD], unsigned int *n, unsigned int most,
		 const char *word)
{
	if (!plain(word))
		return;
	for (unsigned int i = 0; i < *n; i++)
		if (strcmp(list[i], word) == 0)
			return;
	if (*n == most) {
		memmove(list, list + 1, (most - 1) * sizeof *list);
		--*n;
	}
	snprintf(list[(*n)++], KNOWN_WORD, "%s", word);
}

void known_learn(struct known *known, const struct result *result)
{
	int request = column_of(result, "request");
	int file = column_of(result, "file");
	int reason = column_of(result, "reason");
	int what = column_of(result, "what");
	unsigned int nfiles = 0;

	for (unsigned int row = 0; row < result->nrows; row++) {
		unsigned int number =
			(unsigned int)column_number(result, row, file);

		keep(known->requests, &known->nrequests, KNOWN_REQUESTS,
		     column_text(result, row, request));
		/* the list of reasons, not a file's */
		if (what >= 0)
			keep(known->reasons, &known->nreasons, KNOWN_REASONS,
			     column_text(result, row, reason));
		if (number > nfiles)
			nfiles = number;
	}
	if (nfiles > 0)
		known->nfiles = nfiles;
}
