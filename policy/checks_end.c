/*
 * checks_end - the verdict of a check, on record and for its request.
 *
 * Runs in sekisho-policy. compare is not trusted to say less than it found:
 * the gravest of its verdict and its findings holds, and a check that broke
 * off blocks.
 */
#include <string.h>

#include "policy/checks.h"
#include "policy/statement.h"

static bool whole(const struct check *check)
{
	return check->done_well && check->compared && !check->blind;
}

/* The gravest of what compare said and of what it found. */
static uint8_t judge(struct check *check)
{
	static const struct finding engine = { .code = "E01_ENGINE",
					       .severity = NUMBER_BLOCK };
	uint8_t found = 2;

	if (!whole(check))
		findings_add(&check->findings, &engine);
	if (check->findings.by[NUMBER_BLOCK] > 0)
		found = 0;
	else if (check->findings.by[NUMBER_FLAG] > 0 || check->findings.cut)
		found = 1;
	return found < check->verdict ? found : check->verdict;
}

static int record_end(struct server *server, struct check *check,
		      struct err *err)
{
	struct outbox_row row = { .kind = OUTBOX_CHECKED,
				  .subject = (int64_t)check->number };
	const struct findings *findings = &check->findings;
	struct audit_record record;

	checks_record(&record, "request.check", &check->request);
	if (!whole(check))
		record.result = AUDIT_ERROR;
	audit_number(&record, "check", (int64_t)check->number);
	audit_text(&record, "phase", "done");
	audit_text(&record, "verdict", verdict_word(check->verdict));
	audit_number(&record, "block", findings->by[NUMBER_BLOCK]);
	audit_number(&record, "flag", findings->by[NUMBER_FLAG]);
	audit_number(&record, "info", findings->by[NUMBER_INFO]);
	if (outbox_add(server, &row, &record, false, err) < 0)
		return -1;
	check->ref = row.ref;
	return 0;
}

static int give_back(struct server *server, struct check *check,
		     struct err *err)
{
	struct outbox_row row = { .kind = OUTBOX_RETURN,
				  .subject = check->request.number };
	struct audit_record record;

	checks_record(&record, "request.return", &check->request);
	audit_text(&record, "reason", "finding");
	if (outbox_add(server, &row, &record, false, err) < 0)
		return -1;
	check->ref = row.ref;
	return 0;
}

/* What the verdict means for the request. It may have been withdrawn. */
static int move_request(struct server *server, struct check *check,
			struct err *err)
{
	struct store *store = &server->store;
	struct request *request = &check->request;
	bool blocked = check->verdict == 0;

	if (request_get(store, request->number, request, err) < 0)
		return -1;
	if (request->state != REQUEST_CHECKING)
		return 0;
	if (findings_keep(store, request->number, &check->findings, err) < 0 ||
	    request_move(store, request,
			 blocked ? REQUEST_RETURNED : REQUEST_REVIEW,
			 server_time(), err) < 0)
		return -1;
	return blocked ? give_back(server, check, err) : 0;
}

int checks_finish(struct server *server, struct check *check, struct err *err)
{
	if (store_begin(&server->store, err) < 0)
		return -1;
	check->verdict = judge(check);
	check->phase = CHECK_TOLD;
	int ok = store_do(&server->store, err, STATEMENT_CHECK_OVER, "i",
			  (int64_t)check->number);
	if (ok == 0)
		ok = record_end(server, check, err);
	if (ok == 0 && check->request.number > 0)
		ok = move_request(server, check, err);
	return outbox_commit(server, ok, err);
}

/* 1: one was ended; 0: none is left; -1. */
static int break_one(struct server *server, struct err *err)
{
	sqlite3_stmt *s =
		store_bound(&server->store, STATEMENT_CHECK_RUNNING, "");
	int step = sqlite3_step(s);
	struct check check = { 0 };

	if (step == SQLITE_ROW) {
		struct request *request = &check.request;

		check.number = (uint64_t)sqlite3_column_int64(s, 0);
		request->number = sqlite3_column_int64(s, 1);
		store_column(s, 2, request->permit, sizeof request->permit);
		store_column(s, 3, request->actor, sizeof request->actor);
		store_column(s, 4, request->session, sizeof request->session);
	}
	if (store_over(&server->store, s, step, err) < 0)
		return -1;
	if (step != SQLITE_ROW)
		return 0;
	if (store_do(&server->store, err, STATEMENT_CHECK_OVER, "i",
		     (int64_t)check.number) < 0 ||
	    record_end(server, &check, err) < 0)
		return -1;
	return 1;
}

int checks_broken(struct server *server, struct err *err)
{
	int ended;

	if (store_begin(&server->store, err) < 0)
		return -1;
	do
		ended = break_one(server, err);
	while (ended > 0);
	return outbox_commit(server, ended, err);
}
