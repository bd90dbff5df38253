/*
 * traced - one line, written and read alike.
 *
 * Runs in sekisho-prepare, which writes it, and in sekisho-policy, where the
 * words come from an operator and are not believed to be well formed.
 */
#include "policy/traced.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define ID_CHARACTERS	"%63[A-Za-z0-9._-]"
#define HASH_CHARACTERS "%64[0-9a-f]"

const char *traced_line(const struct traced *traced,
			char out[static TRACED_SIZE])
{
	snprintf(out, TRACED_SIZE,
		 "reidentify request=%s journal=%" PRIu32
		 ":%s permit=%s asked=%s approved=%s pseudonyms=%" PRIu32
		 " met=%" PRIu32 " ids=%" PRIu32 " case=%s",
		 traced->request, traced->line, traced->journal, traced->permit,
		 traced->asked, traced->approved, traced->pseudonyms,
		 traced->met, traced->ids, traced->case_hash);
	return out;
}

static bool is_hash(const char *text)
{
	return strlen(text) == HASH_TEXT_SIZE - 1;
}

static bool can_be(const struct traced *t)
{
	return t->line > 0 && is_hash(t->request) && is_hash(t->journal) &&
	       is_hash(t->case_hash) && id_valid(t->permit) &&
	       id_valid(t->asked) && id_valid(t->approved) &&
	       strcmp(t->asked, t->approved) != 0 && t->pseudonyms > 0 &&
	       t->pseudonyms <= TRACED_MOST && t->met <= t->pseudonyms &&
	       t->ids >= t->met;
}

int traced_read(const char *line, struct traced *traced)
{
	char same[TRACED_SIZE];

	memset(traced, 0, sizeof *traced);
	int n = sscanf(
		line,
		"reidentify request=" HASH_CHARACTERS " journal=%9" SCNu32
		":" HASH_CHARACTERS " permit=" ID_CHARACTERS
		" asked=" ID_CHARACTERS " approved=" ID_CHARACTERS
		" pseudonyms=%9" SCNu32 " met=%9" SCNu32 " ids=%9" SCNu32
		" case=" HASH_CHARACTERS,
		traced->request, &traced->line, traced->journal, traced->permit,
		traced->asked, traced->approved, &traced->pseudonyms,
		&traced->met, &traced->ids, traced->case_hash);

	/* What was skipped or spelt otherwise shows when it is written. */
	return n == 10 && can_be(traced) &&
			       strcmp(traced_line(traced, same), line) == 0
		       ? 0
		       : -1;
}
