/*
 * log - let an auditor read records and the checkpoint.
 *
 * Runs in sekisho-desk with the log's folder as a descriptor, read-only by
 * file mode. Every reading is itself a record, durable before the answer.
 * What is shown here is for the eye; sekisho-verify is for proof.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "audit/client.h"
#include "gateway/base/own.h"
#include "gateway/desk/desk.h"
#include "gateway/desk/log_rows.h"

enum { FEW_RECORDS = 20 };

int desk_reads(const struct desk *desk, const char *verb, const char *asked,
	       struct err *err)
{
	struct audit_record record;

	audit_begin(&record, "audit.read", AUDIT_OK);
	snprintf(record.actor, sizeof record.actor, "%s", desk->actor);
	snprintf(record.session, sizeof record.session, "%s", desk->session);
	snprintf(record.permit, sizeof record.permit, "%s", desk->permit);
	audit_text(&record, "verb", verb);
	if (*asked)
		audit_text(&record, "asked", asked);
	return audit_write(desk->audit, &record, NULL, err);
}

/* --- Arguments ------------------------------------------------------------ */

/* What stands behind an option. */
enum value {
	VALUE_NONE = 0,
	VALUE_ID,
	VALUE_COUNT,
	VALUE_NUMBER,
	VALUE_SINCE,
	VALUE_UNTIL
};

static const struct option {
	const char *name;
	enum value value;
	size_t at; /* in struct log_wanted */
} options[] = {
	{ "-n", VALUE_COUNT, offsetof(struct log_wanted, count) },
	{ "--event", VALUE_ID, offsetof(struct log_wanted, event) },
	{ "--session", VALUE_ID, offsetof(struct log_wanted, session) },
	{ "--permit", VALUE_ID, offsetof(struct log_wanted, permit) },
	{ "--actor", VALUE_ID, offsetof(struct log_wanted, actor) },
	{ "--request", VALUE_NUMBER, offsetof(struct log_wanted, request) },
	{ "--since", VALUE_SINCE, offsetof(struct log_wanted, since) },
	{ "--until", VALUE_UNTIL, offsetof(struct log_wanted, until) },
};

static bool read_number(const char *value, uint64_t most, uint64_t *number)
{
	char *end;

	*number = strtoull(value, &end, 10);
	return *value >= '0' && *value <= '9' && !*end && *number >= 1 &&
	       *number <= most;
}

/* YYYY-MM-DD or YYYY-MM-DDTHH:MM, in local time; a day alone ends, where an
 * end is meant, with the day. */
static bool read_time(const char *value, bool ends, int64_t *seconds)
{
	struct tm tm = { .tm_isdst = -1 };
	const char *rest = strptime(value, "%Y-%m-%d", &tm);
	bool day = rest && !*rest;

	if (rest && !day)
		rest = strptime(rest, "T%H:%M", &tm);
	if (!rest || *rest)
		return false;
	tm.tm_mday += day && ends;
	*seconds = mktime(&tm);
	return *seconds > 0;
}

/* Put the value into wanted. False: it is none of its kind. */
static bool read_value(const struct option *option, const char *value,
		       struct log_wanted *wanted)
{
	char *into = (char *)wanted + option->at;
	uint64_t number;

	switch (option->value) {
	case VALUE_ID:
		return snprintf(into, ID_SIZE, "%s", value) < ID_SIZE;
	case VALUE_COUNT:
		if (!read_number(value, LOG_MOST, &number))
			return false;
		wanted->count = (unsigned int)number;
		return true;
	case VALUE_NUMBER:
		return read_number(value, INT64_MAX, &wanted->request);
	case VALUE_SINCE:
		return read_time(value, false, &wanted->since);
	case VALUE_UNTIL:
		return read_time(value, true, &wanted->until);
	case VALUE_NONE:
		break;
	}
	return false;
}

static const struct option *find_option(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		if (strcmp(options[i].name, name) == 0)
			return &options[i];
	return NULL;
}

static void refuse(struct result *result, const struct option *option,
		   const char *name, const char *value)
{
	char most[16];

	snprintf(most, sizeof most, "%d", LOG_MOST);
	if (!option)
		result_error(result, RESULT_WRONG, TEXT_DESK_TOO_MANY, "log",
			     name, NULL);
	else if (!*value)
		result_error(result, RESULT_WRONG, TEXT_DESK_NEEDS_VALUE, name,
			     NULL, NULL);
	else if (option->value == VALUE_COUNT)
		result_error(result, RESULT_WRONG, TEXT_DESK_BAD_COUNT, most,
			     value, NULL);
	else if (option->value == VALUE_SINCE || option->value == VALUE_UNTIL)
		result_error(result, RESULT_WRONG, TEXT_LOG_BAD_TIME, name,
			     value, NULL);
	else
		result_error(result, RESULT_WRONG, TEXT_LOG_BAD_VALUE, name,
			     value, NULL);
	result_hint(result, TEXT_DESK_SEE_HELP, "log", NULL);
}

static bool read_wanted(const struct command *command,
			struct log_wanted *wanted, struct result *result)
{
	*wanted = (struct log_wanted){ 0 };
	for (unsigned int i = 1; i < command->n; i += 2) {
		const struct option *option = find_option(command->words[i]);
		const char *value = command_word(command, i + 1);

		if (option && *value && read_value(option, value, wanted))
			continue;
		refuse(result, option, command->words[i], value);
		return false;
	}
	/* A story is told from its beginning. */
	if (wanted->count == 0)
		wanted->count = wanted->request > 0 ? LOG_MOST : FEW_RECORDS;
	return true;
}

/* --- Verbs ---------------------------------------------------------------- */

static void put_notes(struct result *result, const struct log_search *search,
		      unsigned int shown)
{
	char number[24];

	snprintf(number, sizeof number, "%" PRIu64, search->matched - shown);
	if (search->wanted.request > 0 && search->matched > shown)
		result_note(result, TEXT_LOG_MORE, number, NULL, NULL);
	snprintf(number, sizeof number, "%d", LOG_SEGMENTS);
	if (search->more && shown < search->wanted.count)
		result_note(result, TEXT_DESK_LOG_PART, number, NULL, NULL);
	snprintf(number, sizeof number, "%u", search->nbad);
	if (search->nbad > 0)
		result_note(result, TEXT_DESK_LOG_BAD, number, NULL, NULL);
}

static void put_entries(struct result *result, const struct log_search *search)
{
	unsigned int n = search->nfound;
	char number[24];

	if (n > search->wanted.count)
		n = search->wanted.count;
	snprintf(number, sizeof number, "%" PRIu64, search->wanted.request);
	result_begin_with(result, RESULT_LIST,
			  search->wanted.request > 0 ? TEXT_LOG_STORY
						     : TEXT_DESK_LOG,
			  number, NULL);
	log_rows_begin(result);
	for (unsigned int i = 0; i < n; i++)
		log_rows_put(result, log_entry(search, n, i));
	put_notes(result, search, n);
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
	static struct log_search search;
	struct err why = { "" };

	if (!read_wanted(command, &search.wanted, result))
		return 0;
	if (desk_reads(desk, "log", "", err) < 0)
		return -1;
	if (log_find(&search, desk->log, &why) < 0)
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
			result_note(result, TEXT_SIGNED_LINE, lines[i], NULL,
				    NULL);
}

int desk_checkpoint(struct desk *desk, struct result *result, struct err *err)
{
	static char note[16 * 1024];
	struct err why = { "" };
	struct stat about;

	if (desk_reads(desk, "checkpoint", "", err) < 0)
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
