/*
 * releases - release.open and its order, ORDER_DONE, expiry.
 *
 * Runs in sekisho-policy. Trusts the supervisor's word of what was carried
 * out; the bytes never pass here.
 */
#include "policy/releases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/base/visible.h"
#include "policy/copies.h"
#include "policy/statement.h"

/* What a RECORD needs beside its order. */
enum { RECORD_ROOM = 4096, DAY = 24 * 60 * 60 };

/* All that one release.open is made from. */
struct opening_release {
	struct request *request;
	struct request_files files;
	struct findings findings;
	struct casts casts;
	char *statement; /* STATEMENT_SIZE */
	char hash[HASH_TEXT_SIZE];
	uint64_t order, bytes;
	uint32_t approved;
};

static int gather(struct server *server, struct opening_release *o,
		  struct err *err)
{
	struct store *store = &server->store;
	int64_t number = o->request->number;

	if (request_files(store, number, &o->files, err) < 0 ||
	    votes_of(store, number, &o->casts, err) < 0 ||
	    findings_get(store, number, &o->findings, err) < 0)
		return -1;
	for (uint32_t i = 0; i < o->files.count; i++) {
		if (o->files.file[i].outcome != VOTE_APPROVE)
			continue;
		o->approved++;
		o->bytes += o->files.file[i].size;
	}
	return 0;
}

/* False: one order cannot say it. */
static bool put_order(struct server *server, struct opening_release *o)
{
	struct released released = { o->request, &o->files, &o->casts,
				     &o->findings, server_time() };
	struct msg *order = &server->order;

	if (statement_text(o->statement, o->hash, &released) < 0)
		return false;
	o->order = server_order(server, MSG_ORDER_RELEASE);
	msg_put_str(order, o->request->permit);
	msg_put_str(order, o->request->actor);
	msg_put_u32(order, (uint32_t)o->request->number);
	msg_put_bytes(order, o->statement, strlen(o->statement));
	msg_put_u32(order, o->approved);
	for (uint32_t i = 0; i < o->files.count; i++) {
		const struct request_file *file = &o->files.file[i];

		if (file->outcome != VOTE_APPROVE)
			continue;
		msg_put_str(order, file->name);
		msg_put_bytes(order, file->sha256.bytes, HASH_SIZE);
	}
	return !order->bad && order->len < MSG_MAX - RECORD_ROOM;
}

static void begin_record(struct audit_record *record, const char *event,
			 const struct request *request)
{
	audit_begin(record, event, AUDIT_OK);
	memcpy(record->actor, request->actor, sizeof record->actor);
	memcpy(record->permit, request->permit, sizeof record->permit);
	audit_number(record, "request", request->number);
}

static int record_open(struct server *server, struct opening_release *o,
		       uint32_t *ref, struct err *err)
{
	struct outbox_row row = { .kind = OUTBOX_RELEASE,
				  .subject = o->request->number };
	struct audit_record record;

	begin_record(&record, "release.open", o->request);
	audit_number(&record, "files", o->approved);
	audit_number(&record, "bytes", (int64_t)o->bytes);
	audit_text(&record, "statement", o->hash);
	audit_number(&record, "order", (int64_t)o->order);
	if (outbox_add(server, &row, &record, true, err) < 0)
		return -1;
	*ref = row.ref;
	return store_do(&server->store, err, STATEMENT_RELEASE_ADD, "iitii",
			(int64_t)o->order, o->request->number, o->statement,
			server_time(), (int64_t)row.ref);
}

int releases_open(struct server *server, struct request *request, uint32_t *ref,
		  struct err *err)
{
	struct opening_release o = { .request = request };
	AUTO_FREE char *statement = malloc(STATEMENT_SIZE);
	int done;

	if (!statement)
		die("out of memory");
	*ref = 0;
	o.statement = statement;
	done = gather(server, &o, err);
	if (done == 0 && put_order(server, &o))
		done = record_open(server, &o, ref, err);
	else if (done == 0)
		done = request_problem(&server->store, request->number,
				       "too long for one release", err);
	free(o.casts.item);
	free(o.findings.item);
	return done;
}

int releases_under_way(struct server *server, int64_t request, struct err *err)
{
	int64_t open;

	if (store_number(&server->store, STATEMENT_RELEASE_OPEN, request, &open,
			 err) < 0)
		return -1;
	return open != 0;
}

int releases_wait(struct server *server, const struct request *request,
		  struct err *err)
{
	const struct policy *policy = server_policy(server);

