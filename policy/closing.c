/*
 * closing - permit.close, and the orders that follow from it.
 *
 * Runs in sekisho-policy. Trusts the supervisor's word of what was carried
 * out; what was proven stands in the supervisor's own record.
 */
#include "policy/closing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "policy/answers.h"
#include "policy/ask.h"
#include "policy/sessions.h"
#include "policy/vault.h"
#include "policy/verbs.h"

enum { DAY = 24 * 60 * 60 };

static const struct {
	const char *class;
	int64_t days;
} classes[] = {
#define RETENTION(name, class, days, what) { class, days },
#include "gateway/base/retention.def"
#undef RETENTION
};

/* --- Closing ------------------------------------------------------------------ */

static int refuse(struct server *server, enum text_id why, const char *first,
		  const char *second)
{
	verb_refuse(server, why, first, second);
	return 0;
}

/* Requests of the permit that nobody has decided, or whose release is under
 * way. 0 or -1. */
static int undecided(struct server *server, const char *permit, int64_t *count,
		     struct err *err)
{
	sqlite3_stmt *s = store_bound(
		&server->store, STATEMENT_REQUESTS_UNDECIDED, "t", permit);
	int step = sqlite3_step(s);

	*count = step == SQLITE_ROW ? sqlite3_column_int64(s, 0) : 0;
	return store_over(&server->store, s, step, err);
}

static int close_permit(struct server *server, const char *permit,
			uint32_t *ref, struct err *err)
{
	struct outbox_row row = { .kind = OUTBOX_CLOSE };
	struct store *store = &server->store;
	int64_t now = server_time();
	struct audit_record record;

	if (store_do(store, err, STATEMENT_CLOSED_ADD, "ti", permit, now) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(classes); i++)
		if (store_do(store, err, STATEMENT_ERASURE_ADD, "tti", permit,
			     classes[i].class, now + classes[i].days * DAY) < 0)
			return -1;
	audit_begin(&record, "permit.close", AUDIT_OK);
	snprintf(record.permit, sizeof record.permit, "%s", permit);
	if (outbox_add(server, &row, &record, false, err) < 0)
		return -1;
	*ref = row.ref;
	return 0;
}

/* May it be closed? 1; 0 and the answer says why not; -1. */
static int may_close(struct server *server, const char *id, struct err *err)
{
	const struct policy *policy = server_policy(server);
	const struct permit *permit = policy ? policy_permit(policy, id) : NULL;
	char number[24];
	int64_t waiting;

	if (suspensions_closed(&server->suspensions, id))
		return refuse(server, TEXT_CLOSE_IS_CLOSED, id, NULL);
	if (!permit)
		return refuse(server, TEXT_ASK_NO_PERMIT, id, NULL);
	const char *state = permit_state(permit, &server->suspensions,
					 server_today(server));
	if (strcmp(state, "active") == 0 || strcmp(state, "not_started") == 0)
		return refuse(server, TEXT_CLOSE_ACTIVE, id, NULL);
	if (undecided(server, id, &waiting, err) < 0)
		return -1;
	snprintf(number, sizeof number, "%lld", (long long)waiting);
	return waiting > 0 ? refuse(server, TEXT_CLOSE_UNDECIDED, id, number)
			   : 1;
}

int verb_permit_close(struct server *server, struct peer *peer, struct err *err)
{
	const char *id = peer->words->word[0];
	int may = may_close(server, id, err);

	if (may <= 0)
		return may;
	if (store_begin(&server->store, err) < 0 ||
	    outbox_commit(server, close_permit(server, id, &peer->ref, err),
			  err) < 0)
		return -1;
	peer->waits = WAITS_OUTBOX;
	return suspensions_load(server, err);
}

int closing_recorded(struct server *server, const struct outbox_row *row,
		     struct err *err)
{
	struct peer *peer = answer_waiting(server, row->ref);

	(void)err;
	server->closing_due = true;
	if (!peer)
		return 0;
	result_begin(&server->result, RESULT_ONE, TEXT_CLOSE_BEGUN);
	ask_answer(server, peer);
	return 0;
}

/* --- Orders --------------------------------------------------------------------- */

struct erasure {
	char permit[ID_SIZE], class[ID_SIZE];
	int64_t due, row;
};

/* 1: found; 0: there is none; -1. */
static int find(struct server *server, enum statement statement, int64_t number,
		struct erasure *erasure, struct err *err)
{
	sqlite3_stmt *s = store_bound(&server->store, statement, "i", number);
	int step = sqlite3_step(s);

	if (step == SQLITE_ROW) {
		store_column(s, 0, erasure->permit, sizeof erasure->permit);
		store_column(s, 1, erasure->class, sizeof erasure->class);
		erasure->due = sqlite3_column_int64(s, 2);
		erasure->row = sqlite3_column_int64(s, 3);
	}
	if (store_over(&server->store, s, step, err) < 0)
		return -1;
	return step == SQLITE_ROW;
}

static int order(struct server *server, const struct erasure *erasure,
		 struct err *err)
{
	struct outbox_row row = { .kind = OUTBOX_ERASE };
	struct audit_record record;
	uint64_t number = server_order(server, MSG_ORDER_ERASE);

