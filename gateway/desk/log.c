/*
 * log - let an auditor read the last records and the checkpoint.
 *
 * Runs in sekisho-desk with the log's folder as a descriptor, read-only by
 * file mode. Every reading is itself a record, durable before the answer.
 * What is shown here is for the eye; sekisho-verify is for proof.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "audit/client.h"
#include "gateway/base/own.h"
#include "gateway/desk/desk.h"
#include "gateway/desk/line.h"

enum {
	MOST_RECORDS = 300,
	RING = MOST_RECORDS + 1, /* one is being read */
	FEW_RECORDS = 20,
	MOST_SEGMENTS = 64, /* searched for one answer, newest first */
	NAME_SIZE = 32,
	LINE_MAX_SIZE = 65536
};

/* What is asked for; empty is any. */
struct wanted {
	unsigned int count;
	char event[ID_SIZE], session[ID_SIZE];
};

struct entry {
	char index[24], time[24], event[40], result[16];
	char writer[24], actor[ID_SIZE], session[ID_SIZE], permit[ID_SIZE];
	char detail[512];
};

struct search {
	struct wanted wanted;
	struct entry entries[RING]; /* the last nfound */
	unsigned int next, nfound;
	unsigned int nbad;
	unsigned int nsegments; /* MOST_SEGMENTS: older ones were left out */
	char segments[MOST_SEGMENTS][NAME_SIZE]; /* newest first */
	bool more;
};

static int record_reading(const struct desk *desk, const char *verb,
			  struct err *err)
{
	struct audit_record record;

	audit_begin(&record, "audit.read", AUDIT_OK);
	snprintf(record.actor, sizeof record.actor, "%s", desk->actor);
	snprintf(record.session, sizeof record.session, "%s", desk->session);
	snprintf(record.permit, sizeof record.permit, "%s", desk->permit);
	audit_text(&record, "verb", verb);
	return audit_write(desk->audit, &record, NULL, err);
}

/* --- Arguments ------------------------------------------------------------ */

static bool read_count(const char *value, unsigned int *count)
{
	char *end;
	long n = strtol(value, &end, 10);

	if (!*value || *end || n < 1 || n > MOST_RECORDS)
		return false;
	*count = (unsigned int)n;
	return true;
}

static bool read_wanted(const struct command *command, struct wanted *wanted,
			struct result *result)
{
	char most[16];

	*wanted = (struct wanted){ .count = FEW_RECORDS };
	for (unsigned int i = 1; i < command->n; i += 2) {
		const char *option = command->words[i];
		const char *value = command_word(command, i + 1);
		bool count = strcmp(option, "-n") == 0;
		char *into = strcmp(option, "--event") == 0 ? wanted->event
			     : strcmp(option, "--session") == 0
				     ? wanted->session
				     : NULL;

		if (!count && !into)
			result_error(result, RESULT_WRONG, TEXT_DESK_TOO_MANY,
				     "log", option, NULL);
		else if (!*value)
			result_error(result, RESULT_WRONG,
				     TEXT_DESK_NEEDS_VALUE, option, NULL, NULL);
		else if (into && snprintf(into, ID_SIZE, "%s", value) < ID_SIZE)
			continue;
		else if (count && read_count(value, &wanted->count))
			continue;
		else if (count) {
			snprintf(most, sizeof most, "%d", MOST_RECORDS);
			result_error(result, RESULT_WRONG, TEXT_DESK_BAD_COUNT,
				     most, value, NULL);
		} else {
			continue;
		}
		result_hint(result, TEXT_DESK_SEE_HELP, "log", NULL);
		return false;
	}
	return true;
}

/* --- Records -------------------------------------------------------------- */

static void add_detail(struct entry *entry, const struct line *line)
{
	size_t used = strlen(entry->detail);

	snprintf(entry->detail + used, sizeof entry->detail - used, "%s%s=%s",
		 used > 0 ? " " : "", line->key, line->value);
}

