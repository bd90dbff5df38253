/*
 * checks - from FREEZE to the order of a check, and back.
 *
 * Runs in sekisho-policy. Who asks was judged before (verbs_requests.c); the
 * store and the supervisor are trusted, compare is not (findings.c).
 */
#include "policy/checks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "policy/airlock/frozen.h"
#include "policy/answers.h"
#include "policy/copies.h"
#include "policy/sessions.h"
#include "policy/statement.h"

enum {
	SMALLEST_CELL = 10,
	EARLIER = 256,	    /* files of earlier releases in one check */
	RECORD_ROOM = 4096, /* what a RECORD needs beside its order */
	FILE_ROOM = 64,	    /* what a file needs beside its name */
};

static const enum text_id outcomes[FROZEN_OUTCOMES] = {
	[FROZEN_NOT] = TEXT_FROZEN_UNREADABLE,
#define OUTCOME(id, text) [FROZEN_##id] = TEXT_##text,
#include "policy/airlock/frozen.def"
#undef OUTCOME
};

struct check *checks_new(const struct server *server)
{
	struct check *check =
		server->road.nchecks < CHECKS ? calloc(1, sizeof *check) : NULL;

	if (check)
		check->until = server_clock() + CHECK_MS;
	return check;
}

void checks_free(struct check *check)
{
	if (check)
		free(check->findings.item);
	free(check);
}

static void forget(struct server *server, struct check *check)
{
	struct road *road = &server->road;

	for (size_t i = 0; i < road->nchecks; i++)
		if (road->checks[i] == check)
			road->checks[i] = road->checks[--road->nchecks];
	/* After it is forgotten: nothing of its own keeps a copy. */
	copies_drop_all(server, &check->files);
	checks_free(check);
}

/* It cannot go on: say so to who waits, and keep nothing. */
static void fail(struct server *server, struct check *check, enum text_id why,
		 const char *first)
{
	if (check->peer)
		answer_wrong(server, check, why, first);
	check->peer = NULL;
	check->files.count = check->frozen;
	forget(server, check);
}

bool checks_busy(const struct server *server, const char *person)
{
	unsigned int n = 0;

	for (size_t i = 0; i < server->road.nchecks; i++)
		n += strcmp(server->road.checks[i]->request.person, person) ==
		     0;
	return n >= CHECKS_AT_ONCE;
}

bool checks_begin(struct server *server, struct check *check, struct peer *peer)
{
	if (!copies_freeze(server, check))
		return false;
	check->phase = CHECK_FREEZES;
	check->peer = peer;
	check->ask = peer->ask;
	peer->waits = WAITS_FILES;
	server->road.checks[server->road.nchecks++] = check;
	return true;
}

/* --- Ordering ---------------------------------------------------------------- */

static const struct permit *permit_of(const struct server *server,
				      const struct request *request)
{
	const struct policy *policy = server_policy(server);

	return policy ? policy_permit(policy, request->permit) : NULL;
}

static void put_datasets(struct server *server, const struct permit *permit)
{
	struct plan_dataset datasets[PLAN_DATASETS];
	struct msg *order = &server->order;
	uint32_t n =
		permit ? deliveries_compared(&server->deliveries,
					     &server->policy, permit, datasets)
		       : 0;

	msg_put_u32(order, n);
	for (uint32_t i = 0; i < n; i++) {
		msg_put_str(order, datasets[i].name);
		msg_put_str(order, datasets[i].manifest);
	}
}

static void put_file(struct msg *order, const struct request_file *file)
{
	msg_put_str(order, file->name);
	msg_put_bytes(order, file->sha256.bytes, HASH_SIZE);
	msg_put_u64(order, file->size);
}

static void put_order(struct server *server, struct check *check)
{
	const struct permit *permit = permit_of(server, &check->request);
	struct msg *order = &server->order;

	check->blind = !permit;
	check->order = server_order(server, MSG_ORDER_CHECK);
	msg_put_u64(order, check->number);
	msg_put_str(order, check->request.permit);
	msg_put_u32(order,
		    permit ? permit->limits.export_min_cell : SMALLEST_CELL);
	put_datasets(server, permit);
	msg_put_u32(order, check->files.count);
	for (uint32_t i = 0; i < check->files.count; i++)
		put_file(order, &check->files.file[i]);
}

/* What left before is compared with: as much of it as one order holds. */
static int put_earlier(struct server *server, const struct check *check,
		       struct err *err)
{
	static struct earlier earlier[EARLIER];
	struct msg *order = &server->order;
	size_t room = MSG_MAX - RECORD_ROOM - order->len;
	uint32_t count, fit = 0;

