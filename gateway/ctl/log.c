/*
 * log - proofs, tiles, searches and exports out of a log's folder, for
 * auditors, witnesses and a SIEM.
 *
 * Runs in sekishoctl with the rights of who called it, on the log or a copy.
 * What proofs and tiles give out was checked against a checkpoint; the
 * checkpoint itself is for whoever is given it to check.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "audit/ocsf.h"
#include "audit/offline.h"
#include "audit/search/search.h"
#include "gateway/base/own.h"
#include "gateway/ctl/ctl.h"
#include "gateway/desk/log_rows.h"

static const char live[] = "/var/lib/sekisho/audit";

/* --- Words -------------------------------------------------------------------- */

enum { WORDS = 2 };

struct words {
	unsigned int n;
	const char *words[WORDS];
	const char *log, *out, *tiles, *index;
	bool entries, all, lines, asked;
	struct query query;
};

/* Which verb takes an option. */
enum { PROVES = 1, EXPORTS = 2, ASKS = 4, SEARCHES = 8 };

static const struct option {
	const char *name;
	unsigned int verbs;
	size_t at; /* in struct words: a string if it takes a value */
	bool value;
} options[] = {
	{ "--log", PROVES | EXPORTS | ASKS, offsetof(struct words, log), true },
	{ "--out", PROVES, offsetof(struct words, out), true },
	{ "--tiles", EXPORTS, offsetof(struct words, tiles), true },
	{ "--entries", EXPORTS, offsetof(struct words, entries), false },
	{ "--index", ASKS, offsetof(struct words, index), true },
	{ "--all", ASKS, offsetof(struct words, all), false },
	{ "--lines", SEARCHES, offsetof(struct words, lines), false },
};

/* How many words the option took; 0: it is none of ours. -1 and result. */
static int take_own(struct words *words, unsigned int verbs, const char *name,
		    const char *value, struct result *result)
{
	for (size_t i = 0; i < ARRAY_LEN(options); i++) {
		const struct option *option = &options[i];
		char *at = (char *)words + option->at;

		if (strcmp(option->name, name) != 0 || !(option->verbs & verbs))
			continue;
		if (!option->value) {
			memcpy(at, &(bool){ true }, sizeof(bool));
			return 1;
		}
		if (*value) {
			memcpy(at, &value, sizeof value);
			return 2;
		}
		log_rows_refuse(result, QUERY_NO_VALUE, "", name, "");
		return -1;
	}
	return 0;
}

/* The same for an option of a query. */
static int take_query(struct words *words, const char *name, const char *value,
		      struct result *result)
{
	enum query_word got =
		query_option(&words->query, name, value, (int64_t)time(NULL));

	if (got == QUERY_TAKEN) {
		words->asked = true;
		return 2;
	}
	log_rows_refuse(result, got, "audit", name, value);
	return -1;
}

static int take_words(struct words *words, unsigned int verbs,
		      const struct command *command, struct result *result)
{
	*words = (struct words){ .log = live };
	for (unsigned int i = 2; i < command->n;) {
		const char *word = command->words[i];
		const char *value = command_word(command, i + 1);
		int took = take_own(words, verbs, word, value, result);

		if (took == 0 && verbs & ASKS)
			took = take_query(words, word, value, result);
		if (took == 0 && *word != '-' && words->n < WORDS) {
			words->words[words->n++] = word;
			took = 1;
		}
		if (took == 0)
			log_rows_refuse(result, QUERY_UNKNOWN, "audit", word,
					value);
		if (took <= 0)
			return -1;
		i += (unsigned int)took;
	}
	return 0;
}

/* --- Proofs and tiles ----------------------------------------------------------- */

/* The words ask for nothing that can be done. -1. */
static int wrong(struct result *result, enum text_id why, const char *first,
		 const char *second)
{
	result_error(result, RESULT_WRONG, why, first, second, NULL);
	result_hint(result, TEXT_CTL_TRY_HELP, NULL, NULL);
	return -1;
}

/* A number as people write it. 0, or -1 and result says what it is not. */
static int read_number(const char *word, uint64_t *number,
		       struct result *result)
{
	char *end;