static void keep_member(struct entry *entry, const struct line *line)
{
	const struct {
		const char *key;
		char *into;
		size_t size;
	} known[] = {
		{ "_i", entry->index, sizeof entry->index },
		{ "_t", entry->time, sizeof entry->time },
		{ "event", entry->event, sizeof entry->event },
		{ "result", entry->result, sizeof entry->result },
		{ "writer", entry->writer, sizeof entry->writer },
		{ "actor", entry->actor, sizeof entry->actor },
		{ "session", entry->session, sizeof entry->session },
		{ "permit", entry->permit, sizeof entry->permit },
		{ "_p", NULL, 0 },
		{ "boot", NULL, 0 },
		{ "mono", NULL, 0 },
		{ "idem", NULL, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		if (strcmp(known[i].key, line->key) != 0)
			continue;
		if (known[i].into)
			snprintf(known[i].into, known[i].size, "%.*s",
				 (int)known[i].size - 1, line->value);
		return;
	}
	add_detail(entry, line);
}

static void read_record(struct search *search, const char *text, size_t len)
{
	struct entry *entry = &search->entries[search->next];
	const struct wanted *wanted = &search->wanted;
	struct line line;
	int got;

	*entry = (struct entry){ 0 };
	line_begin(&line, text, len);
	while ((got = line_next(&line)) > 0)
		keep_member(entry, &line);
	if (got < 0) {
		search->nbad++;
		return;
	}
	if ((*wanted->event && strcmp(wanted->event, entry->event) != 0) ||
	    (*wanted->session && strcmp(wanted->session, entry->session) != 0))
		return;
	search->next = (search->next + 1) % RING;
	if (search->nfound < MOST_RECORDS)
		search->nfound++;
}

/* Records of one segment; a last line without its end is being written. */
static int read_segment(struct search *search, int folder, const char *name,
			struct err *err)
{
	AUTO_FD int fd =
		openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "re");
	static char line[LINE_MAX_SIZE + 2];

	if (!file)
		return err_sys(err, "%s", name);
	take_fd(&fd);
	while (fgets(line, sizeof line, file)) {
		size_t len = strlen(line);

		if (len > 0 && line[len - 1] == '\n')
			read_record(search, line, len - 1);
		else if (len + 1 == sizeof line)
			search->nbad++;
	}
	fclose(file);
	return 0;
}

/* --- Segments ------------------------------------------------------------- */

static bool is_segment(const char *name)
{
	return strspn(name, "0123456789") == 20 &&
	       strcmp(name + 20, ".jsonl") == 0;
}

/* Keep the newest names in order, newest first. */
static void keep_segment(struct search *search, const char *name)
{
	unsigned int at = search->nsegments;

	while (at > 0 && strcmp(search->segments[at - 1], name) < 0)
		at--;
	if (search->nsegments == MOST_SEGMENTS)
		search->more = true;
	if (at == MOST_SEGMENTS)
		return;
	unsigned int after = search->nsegments - at;
	if (search->nsegments == MOST_SEGMENTS)
		after--;
	else
		search->nsegments++;
	memmove(search->segments[at + 1], search->segments[at],
		after * (size_t)NAME_SIZE);
	snprintf(search->segments[at], NAME_SIZE, "%.26s", name);
}

static int list_segments(struct search *search, int folder, struct err *err)
{
	AUTO_FD int fd =
		openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *item;

	if (!dir)
		return err_sys(err, "seg");
	take_fd(&fd);
	while ((item = readdir(dir)))
		if (is_segment(item->d_name))
			keep_segment(search, item->d_name);
	closedir(dir);
	return 0;
}

/* How many of the newest segments hold enough; then read them in order, so
 * that the ring ends with the last records. Segments count their records, so
 * without a filter two are always enough. */
static int read_segments(struct search *search, int folder, struct err *err)
{
	bool any = !*search->wanted.event && !*search->wanted.session;
	unsigned int n = search->nsegments;

	if (any && n > 2)
		n = 2;
	while (n-- > 0)
		if (read_segment(search, folder, search->segments[n], err) < 0)
			return -1;
	if (any)
		search->more = false;
	return 0;
}

/* --- Verbs ---------------------------------------------------------------- */

static void put_entry(struct result *result, const struct entry *entry)
{
	char when[24];

	snprintf(when, sizeof when, "%lld",
		 strtoll(entry->time, NULL, 10) / 1000000);
	result_row(result);
	result_text(result, entry->index);
	result_text(result, when);
	result_text(result, entry->event);
	result_text(result, entry->result);
	result_text(result, entry->actor);
	result_text(result, entry->session);
	result_text(result, entry->permit);
	result_text(result, entry->detail);
}