	if (request_earlier(&server->store, check->request.permit, earlier,
			    EARLIER, &count, err) < 0)
		return -1;
	while (fit < count) {
		size_t need = FILE_ROOM + strlen(earlier[fit].file.name);

		if (need > room)
			break;
		room -= need;
		fit++;
	}
	msg_put_u32(order, fit);
	for (uint32_t i = 0; i < fit; i++) {
		msg_put_u32(order, earlier[i].request);
		put_file(order, &earlier[i].file);
	}
	return 0;
}

void checks_record(struct audit_record *record, const char *event,
		   const struct request *request)
{
	audit_begin(record, event, AUDIT_OK);
	memcpy(record->actor, request->actor, sizeof record->actor);
	memcpy(record->permit, request->permit, sizeof record->permit);
	memcpy(record->session, request->session, sizeof record->session);
	audit_number(record, "request", request->number);
}

/* Inside a transaction: the check is on file and ordered. */
static int order_check(struct server *server, struct check *check,
		       struct err *err)
{
	struct outbox_row row = { .kind = OUTBOX_CHECK };
	const struct request *request = &check->request;
	struct audit_record record;
	int64_t number;

	if (store_number(&server->store, STATEMENT_CHECK_NUMBER, 0, &number,
			 err) < 0 ||
	    store_do(&server->store, err, STATEMENT_CHECK_ADD, "iittt", number,
		     request->number, request->permit, request->actor,
		     request->session) < 0)
		return -1;
	check->number = (uint64_t)number;
	put_order(server, check);
	if (put_earlier(server, check, err) < 0)
		return -1;
	checks_record(&record, "request.check", request);
	audit_number(&record, "check", number);
	audit_text(&record, "phase", "begin");
	audit_number(&record, "order", (int64_t)check->order);
	row.subject = number;
	return outbox_add(server, &row, &record, true, err);
}

/* Members of today may be reviewers tomorrow. */
static int keep_members(struct server *server, const struct request *request,
			struct err *err)
{
	const struct permit *permit = permit_of(server, request);
	uint32_t n = permit ? permit->persons.count : 0;

	for (uint32_t i = 0; i < n; i++)
		if (request_member_add(&server->store, request->number,
				       permit->persons.id[i], err) < 0)
			return -1;
	return request_member_add(&server->store, request->number,
				  request->person, err);
}

/* Which data it was made from: what its session has mounted. If that is gone
 * meanwhile, what the permit would give. */
static int keep_data(struct server *server, const struct request *request,
		     struct err *err)
{
	const struct session *session = sessions_find(server, request->session);
	const struct permit *permit = permit_of(server, request);
	struct plan plan = { 0 };

	if (session)
		plan = session->plan;
	else if (permit)
		plan.ndatasets = deliveries_compared(&server->deliveries,
						     &server->policy, permit,
						     plan.datasets);
	return delivery_used(&server->store, request->number, &plan, err);
}

static int submit(struct server *server, struct check *check, struct err *err)
{
	struct outbox_row row = { .kind = OUTBOX_SUBMIT };
	struct request *request = &check->request;
	struct audit_record record;
	char hash[HASH_TEXT_SIZE];
	uint64_t bytes = 0;

	request->submitted = server_time();
	if (request_add(&server->store, request, &check->files, err) < 0 ||
	    keep_members(server, request, err) < 0 ||
	    keep_data(server, request, err) < 0)
		return -1;
	for (uint32_t i = 0; i < check->files.count; i++)
		bytes += check->files.file[i].size;
	checks_record(&record, "request.submit", request);
	audit_number(&record, "files", check->files.count);
	audit_number(&record, "bytes", (int64_t)bytes);
	audit_text(&record, "sha256", files_hash(&check->files, hash));
	row.subject = request->number;
	return outbox_add(server, &row, &record, false, err);
}

/* All files are copies now. */
static int run(struct server *server, struct check *check, struct err *err)
{
	int ok = 0;

	if (store_begin(&server->store, err) < 0)
		return -1;
	if (check->submits && check->request.number == 0)
		ok = submit(server, check, err);
	if (ok == 0)
		ok = order_check(server, check, err);
	check->phase = CHECK_RUNS;
	check->until = server_clock() + QUEUE_MS;
	return outbox_commit(server, ok, err);
}

static struct check *freezing(const struct server *server, uint32_t ref)
{
	for (size_t i = 0; i < server->road.nchecks; i++)
		if (server->road.checks[i]->phase == CHECK_FREEZES &&
		    server->road.checks[i]->freeze == ref)
			return server->road.checks[i];
	return NULL;
}

