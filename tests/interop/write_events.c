/* links: audit gateway/base; -lcrypto */
/*
 * write_events - make a real log with every event of events.def in it, once as
 * each result, with all the fields that the table names.
 *
 *	write_events FOLDER
 *
 * Makes FOLDER/log, key and anchor.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/events.h"
#include "tests/interop/made_log.h"

/* The table's names, each with a value that needs escapes; pids are numbers. */
static unsigned int fill(struct audit_field *fields, const char *names)
{
	unsigned int n = 0;

	while (*names && n < AUDIT_FIELDS) {
		size_t len = strcspn(names, ", ");
		struct audit_field *field = &fields[n++];

		*field = (struct audit_field){ .number = 4711 };
		snprintf(field->key, sizeof field->key, "%.*s", (int)len,
			 names);
		field->is_text = strcmp(field->key, "pid") != 0;
		snprintf(field->value, sizeof field->value, "a \"%.32s\" \\",
			 field->key);
		names += len;
		names += strspn(names, ", ");
	}
	return n;
}

static void append(struct ledger *ledger, const struct event *event,
		   const char *result)
{
	static const char *const own[] = { "session", "permit", "actor" };
	static struct audit_field fields[AUDIT_FIELDS];
	char idem[80];
	struct err err = { "" };
	struct record record = { .time = 1790000000123456,
				 .mono = 1,
				 .actor = "a-1",
				 .boot = ledger->boot,
				 .event = event->name,
				 .idem = idem,
				 .permit = "P-1",
				 .result = result,
				 .session = "s-1",
				 .writer = "policy",
				 .fields = fields };

	record.nfields = fill(fields, event->fields);
	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		if (record.nfields > 0 &&
		    strcmp(fields[record.nfields - 1].key, own[i]) == 0)
			record.nfields--;
	snprintf(idem, sizeof idem, "%s-%s", event->name, result);
	if (journal_append(&ledger->journal, &record, &err) < 0)
		die("%s: %s", event->name, err.text);
}

int main(int argc, char **argv)
{
	static const char *const results[] = { "ok", "deny", "error" };
	static struct ledger ledger;

	if (argc != 2)
		die("usage: write_events FOLDER");
	made_log_begin(&ledger, argv[1], "events.example/log");
	for (size_t i = 0; event_at(i); i++) {
		puts(event_at(i)->name);
		for (size_t j = 0; j < sizeof results / sizeof *results; j++)
			append(&ledger, event_at(i), results[j]);
	}
	made_log_sign(&ledger);
	ledger_close(&ledger);
	return 0;
}
