/*
 * copies - FREEZE, KEEP, DROP, STATUS and EXPIRE, and what comes back.
 *
 * Runs in sekisho-policy. The store is trusted to keep bytes, not to be well:
 * nonsense costs it the link, and the supervisor makes a new one with a new
 * store.
 */
#include "policy/copies.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "policy/airlock/frozen.h"
#include "policy/checks.h"
#include "policy/statement.h"

enum { KEPT_AT_ONCE = 1000, TOLD_AT_ONCE = 50, DAY = 24 * 60 * 60 };

static void lose(struct server *server, const char *why)
{
	struct road *road = &server->road;

	if (road->store < 0)
		return;
	if (why)
		note("the link to sekisho-store is closed: %s", why);
	close(road->store);
	road->store = -1;
	mailbox_clear(&road->letters);
	road->freezing = 0;
	checks_store_lost(server);
}

/* Send server->out to the store, if there is one. */
static void tell(struct server *server)
{
	struct road *road = &server->road;
	struct err err;

	if (road->store >= 0 &&
	    mailbox_send(&road->letters, road->store, &server->out, &err) < 0)
		lose(server, err.text);
}

int copies_link(struct server *server, struct msg *m, struct err *err)
{
	AUTO_FD int fd = msg_get_fd(m);

	if (!msg_done(m))
		return err_set(err, "malformed LINK_STORE");
	lose(server, NULL);
	if (fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK) < 0)
		return err_sys(err, "the link to the store");
	server->road.store = take_fd(&fd);
	mailbox_init(&server->road.letters);
	server->road.fresh = true;
	return 0;
}

bool copies_freeze(struct server *server, struct check *check)
{
	struct road *road = &server->road;
	const struct policy *policy = server_policy(server);
	const struct permit *permit =
		policy ? policy_permit(policy, check->request.permit) : NULL;

	if (road->store < 0 || !permit)
		return false;
	if (++road->next_freeze == 0)
		road->next_freeze = 1;
	check->freeze = road->next_freeze;
	msg_start(&server->out, MSG_FREEZE, check->freeze);
	msg_put_str(&server->out, check->request.session);
	msg_put_str(&server->out, check->path[check->frozen]);
	msg_put_u64(&server->out, permit->limits.export_file);
	road->freezing++;
	tell(server);
	return road->store >= 0;
}

static int on_frozen(struct server *server, struct msg *m, struct err *err)
{
	struct request_file file = { 0 };
	uint8_t outcome = msg_get_u8(m);
	size_t len;
	const uint8_t *sha256 = msg_get_bytes(m, &len);

	file.size = msg_get_u64(m);
	if (!msg_done(m) || outcome == FROZEN_NOT ||
	    outcome >= FROZEN_OUTCOMES || server->road.freezing == 0 ||
	    (outcome == FROZEN_COPIED && len != HASH_SIZE)) {
		lose(server, "malformed FROZEN");
		return 0;
	}
	if (len == HASH_SIZE)
		memcpy(file.sha256.bytes, sha256, HASH_SIZE);
	server->road.freezing--;
	return checks_frozen(server, m->ref, outcome, &file, err);
}

static int on_expired(struct server *server, struct msg *m, struct err *err)
{
	uint32_t request = msg_get_u32(m);

	if (!msg_done(m)) {
		lose(server, "malformed EXPIRED");
		return 0;
	}
	return store_do(&server->store, err, STATEMENT_REQUEST_GONE, "i",
			(int64_t)request);
}

int copies_serve(struct server *server, struct err *err)
{
	struct road *road = &server->road;
	struct msg *m = &server->in;
	struct err why;
	int got = mailbox_flush(&road->letters, road->store, &why), result = 0;

	if (got == 0)
		got = msg_receive(road->store, m, &why);
	if (got == 0 && errno == EAGAIN)
		return 0;
	if (got <= 0) {
		lose(server, got < 0 ? why.text : "it is gone");
		return 0;
	}
	if (m->type == MSG_FROZEN)
		result = on_frozen(server, m, err);
	else if (m->type == MSG_EXPIRED)
		result = on_expired(server, m, err);
	else
		lose(server, "a message that it may not send");
	msg_clear(m);
	return result;
}

/* --- What is kept ----------------------------------------------------------- */

void copies_drop(struct server *server, const struct hash *sha256)
{
	struct road *road = &server->road;

	/* What does not fit goes with the next KEEP. */
	if (road->ndrops < DROPS)
		road->drops[road->ndrops++] = *sha256;
}

void copies_drop_all(struct server *server, const struct request_files *files)
{
	for (uint32_t i = 0; i < files->count; i++)
		copies_drop(server, &files->file[i].sha256);
}

static bool under_check(const struct server *server, const struct hash *sha256)
{
	for (size_t i = 0; i < server->road.nchecks; i++) {
		const struct check *check = server->road.checks[i];

		for (uint32_t k = 0; k < check->frozen; k++)
			if (memcmp(&check->files.file[k].sha256, sha256,
				   HASH_SIZE) == 0)
				return true;
	}
	return false;
}

/* Not while the store copies: what it has just copied and not yet named to us
 * may be the same bytes. */
static int drop_due(struct server *server, struct err *err)
{
	struct road *road = &server->road;

	if (road->store < 0 || road->freezing > 0)
		return 0;
	for (size_t i = 0; i < road->ndrops; i++) {
		const struct hash *sha256 = &road->drops[i];
		int kept = file_is_kept(&server->store, sha256, err);

		if (kept < 0)
			return -1;
		if (kept || under_check(server, sha256))
			continue;
		msg_start(&server->out, MSG_DROP, 0);
		msg_put_bytes(&server->out, sha256->bytes, HASH_SIZE);
		tell(server);
	}
	road->ndrops = 0;
	return 0;
}

