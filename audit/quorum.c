#include "audit/quorum.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS = 3 + QUORUM_WITNESSES + QUORUM_GROUPS };

struct words {
	unsigned int n;
	char *all[WORDS];
};

static int split(char *line, struct words *words, struct err *err)
{
	char *word;

	words->n = 0;
	while ((word = strsep(&line, " \t"))) {
		if (!*word)
			continue;
		if (words->n == WORDS)
			return err_set(err, "too many words");
		words->all[words->n++] = word;
	}
	return 0;
}

/* The bit of a witness or a group; 0: no such name. */
static uint64_t find(const struct quorum *quorum, const char *name)
{
	for (unsigned int i = 0; i < quorum->nwitnesses; i++)
		if (strcmp(quorum->witnesses[i].name, name) == 0)
			return UINT64_C(1) << i;
	for (unsigned int i = 0; i < quorum->ngroups; i++)
		if (strcmp(quorum->groups[i].name, name) == 0)
			return UINT64_C(1) << (QUORUM_WITNESSES + i);
	return 0;
}

static int take_name(const struct quorum *quorum, char out[static QUORUM_NAME],
		     const char *name, struct err *err)
{
	if (strlen(name) >= QUORUM_NAME)
		return err_set(err, "too long a name");
	if (strcmp(name, "none") == 0 || find(quorum, name))
		return err_set(err, "the name '%s' is taken", name);
	snprintf(out, QUORUM_NAME, "%s", name);
	return 0;
}

static int take_key(struct note_key *key, const char *vkey,
		    enum note_key_type type, struct err *err)
{
	if (note_key_parse(key, vkey, err) < 0)
		return -1;
	if (key->type != type)
		return err_set(err, type == NOTE_KEY_COSIGNER
					    ? "the key is not a witness's"
					    : "the key is not a log's");
	return 0;
}

static bool same_key(const struct note_key *a, const struct note_key *b)
{
	return memcmp(a->public, b->public, sizeof a->public) == 0;
}

/* log VKEY [URL] */
static int read_log(struct quorum *quorum, const struct words *words,
		    struct err *err)
{
	struct note_key *key = &quorum->logs[quorum->nlogs];

	if (words->n < 2 || words->n > 3)
		return err_set(err, "expected: log VKEY [URL]");
	if (quorum->nlogs == QUORUM_LOGS)
		return err_set(err, "more than %d logs", QUORUM_LOGS);
	quorum->nlogs++;
	if (take_key(key, words->all[1], NOTE_KEY_ED25519, err) < 0)
		return -1;
	for (unsigned int i = 0; i + 1 < quorum->nlogs; i++)
		if (same_key(key, &quorum->logs[i]))
			return err_set(err, "a key that stood there before");
	return 0;
}

/* witness NAME VKEY [URL] */
static int read_witness(struct quorum *quorum, const struct words *words,
			struct err *err)
{
	struct quorum_witness *next = &quorum->witnesses[quorum->nwitnesses];

	if (words->n < 3 || words->n > 4)
		return err_set(err, "expected: witness NAME VKEY [URL]");
	if (quorum->nwitnesses == QUORUM_WITNESSES)
		return err_set(err, "more than %d witnesses", QUORUM_WITNESSES);
	if (words->n == 4 && strlen(words->all[3]) >= QUORUM_URL)
		return err_set(err, "too long an address");
	if (take_name(quorum, next->name, words->all[1], err) < 0)
		return -1;
	quorum->nwitnesses++;
	if (take_key(&next->key, words->all[2], NOTE_KEY_COSIGNER, err) < 0)
		return -1;
	for (unsigned int i = 0; i + 1 < quorum->nwitnesses; i++)
		if (same_key(&next->key, &quorum->witnesses[i].key))
			return err_set(err, "a key that stood there before");
	if (words->n == 4)
		snprintf(next->url, sizeof next->url, "%s", words->all[3]);
	return 0;
}

static int read_needed(const char *word, unsigned int members,
		       unsigned int *needed)
{
	*needed = 0;
	if (strcmp(word, "any") == 0)
		*needed = 1;
	else if (strcmp(word, "all") == 0)
		*needed = members;
	else if (word[0] >= '1' && word[0] <= '9' && strlen(word) <= 2 &&
		 word[strspn(word, "0123456789")] == '\0')
		*needed = (unsigned int)strtoul(word, NULL, 10);
	return *needed > 0 && *needed <= members ? 0 : -1;
}

/* group NAME any|all|K MEMBER… */
static int read_group(struct quorum *quorum, const struct words *words,
		      struct err *err)
{
	struct quorum_group *next = &quorum->groups[quorum->ngroups];

