#include "audit/query.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gateway/base/own.h"

static const struct {
	const char *name, *option;
} terms[QUERY_TERMS] = {
#define TERM(id, name, option) [QUERY_##id] = { #name, option },
#include "audit/query.def"
#undef TERM
};

const char *query_name(enum query_term term)
{
	return terms[term].name;
}

/* --- Times -------------------------------------------------------------------- */

/* The beginning of a day, so many days from that of now. */
static int64_t day_of(int64_t now, int days)
{
	time_t at = (time_t)now;
	struct tm tm;

	if (!localtime_r(&at, &tm))
		return 0;
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	tm.tm_mday += days;
	tm.tm_isdst = -1;
	return mktime(&tm);
}

/* "3d", "2h", "30m": so long ago. */
static bool read_ago(const char *text, int64_t now, int64_t *seconds)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = { { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	long n = strtol(text, &end, 10);
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		if (*end != units[i].unit || end[1] || n > 100000)
			continue;
		*seconds = now - n * units[i].seconds;
		return *seconds > 0;
	}
	return false;
}

static bool read_date(const char *text, bool ends, int64_t *seconds)
{
	struct tm tm = { .tm_isdst = -1 };
	const char *rest = strptime(text, "%Y-%m-%d", &tm);
	bool day = rest && !*rest;

	if (rest && !day) {
		const char *hour = strptime(rest, "T%H", &tm);

		rest = hour && *hour ? strptime(rest, "T%H:%M", &tm) : hour;
	}
	if (!rest || *rest)
		return false;
	tm.tm_mday += day && ends;
	*seconds = mktime(&tm);
	return *seconds > 0;
}

bool query_time(const char *text, bool ends, int64_t now, int64_t *seconds)
{
	if (strcmp(text, "now") == 0)
		*seconds = now + ends; /* this second is within */
	else if (strcmp(text, "today") == 0)
		*seconds = day_of(now, ends ? 1 : 0);
	else if (strcmp(text, "yesterday") == 0)
		*seconds = day_of(now, ends ? 0 : -1);
	else
		return read_date(text, ends, seconds) ||
		       read_ago(text, now, seconds);
	return true;
}

/* --- Words -------------------------------------------------------------------- */

static bool read_number(const char *value, uint64_t most, uint64_t *number)
{
	char *end;

	errno = 0;
	*number = strtoull(value, &end, 10);
	return *value >= '0' && *value <= '9' && !*end && errno == 0 &&
	       *number <= most;
}

/* An event may be typed as a family, "release.*"; the "*" is for people. */
static enum query_word take_term(struct query *query, enum query_term term,
				 const char *value)
{
	char *into = query->values[term];
	size_t len = strlen(value);

	if (len >= QUERY_VALUE)
		return QUERY_BAD_VALUE;
	memcpy(into, value, len + 1);
	if (term == QUERY_EVENT && len > 1 && value[len - 1] == '*' &&
	    value[len - 2] == '.')
		into[len - 1] = '\0';
	return QUERY_TAKEN;
}

static enum query_word take_count(struct query *query, bool last,
				  const char *value)
{
	uint64_t number;

	if (!read_number(value, QUERY_MOST, &number) || number == 0)
		return QUERY_BAD_COUNT;
	query->count = (unsigned int)number;
	query->last = last;
	return QUERY_TAKEN;
}

static enum query_word take_time(struct query *query, const char *option,
				 const char *value, int64_t now)
{
	bool day = strcmp(option, "--day") == 0;

	if ((day || strcmp(option, "--since") == 0) &&
	    !query_time(value, false, now, &query->since))
		return QUERY_BAD_TIME;
	if ((day || strcmp(option, "--until") == 0) &&
	    !query_time(value, true, now, &query->until))
		return QUERY_BAD_TIME;
	return QUERY_TAKEN;
}

enum query_word query_option(struct query *query, const char *option,
			     const char *value, int64_t now)
{
	bool times = strcmp(option, "--since") == 0 ||
		     strcmp(option, "--until") == 0 ||
		     strcmp(option, "--day") == 0;
	bool from = strcmp(option, "--from") == 0;
	bool last = strcmp(option, "--last") == 0;
	int term = 0;

	while (term < QUERY_TERMS && strcmp(terms[term].option, option) != 0)
		term++;
	if (term == QUERY_TERMS && !times && !from && !last &&
	    strcmp(option, "-n") != 0)
		return QUERY_UNKNOWN;
	if (!*value)
		return QUERY_NO_VALUE;
	if (term < QUERY_TERMS)
		return take_term(query, (enum query_term)term, value);
	if (times)
		return take_time(query, option, value, now);
	if (from)
		return read_number(value, INT64_MAX, &query->from)
			       ? QUERY_TAKEN
			       : QUERY_BAD_VALUE;
	return take_count(query, last, value);
}

