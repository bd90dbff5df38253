#include "policy/prepare/history.h"

#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "gateway/base/err.h"
#include "gateway/base/own.h"
#include "policy/prepare/list.h"

/* A chain that is longer is taken for a circle. */
enum { PLACE = 8, PAIR = SORTED_KEY + PLACE, STEPS = 1000 };

struct reading_history {
	struct history *history;
	struct spill spill;
};

static void digest_of(const struct history *history, const char *at, size_t len,
		      uint8_t out[static 32])
{
	prf_value(&history->digest, at, len, out);
}

/* Texts are a byte for the length and the bytes. */
static int add_pair(void *whose, const struct csv_field *fields,
		    struct fault *fault)
{
	struct reading_history *r = whose;
	struct history *history = r->history;
	uint8_t pair[32], text[1 + HISTORY_NUMBER];

	for (int i = 0; i < 2; i++)
		if (fields[i].len == 0 || fields[i].len > HISTORY_NUMBER)
			return fault_set(fault, fields[i].len
							? FAULT_TOO_LONG
							: FAULT_EMPTY_VALUE);
	digest_of(history, fields[0].at, fields[0].len, pair);
	for (int i = 0; i < PLACE; i++)
		pair[SORTED_KEY + i] = (uint8_t)(history->used >> (56 - 8 * i));
	text[0] = (uint8_t)fields[1].len;
	memcpy(text + 1, fields[1].at, fields[1].len);
	history->used += 1 + fields[1].len;
	if (disk_write(history->texts, text, 1 + fields[1].len, "scratch file",
		       fault) < 0)
		return -1;
	return spill_add(&r->spill, pair, fault);
}

/* The old number of a pair. */
static int text_of(const struct history *history, const uint8_t *pair,
		   char out[static HISTORY_NUMBER], size_t *len,
		   struct fault *fault)
{
	uint64_t place = 0;
	uint8_t text[1 + HISTORY_NUMBER];

	for (int i = 0; i < PLACE; i++)
		place = place << 8 | pair[SORTED_KEY + i];
	ssize_t n = pread(history->texts, text, sizeof text, (off_t)place);
	if (n < 1 || n < 1 + text[0])
		return fault_sys(fault, "scratch file");
	*len = text[0];
	memcpy(out, text + 1, text[0]);
	return 0;
}

int history_oldest(const struct history *history, const char **at, size_t *len,
		   char out[static HISTORY_NUMBER], struct fault *fault)
{
	for (int steps = 0; history->any; steps++) {
		uint8_t digest[32], pair[PAIR];
		uint64_t number;

		digest_of(history, *at, *len, digest);
		int found = sorted_find(&history->pairs, digest, &number, pair,
					fault);
		if (found <= 0)
			return found;
		if (steps == STEPS)
			return fault_set(fault, FAULT_HISTORY_CYCLE);
		if (text_of(history, pair, out, len, fault) < 0)
			return -1;
		*at = out;
	}
	return 0;
}

/* Each new number once, each chain with an end. */
static int check_all(const struct history *history, struct fault *fault)
{
	char old[2][HISTORY_NUMBER];
	uint8_t pair[2][PAIR];
	size_t len[2];

	for (uint64_t i = 0; i < history->pairs.count; i++) {
		unsigned int now = i & 1;

		if (sorted_get(&history->pairs, i, pair[now], fault) < 0 ||
		    text_of(history, pair[now], old[now], &len[now], fault) < 0)
			return -1;
		if (i > 0 && memcmp(pair[0], pair[1], SORTED_KEY) == 0 &&
		    (len[0] != len[1] || memcmp(old[0], old[1], len[0]) != 0))
			return fault_set(fault, FAULT_HISTORY_CONFLICT);
		char out[HISTORY_NUMBER];
		const char *at = old[now];
		size_t n = len[now];
		if (history_oldest(history, &at, &n, out, fault) < 0)
			return -1;
	}
	return 0;
}

static int read_pairs(struct reading_history *r, const struct list *list,
		      struct fault *fault)
{
	struct history *history = r->history;

	history->texts = bundle_scratch(r->spill.bundle, fault);
	if (history->texts < 0 || list_read(list, fault) < 0 ||
	    spill_begin(&r->spill, fault) < 0 ||
	    sorted_make(&history->pairs, &r->spill, fault) < 0)
		return -1;
	history->any = history->pairs.count > 0;
	if (check_all(history, fault) == 0)
		return 0;
	snprintf(fault->source, sizeof fault->source, "%s", list->source->name);
	if (!fault->detail[0])
		snprintf(fault->detail, sizeof fault->detail, "%s", list->path);
	return -1;
}

int history_read(struct history *history, int folder,
		 const struct source *source, const struct bundle *bundle,
		 struct fault *fault)
{
	struct reading_history r = { .history = history };
	struct list list = { .source = source,
			     .folder = folder,
			     .path = source->history,
			     .columns = { "new", "old" },
			     .ncolumns = 2,
			     .exactly = true,
			     .row = add_pair,
			     .whose = &r };
	uint8_t key[PRF_KEY];

	*history = (struct history){ .texts = -1, .pairs = { .fd = -1 } };
	if (!source->history)
		return 0;
	if (getrandom(key, sizeof key, 0) != sizeof key)
		die("no random bytes");
	prf_init(&history->digest, key, "history", "");
	spill_init(&r.spill, bundle, PAIR);
	int done = read_pairs(&r, &list, fault);
	spill_clear(&r.spill);
	return done;
}

void history_clear(struct history *history)
{
	sorted_clear(&history->pairs);
	own_close(&history->texts);
	prf_clear(&history->digest);
	history->any = false;
}
