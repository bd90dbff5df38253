/*
 * log_rows - see log_rows.h. Runs in sekisho-desk and sekishoctl; what an
 * index says is not believed.
 */
#include "gateway/desk/log_rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

void log_rows_begin(struct result *result)
{
	result_column(result, "index", RESULT_NUMBER);
	result_column(result, "time", RESULT_TIME);
	result_column(result, "event", RESULT_STATE);
	result_column(result, "result", RESULT_STATE);
	result_column(result, "actor", RESULT_ID);
	result_column(result, "session", RESULT_ID);
	result_column(result, "permit", RESULT_ID);
	result_column(result, "detail", RESULT_TEXT);
}

void log_rows_put(struct result *result, const struct log_entry *entry)
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

/* How many there are, and how to see the others. */
static void say_total(struct result *result, const struct found *found,
		      const struct query *query)
{
	char total[24], shown[24], next[24];

	snprintf(total, sizeof total, "%" PRIu64, found->total);
	snprintf(shown, sizeof shown, "%u", found->n);
	if (found->total == found->n) {
		result_note(result, TEXT_SEARCH_ALL, total, NULL, NULL);
		return;
	}
	if (query->last) {
		result_note(result, TEXT_SEARCH_LAST, total, shown, NULL);
		return;
	}
	snprintf(next, sizeof next, "%" PRIu64,
		 found->places[found->n - 1].index + 1);
	result_note(result, TEXT_SEARCH_FIRST, total, shown, next);
}

void log_rows_found(struct result *result, const struct found *found,
		    const struct query *query, int seg)
{
	static struct found_record record;
	struct found_reader reader;
	struct log_entry entry;
	struct err why;

	result_begin(result, RESULT_LIST, TEXT_SEARCH_TITLE);
	log_rows_begin(result);
	found_begin(&reader, seg);
	for (unsigned int i = 0; i < found->n; i++) {
		if (found_read(&reader, &found->places[i], query, &record,
			       &why) < 0)
			result_note(result, TEXT_SEARCH_WRONG, why.text, NULL,
				    NULL);
		else if (log_entry_read(&entry, record.line, record.len) == 0)
			log_rows_put(result, &entry);
	}
	found_end(&reader);
	say_total(result, found, query);
}

void log_rows_refuse(struct result *result, enum query_word got,
		     const char *verb, const char *option, const char *value)
{
	char most[16];

	snprintf(most, sizeof most, "%d", QUERY_MOST);
	switch (got) {
	case QUERY_NO_VALUE:
		result_error(result, RESULT_WRONG, TEXT_DESK_NEEDS_VALUE,
			     option, NULL, NULL);
		return;
	case QUERY_BAD_TIME:
		result_error(result, RESULT_WRONG, TEXT_SEARCH_BAD_TIME, option,
			     value, NULL);
		return;
	case QUERY_BAD_COUNT:
		result_error(result, RESULT_WRONG, TEXT_DESK_BAD_COUNT, most,
			     value, NULL);
		return;
	case QUERY_BAD_VALUE:
		result_error(result, RESULT_WRONG, TEXT_LOG_BAD_VALUE, option,
			     value, NULL);
		return;
	case QUERY_UNKNOWN:
	case QUERY_TAKEN:
		break;
	}
	result_error(result, RESULT_WRONG, TEXT_DESK_TOO_MANY, verb, option,
		     NULL);
}