	errno = 0;
	*number = strtoull(word, &end, 10);
	if (errno || *end || *word < '0' || *word > '9')
		return wrong(result, TEXT_CTL_LOG_NUMBER, word, NULL);
	return 0;
}

static void say_written(const char *path, struct result *result)
{
	result_begin_with(result, RESULT_ONE, TEXT_CTL_LOG_WRITTEN, path, NULL);
}

/* Into a new file; without one to standard output, and then it is the answer. */
static int give(const char *text, const char *path, struct result *result,
		struct err *err)
{
	FILE *out = path ? fopen(path, "wxe") : stdout;

	if (!out)
		return err_sys(err, "make %s", path);
	bool failed = fputs(text, out) < 0 || fflush(out) != 0;
	if (path && fclose(out) != 0)
		failed = true;
	if (failed)
		return err_sys(err, "write %s", path ? path : "the proof");
	if (path)
		say_written(path, result);
	return 0;
}

static int proof(int log, const struct words *words, struct result *result,
		 struct err *err)
{
	uint64_t index;

	if (read_number(words->words[0], &index, result) < 0)
		return -1;
	AUTO_FREE char *text = offline_proof(log, index, err);
	return text ? give(text, words->out, result, err) : -1;
}

static int consistency(int log, const struct words *words,
		       struct result *result, struct err *err)
{
	uint64_t old, now = 0;

	if (read_number(words->words[0], &old, result) < 0 ||
	    (strcmp(words->words[1], "latest") != 0 &&
	     read_number(words->words[1], &now, result) < 0))
		return -1;
	AUTO_FREE char *text = offline_consistency(log, old, now, err);
	return text ? give(text, words->out, result, err) : -1;
}

static int export(int log, const struct words *words, struct result *result,
		  struct err *err)
{
	if (!words->tiles)
		return wrong(result, TEXT_CTL_LOG_WHERE, NULL, NULL);
	if (mkdir(words->tiles, 0755) < 0)
		return err_sys(err, "make %s", words->tiles);
	AUTO_FD int tiles =
		open(words->tiles, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (tiles < 0)
		return err_sys(err, "open %s", words->tiles);
	if (offline_tiles(log, tiles, words->entries, err) < 0)
		return -1;
	say_written(words->tiles, result);
	return 0;
}

/* --- Searches ------------------------------------------------------------------- */

/* Beside the log's folder, if no other place is named; NULL: no index. */
static const char *index_path(const struct words *words, char *path,
			      size_t size)
{
	size_t len = strlen(words->log);

	if (words->all)
		return NULL;
	if (words->index)
		return words->index;
	while (len > 1 && words->log[len - 1] == '/')
		len--;
	snprintf(path, size, "%.*s.index", (int)len, words->log);
	return path;
}

/* With what of the log can be indexed in it. NULL and err. */
static struct search *open_search(int log, const struct words *words,
				  struct err *err)
{
	char path[4200];

	umask(0077); /* an index says as much as the log */
	struct search *search =
		search_open(log, index_path(words, path, sizeof path), err);
	int more = search ? 1 : 0;

	while (more > 0)
		more = search_advance(search, err);
	if (more == 0)
		return search;
	search_close(search);
	return NULL;
}

/* What is printed of each record, and how. */
struct printing {
	struct found_reader reader;
	const struct query *query;
	const char *origin; /* NULL: the record as it stands */
	struct err err;
	bool failed;
};

static bool print_one(void *context, const struct found_place *place)
{
	static struct found_record record;
	struct printing *printing = context;

	if (found_read(&printing->reader, place, printing->query, &record,
		       &printing->err) < 0) {
		printing->failed = true;
		return false;
	}
	if (printing->origin)
		ocsf_write(stdout, &record, printing->origin);
	else
		fprintf(stdout, "%s\n", record.line);
	return !ferror(stdout);
}

/* All that answers, however much it is. */
static int print_all(struct search *search, const struct words *words,
		     const char *origin, struct err *err)
{
	struct printing printing = { .query = &words->query, .origin = origin };

	found_begin(&printing.reader, search->seg);
	int done =
		search_each(search, &words->query, print_one, &printing, err);
	found_end(&printing.reader);
	if (printing.failed)
		return err_set(err, "%s", printing.err.text);
	if (done == 0 && (fflush(stdout) != 0 || ferror(stdout)))
		return err_sys(err, "write to standard output");
	return done;
}

static int show(struct search *search, struct words *words,
		struct result *result, struct err *err)
{
	static struct found found;
	char number[24];

