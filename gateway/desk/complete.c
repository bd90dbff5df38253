/*
 * complete - the words of a role by their first letters.
 *
 * Runs in sekisho-desk, on consoles. Asks nobody: verbs are the role's,
 * numbers and reasons are those that were shown (known.h).
 */
#include "gateway/desk/complete.h"

#include <string.h>

#include "gateway/base/own.h"

enum { WORDS_MOST = 8, CANDIDATE = 64 };

/* What may stand at a place of a command. */
enum kind {
	KIND_NOTHING = 0,
	KIND_VERB,
	KIND_REQUEST,
	KIND_FILE,
	KIND_VOTE,
	KIND_REASON, /* or the option before it */
	KIND_VIEW    /* options of file */
};

/* By the first word; places after the last are as the last. */
static const struct {
	const char *verb;
	enum kind kinds[5];
} places[] = {
	{ "help", { KIND_VERB } },
	{ "show", { KIND_REQUEST } },
	{ "history", { KIND_REQUEST } },
	{ "note", { KIND_REQUEST } },
	{ "file", { KIND_REQUEST, KIND_FILE, KIND_VIEW } },
	{ "vote",
	  { KIND_REQUEST, KIND_VOTE, KIND_FILE, KIND_REASON, KIND_REASON } },
};

struct typed {
	unsigned int n; /* words before the one that is being typed */
	char words[WORDS_MOST][CANDIDATE];
	const char *begun; /* the one that is */
	size_t len;
};

/* What the candidates have in common so far. */
struct offer {
	const struct typed *typed;
	char common[CANDIDATE];
	unsigned int found;
};

static void consider(struct offer *offer, const char *candidate)
{
	size_t len = offer->typed->len, n = 0;

	if (strlen(candidate) >= CANDIDATE ||
	    strncmp(candidate, offer->typed->begun, len) != 0)
		return;
	if (offer->found++ == 0) {
		snprintf(offer->common, CANDIDATE, "%s", candidate);
		return;
	}
	while (offer->common[n] && offer->common[n] == candidate[n])
		n++;
	offer->common[n] = '\0';
}

static void consider_verbs(struct offer *offer, const struct desk *desk)
{
	const char *name;

	for (unsigned int i = 0; (name = desk_verb_name(desk, i)); i++)
		consider(offer, name);
}

static void consider_files(struct offer *offer, const struct desk *desk,
			   bool all)
{
	char number[16];

	for (unsigned int i = 1; i <= desk->known.nfiles; i++) {
		snprintf(number, sizeof number, "%u", i);
		consider(offer, number);
	}
	if (all)
		consider(offer, "all");
}

static void consider_reasons(struct offer *offer, const struct desk *desk)
{
	const struct typed *typed = offer->typed;

	if (strcmp(typed->words[typed->n - 1], "--reason") != 0) {
		consider(offer, "--reason");
		return;
	}
	for (unsigned int i = 0; i < desk->known.nreasons; i++)
		consider(offer, desk->known.reasons[i]);
}

static void consider_all(struct offer *offer, const struct desk *desk,
			 enum kind kind)
{
	switch (kind) {
	case KIND_NOTHING:
		return;
	case KIND_VERB:
		consider_verbs(offer, desk);
		return;
	case KIND_REQUEST:
		for (unsigned int i = 0; i < desk->known.nrequests; i++)
			consider(offer, desk->known.requests[i]);
		return;
	case KIND_FILE:
		consider_files(offer, desk,
			       strcmp(offer->typed->words[0], "vote") == 0);
		if (strcmp(offer->typed->words[0], "vote") == 0)
			consider(offer, "--reason");
		return;
	case KIND_VOTE:
		consider(offer, "approve");
		consider(offer, "return");
		consider(offer, "reject");
		return;
	case KIND_REASON:
		consider_reasons(offer, desk);
		return;
	case KIND_VIEW:
		consider(offer, "--findings");
		consider(offer, "--plain");
		consider(offer, "--row");
		return;
	}
}

/* Words are those between blanks; whoever quotes completes by hand. */
static bool split(const char *line, size_t len, struct typed *typed)
{
	const char *end = line + len;

	typed->n = 0;
	for (;;) {
		while (line < end && *line == ' ')
			line++;
		const char *blank = memchr(line, ' ', (size_t)(end - line));
		if (!blank) {
			typed->begun = line;
			typed->len = (size_t)(end - line);
			return typed->len < CANDIDATE;
		}
		if (typed->n == WORDS_MOST || blank - line >= CANDIDATE)
			return false;
		snprintf(typed->words[typed->n++], CANDIDATE, "%.*s",
			 (int)(blank - line), line);
		line = blank;
	}
}

static enum kind kind_at(const struct typed *typed)
{
	if (typed->n == 0)
		return typed->len > 0 ? KIND_VERB : KIND_NOTHING;
	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		if (strcmp(places[i].verb, typed->words[0]) == 0)
			return typed->n <= ARRAY_LEN(places[i].kinds)
				       ? places[i].kinds[typed->n - 1]
				       : KIND_NOTHING;
	return KIND_NOTHING;
}

bool complete(const struct desk *desk, const char *line, size_t len, char *rest,
	      size_t size)
{
	struct typed typed;
	struct offer offer = { .typed = &typed };

	if (!split(line, len, &typed))
		return false;
	consider_all(&offer, desk, kind_at(&typed));
	if (offer.found == 0)
		return false;
	snprintf(rest, size, "%s%s", offer.common + typed.len,
		 offer.found == 1 ? " " : "");
	return *rest != '\0';
}