bool query_asks(const struct query *query)
{
	for (int i = 0; i < QUERY_TERMS; i++)
		if (*query->values[i])
			return true;
	return query->since || query->until || query->from || query->last;
}

/* A typed id could be anybody's words: only whether it was given is told. */
static bool is_ours(enum query_term term, const char *value)
{
	if (term == QUERY_RESULT || term == QUERY_EVENT)
		return strspn(value, "abcdefghijklmnopqrstuvwxyz.") ==
		       strlen(value);
	return term == QUERY_REQUEST &&
	       strspn(value, "0123456789") == strlen(value);
}

void query_vocabulary(const struct query *query, char *out, size_t size)
{
	size_t used = 0;

	out[0] = '\0';
	for (int i = 0; i < QUERY_TERMS; i++) {
		const char *value = query->values[i];
		bool ours = is_ours((enum query_term)i, value);

		if (*value && used < size)
			used += (size_t)snprintf(
				out + used, size - used, "%s%s%s%s",
				used > 0 ? " " : "", terms[i].name,
				ours ? "=" : "", ours ? value : "");
	}
	if ((query->since || query->until) && used < size)
		snprintf(out + used, size - used, "%stime",
			 used > 0 ? " " : "");
}

/* --- Records ------------------------------------------------------------------ */

static bool is(const struct canonical_field *field, const char *text)
{
	return field && record_field_is(field, text);
}

/* The names of a list such as "a, b" or "a b". */
static void take_names(const struct canonical_field *field, query_take *take,
		       void *context)
{
	size_t begin = 0;

	for (size_t at = 0; at <= field->len; at++) {
		if (at < field->len && field->value[at] != ' ' &&
		    field->value[at] != ',')
			continue;
		if (at > begin)
			take(context, QUERY_DATASET, field->value + begin,
			     at - begin);
		begin = at + 1;
	}
}

static bool has_left(const struct record_view *record)
{
	static const char family[] = "release.";
	const struct canonical_field *event = record->event;

	if (event->len > sizeof family - 1 &&
	    memcmp(event->value, family, sizeof family - 1) == 0)
		return true;
	return is(event, "files.read") &&
	       is(canonical_find(&record->line, "view"), "released");
}

void query_terms(const struct record_view *record, query_take *take,
		 void *context)
{
	const struct canonical_field *event = record->event;
	const char *dot = memchr(event->value, '.', event->len);

	for (int i = 0; i < QUERY_LEFT; i++) {
		const struct canonical_field *field =
			i == QUERY_EVENT
				? event
				: canonical_find(&record->line, terms[i].name);

		if (field && field->len > 0 && *field->value != '-')
			take(context, (enum query_term)i, field->value,
			     field->len);
	}
	if (dot)
		take(context, QUERY_EVENT, event->value,
		     (size_t)(dot - event->value) + 1);
	const struct canonical_field *names =
		canonical_find(&record->line, "datasets");
	if (names)
		take_names(names, take, context);
	const struct canonical_field *permit =
		canonical_find(&record->line, "permit");
	if (permit && has_left(record))
		take(context, QUERY_LEFT, permit->value, permit->len);
}

struct met {
	const struct query *query;
	bool terms[QUERY_TERMS];
};

static void meet(void *context, enum query_term term, const char *value,
		 size_t len)
{
	struct met *met = context;
	const char *wanted = met->query->values[term];

	if (strlen(wanted) == len && memcmp(wanted, value, len) == 0)
		met->terms[term] = true;
}

bool query_matches(const struct query *query, const struct record_view *record)
{
	int64_t at = record->time / 1000000;
	struct met met = { .query = query };

	if (record->index < query->from ||
	    (query->since && at < query->since) ||
	    (query->until && at >= query->until))
		return false;
	query_terms(record, meet, &met);
	for (int i = 0; i < QUERY_TERMS; i++)
		if (*query->values[i] && !met.terms[i])
			return false;
	return true;
}