	if (words->query.count == 0)
		words->query.count = QUERY_FEW;
	if (search_find(search, &words->query, &found, err) < 0)
		return -1;
	log_rows_found(result, &found, &words->query, search->seg);
	snprintf(number, sizeof number, "%" PRIu64, search->nbad);
	if (search->nbad > 0)
		result_note(result, TEXT_DESK_LOG_BAD, number, NULL, NULL);
	return 0;
}

static int search(int log, const struct words *words, struct result *result,
		  struct err *err)
{
	struct words asked = *words;

	if (!words->asked)
		return wrong(result, TEXT_CTL_LOG_WHAT, NULL, NULL);
	struct search *opened = open_search(log, words, err);
	if (!opened)
		return -1;
	int done = words->lines ? print_all(opened, words, NULL, err)
				: show(opened, &asked, result, err);
	search_close(opened);
	return done;
}

/* Without a query every record is wanted, and no index is of use. */
static int ocsf(int log, const struct words *words, struct result *result,
		struct err *err)
{
	struct words asked = *words;
	char origin[OCSF_ORIGIN];

	(void)result;
	asked.all = words->all || !words->asked;
	ocsf_origin(log, origin);
	struct search *opened = open_search(log, &asked, err);
	if (!opened)
		return -1;
	int done = print_all(opened, &asked, origin, err);
	search_close(opened);
	return done;
}

/* --- Verbs ---------------------------------------------------------------------- */

static const struct {
	const char *name;
	int (*answer)(int log, const struct words *words, struct result *result,
		      struct err *err);
	unsigned int verbs, nwords;
} table[] = {
	{ "proof", proof, PROVES, 1 },
	{ "consistency", consistency, PROVES, 2 },
	{ "export", export, EXPORTS, 0 },
	{ "search", search, ASKS | SEARCHES, 0 },
	{ "ocsf", ocsf, ASKS, 0 },
};

/* Records of the gateway's own log are read on record, as the operator's act.
 * Where no gateway answers there is none to keep it; that is said. False: the
 * gateway says no. */
static bool on_record(const struct ctl *ctl, const struct words *words,
		      struct result *result)
{
	static struct command command;
	char line[256];

	if (strcmp(words->log, live) != 0)
		return true;
	command_begin(&command);
	command_put(&command, "audit read");
	ctl_ask(ctl, &command, result);
	if (!result->has_error)
		return true;
	if (result->error.id != TEXT_CTL_NO_GATEWAY)
		return false;
	fprintf(stderr, "%s\n",
		text_fill(line, sizeof line, ctl->lang, TEXT_CTL_NOT_ON_RECORD,
			  NULL, NULL, NULL));
	return true;
}

void ctl_log(const struct ctl *ctl, const struct command *command,
	     struct result *result)
{
	struct words words;
	struct err err = { "" };
	size_t i = 0;

	while (i + 1 < ARRAY_LEN(table) &&
	       strcmp(table[i].name, command->words[1]) != 0)
		i++;
	if (take_words(&words, table[i].verbs, command, result) < 0) {
		result_hint(result, TEXT_CTL_TRY_HELP, NULL, NULL);
		return;
	}
	AUTO_FD int log = open(words.log, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (log >= 0 && table[i].verbs & ASKS &&
	    !on_record(ctl, &words, result))
		return;
	*result = (struct result){ .exit = RESULT_DONE };
	int done = -1;
	char number[12];

	snprintf(number, sizeof number, "%u", table[i].nwords);
	if (words.n != table[i].nwords)
		wrong(result, TEXT_CTL_LOG_NUMBERS, table[i].name, number);
	else if (log < 0)
		err_sys(&err, "open %s", words.log);
	else
		done = table[i].answer(log, &words, result, &err);
	if (done < 0 && !result->has_error)
		result_error(result, RESULT_FAILED, TEXT_VERBATIM, err.text,
			     NULL, NULL);
}