struct kept {
	size_t count;
	struct hash *item;
};

static void kept_add(struct kept *kept, const void *bytes)
{
	struct hash *grown =
		reallocarray(kept->item, kept->count + 1, sizeof *grown);

	if (!grown)
		die("out of memory");
	kept->item = grown;
	memcpy(grown[kept->count++].bytes, bytes, HASH_SIZE);
}

static int kept_all(struct server *server, struct kept *kept, struct err *err)
{
	sqlite3_stmt *s = store_bound(&server->store, STATEMENT_FILES_KEPT, "");
	int step;

	while ((step = sqlite3_step(s)) == SQLITE_ROW)
		if (sqlite3_column_bytes(s, 0) == HASH_SIZE)
			kept_add(kept, sqlite3_column_blob(s, 0));
	for (size_t i = 0; i < server->road.nchecks; i++) {
		const struct check *check = server->road.checks[i];

		for (uint32_t k = 0; k < check->frozen; k++)
			kept_add(kept, check->files.file[k].sha256.bytes);
	}
	return store_over(&server->store, s, step, err);
}

static void send_kept(struct server *server, const struct kept *kept)
{
	size_t from = 0;

	do {
		size_t n = kept->count - from;

		n = n < KEPT_AT_ONCE ? n : KEPT_AT_ONCE;
		msg_start(&server->out, MSG_KEEP, 0);
		msg_put_u8(&server->out, from + n == kept->count);
		msg_put_u32(&server->out, (uint32_t)n);
		for (size_t i = 0; i < n; i++)
			msg_put_bytes(&server->out, kept->item[from + i].bytes,
				      HASH_SIZE);
		tell(server);
		from += n;
	} while (from < kept->count);
}

static int keep(struct server *server, struct err *err)
{
	struct kept kept = { 0 };
	int all = kept_all(server, &kept, err);

	if (all == 0) {
		send_kept(server, &kept);
		server->road.ndrops = 0;
	}
	free(kept.item);
	return all;
}

/* --- What the store shows ---------------------------------------------------- */

void copies_expire(struct server *server, const struct request *request)
{
	msg_start(&server->out, MSG_EXPIRE, 0);
	msg_put_str(&server->out, request->permit);
	msg_put_str(&server->out, request->actor);
	msg_put_u32(&server->out, (uint32_t)request->number);
	tell(server);
}

static int expire_again(struct server *server, struct err *err)
{
	struct request request;
	int64_t number = 0;

	for (;;) {
		if (store_number(&server->store, STATEMENT_REQUEST_EXPIRED,
				 number, &number, err) < 0)
			return -1;
		if (number == 0)
			return 0;
		if (request_get(&server->store, number, &request, err) < 0)
			return -1;
		copies_expire(server, &request);
	}
}

static int send_status(struct server *server, const struct request *request,
		       struct err *err)
{
	char status[STATUS_SIZE];
	struct findings findings;

	if (findings_get(&server->store, request->number, &findings, err) < 0)
		return -1;
	status_text(status, request, &findings);
	free(findings.item);
	msg_start(&server->out, MSG_STATUS, 0);
	msg_put_str(&server->out, request->permit);
	msg_put_str(&server->out, request->actor);
	msg_put_u32(&server->out, (uint32_t)request->number);
	msg_put_bytes(&server->out, status, strlen(status));
	tell(server);
	return 0;
}

/* One request whose state the store has not heard. */
static int tell_next(struct server *server, struct err *err)
{
	struct store *store = &server->store;
	struct request request;
	int64_t number;

	if (store_number(store, STATEMENT_REQUEST_UNTOLD, 0, &number, err) < 0)
		return -1;
	server->road.unheard = number > 0;
	if (number == 0)
		return 0;
	if (request_get(store, number, &request, err) < 0 ||
	    send_status(server, &request, err) < 0)
		return -1;
	return store_do(store, err, STATEMENT_REQUEST_TOLD, "i", number);
}

/* Some at a time, so that people are served in between. */
static int tell_states(struct server *server, struct err *err)
{
	struct road *road = &server->road;
	int ok = 0;

	/* It is told more when it has read what lies there. */
	if (!road->unheard || mailbox_waiting(&road->letters))
		return 0;
	if (store_begin(&server->store, err) < 0)
		return -1;
	for (int i = 0;
	     i < TOLD_AT_ONCE && ok == 0 && road->unheard && road->store >= 0;
	     i++)
		ok = tell_next(server, err);
	if (store_end(&server->store, ok, err) < 0)
		return -1;
	return road->unheard && road->store >= 0 &&
	       !mailbox_waiting(&road->letters);
}

/* A store that has just come does not know what an earlier one heard. */
static int meet(struct server *server, struct err *err)
{
	server->road.fresh = false;
	server->road.unheard = true;
	if (keep(server, err) < 0 || expire_again(server, err) < 0 ||
	    store_do(&server->store, err, STATEMENT_REQUESTS_TELL, "i",
		     server_time() - DAY) < 0)
		return -1;
	return checks_resume(server, err);
}

int copies_tend(struct server *server, struct err *err)
{
	struct road *road = &server->road;

	if (road->store < 0 || !road->met || server->applying.active)
		return 0;
	if (road->fresh && meet(server, err) < 0)
		return -1;
	if (road->ndrops > 0 && drop_due(server, err) < 0)
		return -1;
	return tell_states(server, err);
}