int checks_frozen(struct server *server, uint32_t ref, uint8_t outcome,
		  const struct request_file *file, struct err *err)
{
	struct check *check = freezing(server, ref);

	if (!check) {
		/* Nobody waits for it any more. */
		if (outcome == FROZEN_COPIED)
			copies_drop(server, &file->sha256);
		return 0;
	}
	struct request_file *own = &check->files.file[check->frozen];
	if (outcome != FROZEN_COPIED) {
		fail(server, check, outcomes[outcome], own->name);
		return 0;
	}
	own->sha256 = file->sha256;
	own->size = file->size;
	check->frozen++;
	if (check->frozen == check->files.count)
		return run(server, check, err);
	if (!copies_freeze(server, check) && server->road.store >= 0)
		fail(server, check, TEXT_REFUSED_PERMIT, NULL);
	return 0;
}

void checks_store_lost(struct server *server)
{
	for (size_t i = server->road.nchecks; i > 0; i--) {
		struct check *check = server->road.checks[i - 1];

		if (check->phase == CHECK_FREEZES)
			fail(server, check, TEXT_STORE_AWAY, NULL);
	}
}

void checks_peer_gone(struct server *server, const struct peer *peer)
{
	for (size_t i = server->road.nchecks; i > 0; i--) {
		struct check *check = server->road.checks[i - 1];

		if (peer->kind == PEER_COMPARE && check->phase == CHECK_RUNS &&
		    check->number == peer->check)
			check->comparing = false;
		if (check->peer != peer)
			continue;
		check->peer = NULL;
		/* Nothing is on record yet: nobody wants it any more. */
		if (check->phase == CHECK_FREEZES)
			fail(server, check, TEXT_STORE_AWAY, NULL);
	}
}

bool checks_order_done(struct server *server, uint64_t order, bool ok)
{
	for (size_t i = 0; i < server->road.nchecks; i++) {
		struct check *check = server->road.checks[i];

		if (check->phase != CHECK_RUNS || check->order != order)
			continue;
		check->ordered = true;
		check->done_well = ok;
		return true;
	}
	return false;
}

/* --- Its end, and after a start --------------------------------------------- */

static void drop_compare(struct server *server, const struct check *check)
{
	for (size_t i = 0; i < server->npeers; i++) {
		struct peer *peer = server->peers[i];

		if (peer->kind == PEER_COMPARE && !peer->gone &&
		    peer->check == check->number)
			server_drop(server, peer, "its check took too long");
	}
}

int checks_tend(struct server *server, uint64_t now, uint64_t *next,
		struct err *err)
{
	for (size_t i = server->road.nchecks; i > 0; i--) {
		struct check *check = server->road.checks[i - 1];
		bool late = now >= check->until;

		if (check->phase == CHECK_TOLD)
			continue;
		if (check->phase == CHECK_FREEZES && late) {
			fail(server, check, TEXT_STORE_LATE, NULL);
			continue;
		}
		if (check->phase == CHECK_RUNS && late)
			drop_compare(server, check);
		if (check->phase == CHECK_RUNS &&
		    (late || (check->ordered &&
			      (check->compared || !check->comparing)))) {
			if (checks_finish(server, check, err) < 0)
				return -1;
			continue;
		}
		*next = check->until < *next ? check->until : *next;
	}
	return 0;
}

int checks_recorded(struct server *server, const struct outbox_row *row,
		    struct err *err)
{
	(void)err;
	for (size_t i = 0; i < server->road.nchecks; i++) {
		struct check *check = server->road.checks[i];

		if (check->phase != CHECK_TOLD || check->ref != row->ref)
			continue;
		if (check->peer)
			answer_check(server, check);
		check->peer = NULL;
		forget(server, check);
		return 0;
	}
	return 0;
}

static bool is_checked(const struct server *server, int64_t request)
{
	for (size_t i = 0; i < server->road.nchecks; i++)
		if (server->road.checks[i]->request.number == request)
			return true;
	return false;
}

int checks_resume(struct server *server, struct err *err)
{
	struct store *store = &server->store;
	int64_t number = 0;
	int found;

	while ((found = request_after(store, REQUEST_CHECKING, number, &number,
				      err)) > 0) {
		struct check *check;

		if (is_checked(server, number))
			continue;
		check = checks_new(server);
		if (!check)
			return 0;
		server->road.checks[server->road.nchecks++] = check;
		check->submits = true;
		check->phase = CHECK_RUNS;
		if (request_get(store, number, &check->request, err) < 0 ||
		    request_files(store, number, &check->files, err) < 0)
			return -1;
		check->frozen = check->files.count;
		if (run(server, check, err) < 0)
			return -1;
	}
	return found;
}
