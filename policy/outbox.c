/*
 * outbox - rows of records that audit has not said are durable.
 *
 * Runs in sekisho-policy. Trusts its own file and audit.
 */
#include "policy/outbox.h"

#include <string.h>

#include "gateway/base/own.h"
#include "gateway/base/process.h"
#include "policy/answers.h"
#include "policy/checks.h"
#include "policy/closing.h"
#include "policy/releases.h"
#include "policy/requests_store.h"
#include "policy/reviews.h"
#include "policy/verbs_dataset.h"
#include "policy/verbs_requests.h"

/* Bytes in the mailbox to audit from which on rows wait in the file. */
enum { LYING = 4 * 1024 * 1024 };

static int nothing_waits(struct server *server, const struct outbox_row *row,
			 struct err *err)
{
	(void)server;
	(void)row;
	(void)err;
	return 0;
}

static const struct {
	const char *word;
	bool goes;
	int (*go_on)(struct server *, const struct outbox_row *, struct err *);
} kinds[OUTBOX_KINDS] = {
	[OUTBOX_NONE] = { "none", true, nothing_waits },
#define OUTBOX(kind, goes, continuation)                                       \
	[OUTBOX_##kind] = { #kind, goes, continuation },
#include "policy/outbox.def"
#undef OUTBOX
};

static enum outbox_kind kind_of(const char *word)
{
	for (enum outbox_kind k = OUTBOX_NONE + 1; k < OUTBOX_KINDS; k++)
		if (strcmp(kinds[k].word, word) == 0)
			return k;
	return OUTBOX_NONE;
}

int outbox_add(struct server *server, struct outbox_row *row,
	       const struct audit_record *record, bool order, struct err *err)
{
	struct store *store = &server->store;
	struct msg *m = &server->out;
	int64_t number;

	if (store_number(store, STATEMENT_OUTBOX_NUMBER, 0, &number, err) < 0)
		return -1;
	row->ref = OUTBOX_REF | (uint32_t)number;
	if (audit_put(m, row->ref, record, order ? &server->order : NULL, err) <
	    0)
		return -1;
	sqlite3_stmt *s =
		store_bound(store, STATEMENT_OUTBOX_ADD, "iti", number,
			    kinds[row->kind].word, row->subject);
	sqlite3_bind_blob(s, 4, m->data, (int)m->len, SQLITE_TRANSIENT);
	return store_run(store, s, err);
}

/* 1: there was one, now in server->out; 0: no more; -1. */
static int load_next(struct server *server, int64_t *number, struct err *err)
{
	sqlite3_stmt *s = store_bound(&server->store, STATEMENT_OUTBOX_AFTER,
				      "i", server->road.sent);
	int step = sqlite3_step(s), read = 0;

	if (step == SQLITE_ROW) {
		*number = sqlite3_column_int64(s, 0);
		read = msg_from_bytes(&server->out, sqlite3_column_blob(s, 1),
				      (size_t)sqlite3_column_bytes(s, 1));
	}
	if (store_over(&server->store, s, step, err) < 0)
		return -1;
	if (read < 0)
		return err_set(err, "state file: outbox row %lld is no message",
			       (long long)*number);
	return step == SQLITE_ROW;
}

int outbox_send(struct server *server, struct err *err)
{
	int64_t number = 0;
	int got = 0;

	/* What does not go out now lies safe in its row until it can. */
	while (server->records.bytes < LYING &&
	       (got = load_next(server, &number, err)) > 0) {
		struct err why;

		if (mailbox_send(&server->records, server->audit, &server->out,
				 &why) < 0)
			process_fail(&why);
		server->road.sent = number;
	}
	return got < 0 ? -1 : 0;
}

int outbox_commit(struct server *server, int ok, struct err *err)
{
	int ended = store_end(&server->store, ok, err);

	server->road.unheard = true;
	return ended != 0 ? ended : outbox_send(server, err);
}

/* 1: found; 0: gone already; -1. */
static int find(struct server *server, int64_t number, struct outbox_row *row,
		struct err *err)
{
	sqlite3_stmt *s =
		store_bound(&server->store, STATEMENT_OUTBOX_FIND, "i", number);
	int step = sqlite3_step(s);
	char word[ID_SIZE] = "";

	if (step == SQLITE_ROW) {
		store_column(s, 0, word, sizeof word);
		row->kind = kind_of(word);
		row->subject = sqlite3_column_int64(s, 1);
	}
	if (store_over(&server->store, s, step, err) < 0)
		return -1;
	return step == SQLITE_ROW;
}

int outbox_remove(struct server *server, uint32_t ref, struct err *err)
{
	return store_do(&server->store, err, STATEMENT_OUTBOX_REMOVE, "i",
			(int64_t)(ref & ~(uint32_t)OUTBOX_REF));
}

int outbox_recorded(struct server *server, uint32_t ref, struct err *err)
{
	struct outbox_row row = { .ref = ref };
	int64_t number = ref & ~(uint32_t)OUTBOX_REF;
	int found = find(server, number, &row, err);

	if (found <= 0)
		return found;
	if (store_begin(&server->store, err) < 0)
		return -1;
	int ok = kinds[row.kind].goes ? outbox_remove(server, ref, err) : 0;
	if (ok == 0)
		ok = kinds[row.kind].go_on(server, &row, err);
	return outbox_commit(server, ok, err);
}