static void put_entries(struct result *result, const struct search *search)
{
	unsigned int n = search->nfound;
	char number[16];

	if (n > search->wanted.count)
		n = search->wanted.count;
	result_begin(result, RESULT_LIST, TEXT_DESK_LOG);
	result_column(result, "index", RESULT_NUMBER);
	result_column(result, "time", RESULT_TIME);
	result_column(result, "event", RESULT_STATE);
	result_column(result, "result", RESULT_STATE);
	result_column(result, "actor", RESULT_ID);
	result_column(result, "session", RESULT_ID);
	result_column(result, "permit", RESULT_ID);
	result_column(result, "detail", RESULT_TEXT);
	for (unsigned int i = n; i > 0; i--)
		put_entry(result,
			  &search->entries[(search->next + RING - i) % RING]);
	snprintf(number, sizeof number, "%d", MOST_SEGMENTS);
	if (search->more && n < search->wanted.count)
		result_note(result, TEXT_DESK_LOG_PART, number, NULL, NULL);
	snprintf(number, sizeof number, "%u", search->nbad);
	if (search->nbad > 0)
		result_note(result, TEXT_DESK_LOG_BAD, number, NULL, NULL);
}

static void say_unreadable(struct result *result, const struct err *why)
{
	result_error(result, RESULT_FAILED, TEXT_DESK_NO_LOG, why->text, NULL,
		     NULL);
	result_hint(result, TEXT_DESK_TELL_OPERATOR, NULL, NULL);
}

int desk_log(struct desk *desk, const struct command *command,
	     struct result *result, struct err *err)
{
	static struct search search;
	struct err why = { "" };

	search.next = search.nfound = search.nbad = search.nsegments = 0;
	search.more = false;
	if (!read_wanted(command, &search.wanted, result))
		return 0;
	if (record_reading(desk, "log", err) < 0)
		return -1;
	AUTO_FD int folder =
		openat(desk->log, "seg",
		       O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (folder < 0)
		err_sys(&why, "seg");
	if (folder < 0 || list_segments(&search, folder, &why) < 0 ||
	    read_segments(&search, folder, &why) < 0)
		say_unreadable(result, &why);
	else
		put_entries(result, &search);
	return 0;
}

/* The body of a signed note: origin, size, root hash; then signatures. */
static void put_checkpoint(struct result *result, char *note, time_t signed_at)
{
	const char *fields[3] = { "", "", "" };
	unsigned int n = 0, signatures = 0;
	char *lines[RESULT_NOTES];
	char *rest = note, *line;

	while (n < RESULT_NOTES && (line = strsep(&rest, "\n"))) {
		if (n < ARRAY_LEN(fields))
			fields[n] = line;
		signatures += strncmp(line, "— ", sizeof "— " - 1) == 0;
		lines[n++] = line;
	}
	result_begin(result, RESULT_ONE, TEXT_DESK_CHECKPOINT);
	result_column(result, "origin", RESULT_ID);
	result_column(result, "size", RESULT_NUMBER);
	result_column(result, "root", RESULT_ID);
	result_column(result, "signatures", RESULT_NUMBER);
	result_column(result, "time", RESULT_TIME);
	result_row(result);
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		result_text(result, fields[i]);
	result_number(result, signatures);
	result_number(result, signed_at);
	for (unsigned int i = 0; i < n; i++)
		if (*lines[i] || i + 1 < n)
			result_note(result, TEXT_VERBATIM, lines[i], NULL,
				    NULL);
}

int desk_checkpoint(struct desk *desk, struct result *result, struct err *err)
{
	static char note[16 * 1024];
	struct err why = { "" };
	struct stat about;

	if (record_reading(desk, "checkpoint", err) < 0)
		return -1;
	AUTO_FD int fd = openat(desk->log, "checkpoint",
				O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 && errno == ENOENT) {
		result_error(result, RESULT_FAILED, TEXT_DESK_NO_CHECKPOINT,
			     NULL, NULL, NULL);
		result_hint(result, TEXT_DESK_CHECKPOINT_SOON, NULL, NULL);
		return 0;
	}
	ssize_t len = fd < 0 ? -1 : read(fd, note, sizeof note - 1);
	if (len < 0 || fstat(fd, &about) < 0) {
		err_sys(&why, "checkpoint");
		say_unreadable(result, &why);
		return 0;
	}
	note[len] = '\0';
	put_checkpoint(result, note, about.st_mtime);
	return 0;
}