	msg_put_str(&server->order, erasure->permit);
	msg_put_str(&server->order, erasure->class);
	audit_begin(&record, "erase.order", AUDIT_OK);
	memcpy(record.permit, erasure->permit, sizeof record.permit);
	audit_text(&record, "class", erasure->class);
	audit_number(&record, "order", (int64_t)number);
	audit_number(&record, "due", erasure->due);
	if (outbox_add(server, &row, &record, true, err) < 0)
		return -1;
	return store_do(&server->store, err, STATEMENT_ERASURE_ORDERED, "ttii",
			erasure->permit, erasure->class, (int64_t)number,
			(int64_t)row.ref);
}

static int order_due(struct server *server, struct err *err)
{
	struct erasure erasure;
	int found;

	while (server->road.met &&
	       (found = find(server, STATEMENT_ERASURE_DUE, server_time(),
			     &erasure, err)) != 0) {
		if (found < 0 || store_begin(&server->store, err) < 0 ||
		    outbox_commit(server, order(server, &erasure, err), err) <
			    0)
			return -1;
	}
	return 0;
}

/* What failed is due again in the next minute. */
static int settle(struct server *server, const struct erasure *erasure,
		  uint64_t number, bool ok, struct err *err)
{
	if (outbox_remove(server, (uint32_t)erasure->row, err) < 0)
		return -1;
	return store_do(&server->store, err, STATEMENT_ERASURE_ANSWERED, "iii",
			(int64_t)number, (int64_t)(ok ? server_time() : 0),
			(int64_t)(ok ? 0 : server_time() + 60));
}

/* The order is over. why: what went wrong; NULL: nothing. */
static int answered(struct server *server, const struct erasure *erasure,
		    uint64_t number, const char *why, struct err *err)
{
	if (store_begin(&server->store, err) < 0 ||
	    outbox_commit(server, settle(server, erasure, number, !why, err),
			  err) < 0)
		return -1;
	if (why)
		note("%s of permit %s is not erased: %s", erasure->class,
		     erasure->permit, why);
	return 0;
}

/* --- Its openings in the vault -------------------------------------------------- */

static struct ending *ending_of(const struct server *server, uint64_t order)
{
	for (size_t i = 0; i < server->nendings; i++)
		if (server->endings[i].order == order)
			return &server->endings[i];
	return NULL;
}

/* The key is gone; what it sealed is to be overwritten before the order is
 * over. */
static void end_openings(struct server *server, const struct erasure *erasure,
			 uint64_t order)
{
	const struct ending new = { .order = order,
				    .ref = (uint32_t)erasure->row };
	struct ending *grown;

	if (ending_of(server, order))
		return;
	grown = reallocarray(server->endings, server->nendings + 1,
			     sizeof *grown);
	if (!grown)
		die("out of memory");
	server->endings = grown;
	grown[server->nendings++] = new;
	if (!vault_end_permit(server, new.ref, erasure->permit))
		closing_vault_lost(server);
}

void closing_vault_ended(struct server *server, uint32_t ref)
{
	for (size_t i = 0; i < server->nendings; i++)
		if (server->endings[i].ref == ref)
			server->endings[i].state = ENDING_DONE;
	server->closing_due = true;
}

void closing_vault_lost(struct server *server)
{
	for (size_t i = 0; i < server->nendings; i++)
		if (server->endings[i].state == ENDING_ASKED)
			server->endings[i].state = ENDING_LOST;
	server->closing_due = true;
}

/* Ending a key that is gone does no harm: after LOST, both once more. */
static int take_ended(struct server *server, struct err *err)
{
	for (size_t i = 0; i < server->nendings;) {
		const struct ending ending = server->endings[i];
		struct erasure erasure;

		if (ending.state == ENDING_ASKED) {
			i++;
			continue;
		}
		server->endings[i] = server->endings[--server->nendings];
		const char *why = ending.state == ENDING_DONE
					  ? NULL
					  : "the vault does not run";
		int found = find(server, STATEMENT_ERASURE_FIND,
				 (int64_t)ending.order, &erasure, err);
		if (found < 0 ||
		    (found > 0 &&
		     answered(server, &erasure, ending.order, why, err) < 0))
			return -1;
	}
	return 0;
}

/* --- What comes of them ----------------------------------------------------------- */

int closing_tend(struct server *server, struct err *err)
{
	server->closing_due = false;
	return take_ended(server, err) < 0 ? -1 : order_due(server, err);
}

int closing_order_done(struct server *server, uint64_t number, bool ok,
		       const char *why, struct err *err)
{
	struct erasure erasure;
	int found = find(server, STATEMENT_ERASURE_FIND, (int64_t)number,
			 &erasure, err);

	if (found <= 0)
		return found;
	if (ok && strcmp(erasure.class, "key") == 0) {
		end_openings(server, &erasure, number);
		return 1;
	}
	return answered(server, &erasure, number, ok ? NULL : why, err) < 0 ? -1
									    : 1;
}