	if (request->state != REQUEST_APPROVED || !policy ||
	    policy->site.release_needs != RELEASE_COSIGNED)
		return 0;
	return releases_under_way(server, request->number, err);
}

/* --- What came of it ----------------------------------------------------------- */

struct answered {
	uint64_t order;
	int64_t request, row;
	bool ok;
	char why[PROBLEM_ABOUT_SIZE];
};

static int find(struct server *server, struct answered *answered,
		struct err *err)
{
	sqlite3_stmt *s = store_bound(&server->store, STATEMENT_RELEASE_FIND,
				      "i", (int64_t)answered->order);
	int step = sqlite3_step(s);

	if (step == SQLITE_ROW) {
		answered->request = sqlite3_column_int64(s, 0);
		answered->row = sqlite3_column_int64(s, 1);
	}
	if (store_over(&server->store, s, step, err) < 0)
		return -1;
	return step == SQLITE_ROW;
}

static int settle(struct server *server, const struct answered *answered,
		  struct err *err)
{
	struct store *store = &server->store;
	struct request_files files;
	struct request request;

	if (outbox_remove(server, (uint32_t)answered->row, err) < 0 ||
	    store_do(store, err, STATEMENT_RELEASE_STATE, "it",
		     (int64_t)answered->order,
		     answered->ok ? "done" : "failed") < 0 ||
	    request_get(store, answered->request, &request, err) < 0)
		return -1;
	/* An order may be answered twice, over lives. */
	if (request.state != REQUEST_APPROVED)
		return 0;
	if (!answered->ok)
		return request_problem(store, request.number, answered->why,
				       err);
	/* Copies of what was not approved have served. */
	if (request_files(store, request.number, &files, err) < 0)
		return -1;
	copies_drop_all(server, &files);
	return request_move(store, &request, REQUEST_RELEASED, server_time(),
			    err);
}

int releases_order_done(struct server *server, uint64_t order, bool ok,
			const char *why, struct err *err)
{
	struct answered answered = { .order = order, .ok = ok };
	int found = find(server, &answered, err);

	if (found <= 0)
		return found;
	snprintf(answered.why, sizeof answered.why, "%.390s",
		 *why ? why : "it was not carried out");
	if (store_begin(&server->store, err) < 0 ||
	    outbox_commit(server, settle(server, &answered, err), err) < 0)
		return -1;
	if (!ok)
		note("request %lld is not released: %s",
		     (long long)answered.request, answered.why);
	return 1;
}

static int open_again(struct server *server, int64_t number, struct err *err)
{
	struct request request;
	uint32_t ref;
	int ok;

	if (store_begin(&server->store, err) < 0)
		return -1;
	ok = request_get(&server->store, number, &request, err) < 0
		     ? -1
		     : releases_open(server, &request, &ref, err);
	return outbox_commit(server, ok, err);
}

int releases_resume(struct server *server, struct err *err)
{
	int64_t number = 0;
	int found;

	while ((found = request_after(&server->store, REQUEST_APPROVED, number,
				      &number, err)) > 0) {
		int open = releases_under_way(server, number, err);

		if (open < 0 ||
		    (open == 0 && open_again(server, number, err) < 0))
			return -1;
	}
	return found;
}

/* --- Expiry -------------------------------------------------------------------- */

static int expire(struct server *server, int64_t number, struct err *err)
{
	struct outbox_row row = { .kind = OUTBOX_EXPIRE, .subject = number };
	struct audit_record record;
	struct request request;

	if (request_get(&server->store, number, &request, err) < 0 ||
	    request_move(&server->store, &request, REQUEST_EXPIRED,
			 server_time(), err) < 0)
		return -1;
	begin_record(&record, "release.expire", &request);
	return outbox_add(server, &row, &record, false, err);
}

int releases_tend(struct server *server, struct err *err)
{
	const struct policy *policy = server_policy(server);

	while (policy && server->road.met) {
		int64_t days = policy->site.release_days, number;

		if (store_number(&server->store, STATEMENT_REQUEST_OLD,
				 server_time() - days * DAY, &number, err) < 0)
			return -1;
		if (number == 0)
			return 0;
		if (store_begin(&server->store, err) < 0 ||
		    outbox_commit(server, expire(server, number, err), err) < 0)
			return -1;
	}
	return 0;
}

/* --- Continuations --------------------------------------------------------------- */

int releases_expired(struct server *server, const struct outbox_row *row,
		     struct err *err)
{
	struct request request;

	if (request_get(&server->store, row->subject, &request, err) < 0)
		return -1;
	copies_expire(server, &request);
	return 0;
}
