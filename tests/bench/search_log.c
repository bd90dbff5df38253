/* links: audit gateway/base; -lcrypto */
/*
 * search_log - make a large real log for searches: sessions of several people
 * under several permits, with opened datasets, programs and releases.
 *
 *	search_log FOLDER ENTRIES
 *
 * Makes FOLDER/log, key and anchor. The n-th record is the same each time but
 * for its boot and chain: 200 sessions of 50,000 records for each ten million.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/interop/made_log.h"

enum { SESSION = 50000, EACH_SECONDS = 3 };

struct made {
	char actor[32], session[32], permit[32], idem[32];
	struct audit_field fields[3];
};

static void text(struct audit_field *field, const char *key, const char *value)
{
	snprintf(field->key, sizeof field->key, "%s", key);
	snprintf(field->value, sizeof field->value, "%s", value);
	field->is_text = true;
}

/* A session's life: it opens, runs programs, reads datasets, releases once. */
static void fill(struct record *record, struct made *made, uint64_t i)
{
	uint64_t session = i / SESSION, step = i % SESSION;
	char dataset[32];

	snprintf(made->session, sizeof made->session, "s-%" PRIu64, session);
	snprintf(made->actor, sizeof made->actor, "a-%" PRIu64, session % 17);
	snprintf(made->permit, sizeof made->permit, "P-%" PRIu64, session % 5);
	snprintf(made->idem, sizeof made->idem, "%" PRIu64, i);
	snprintf(dataset, sizeof dataset, "claims-%" PRIu64, session % 7);
	record->time = 1790000000000000 + (int64_t)i * EACH_SECONDS * 1000000;
	record->mono = (int64_t)i;
	record->actor = made->actor;
	record->session = made->session;
	record->permit = made->permit;
	record->idem = made->idem;
	record->result = i % 1000 == 999 ? "deny" : "ok";
	record->fields = made->fields;
	record->nfields = 1;
	if (step == SESSION - 1) {
		record->event = "release.open";
		record->writer = "policy";
		made->fields[0] =
			(struct audit_field){ .key = "request",
					      .number = (int64_t)session };
	} else if (step % 100 == 7) {
		record->event = "data.open";
		record->writer = "watch";
		text(&made->fields[0], "dataset", dataset);
		text(&made->fields[1], "file", "data.sqlite");
		record->nfields = 2;
	} else {
		record->event = "exec";
		record->writer = "watch";
		text(&made->fields[0], "path", "/usr/bin/R");
	}
}

int main(int argc, char **argv)
{
	static struct ledger ledger;
	static struct made made;
	struct record record = { 0 };
	struct err err = { "" };

	if (argc != 3)
		die("usage: search_log FOLDER ENTRIES");
	uint64_t n = strtoull(argv[2], NULL, 10);
	made_log_begin(&ledger, argv[1], "search.example/log");
	while (ledger.journal.chain.next < n) {
		memset(&made, 0, sizeof made);
		fill(&record, &made, ledger.journal.chain.next);
		record.boot = ledger.boot;
		if (journal_append(&ledger.journal, &record, &err) < 0 ||
		    (journal_full(&ledger.journal) &&
		     ledger_commit(&ledger, &err) < 0))
			die("%s", err.text);
	}
	made_log_sign(&ledger);
	ledger_close(&ledger);
	return 0;
}