	if (words->n < 4)
		return err_set(err, "expected: group NAME any|all|K MEMBER...");
	if (quorum->ngroups == QUORUM_GROUPS)
		return err_set(err, "more than %d groups", QUORUM_GROUPS);
	if (take_name(quorum, next->name, words->all[1], err) < 0)
		return -1;
	if (read_needed(words->all[2], words->n - 3, &next->needed) < 0)
		return err_set(err, "'%s' of %u members cannot be met",
			       words->all[2], words->n - 3);
	next->members = 0;
	for (unsigned int i = 3; i < words->n; i++) {
		uint64_t bit = find(quorum, words->all[i]);

		if (!bit)
			return err_set(err, "'%s' is not defined above",
				       words->all[i]);
		if (quorum->used & bit)
			return err_set(err, "'%s' is a member already",
				       words->all[i]);
		quorum->used |= bit;
		next->members |= bit;
	}
	quorum->ngroups++;
	return 0;
}

/* quorum NAME */
static int read_target(struct quorum *quorum, const struct words *words,
		       struct err *err)
{
	if (words->n != 2)
		return err_set(err, "expected: quorum NAME");
	if (quorum->said)
		return err_set(err, "a second quorum line");
	quorum->said = true;
	if (strcmp(words->all[1], "none") == 0)
		return 0;
	quorum->target = find(quorum, words->all[1]);
	if (!quorum->target)
		return err_set(err, "'%s' is not defined above", words->all[1]);
	return 0;
}

static int read_line(struct quorum *quorum, char *line, struct err *err)
{
	static const struct {
		const char *word;
		int (*read)(struct quorum *quorum, const struct words *words,
			    struct err *err);
	} kinds[] = {
		{ "log", read_log },
		{ "witness", read_witness },
		{ "group", read_group },
		{ "quorum", read_target },
	};
	struct words words = { 0 };

	if (line[strspn(line, " \t")] == '#')
		return 0;
	if (split(line, &words, err) < 0)
		return -1;
	if (words.n == 0)
		return 0;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(words.all[0], kinds[i].word) == 0)
			return kinds[i].read(quorum, &words, err);
	return err_set(err, "a line with '%s', which is no part of a policy",
		       words.all[0]);
}

static bool allowed(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if ((c < 0x20 && c != '\t' && c != '\n') || c == 0x7f)
			return false;
	}
	return true;
}

int quorum_read(struct quorum *quorum, const char *text, size_t len,
		struct err *err)
{
	memset(quorum, 0, sizeof *quorum);
	if (len >= QUORUM_TEXT || !allowed(text, len))
		return err_set(err, "not the text of a policy");
	char *copy = strndup(text, len), *rest = copy;
	int done = copy ? 0 : err_set(err, "out of memory");

	for (char *line; done == 0 && (line = strsep(&rest, "\n"));) {
		quorum->line++;
		done = read_line(quorum, line, err);
	}
	free(copy);
	if (done < 0)
		return -1;
	quorum->line = 0;
	return quorum->said ? 0 : err_set(err, "no quorum line");
}

void quorum_clear(struct quorum *quorum)
{
	for (unsigned int i = 0; i < quorum->nlogs; i++)
		note_key_clear(&quorum->logs[i]);
	for (unsigned int i = 0; i < quorum->nwitnesses; i++)
		note_key_clear(&quorum->witnesses[i].key);
	memset(quorum, 0, sizeof *quorum);
}

struct quorum_count quorum_count(const struct quorum *quorum,
				 const struct note *note, uint64_t now)
{
	struct quorum_count count = { 0 };

	for (unsigned int i = 0; i < quorum->nwitnesses; i++) {
		const struct note_key *key = &quorum->witnesses[i].key;
		uint64_t time = 0;
		enum note_verdict verdict = note_verify(note, key, &time);

		if (verdict == NOTE_UNSIGNED)
			continue;
		if (verdict == NOTE_BAD || time > now + QUORUM_AHEAD) {
			count.bad |= UINT32_C(1) << i;
			continue;
		}
		if (!count.good || time < count.first)
			count.first = time;
		count.good |= UINT32_C(1) << i;
	}
	return count;
}

bool quorum_met(const struct quorum *quorum, uint32_t witnesses)
{
	uint64_t met = witnesses;

	/* members of a group stand above it */
	for (unsigned int i = 0; i < quorum->ngroups; i++) {
		const struct quorum_group *group = &quorum->groups[i];
		int there = __builtin_popcountll(met & group->members);

		if ((unsigned int)there >= group->needed)
			met |= UINT64_C(1) << (QUORUM_WITNESSES + i);
	}
	return quorum->target == 0 || (met & quorum->target) != 0;
}
