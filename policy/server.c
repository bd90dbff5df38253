/*
 * server - wait for all links at once, one message at a time.
 *
 * Runs in sekisho-policy. The supervisor and audit are trusted; connections,
 * desks and whoever opens the control socket are not: a bad request costs the
 * peer its link, never the server.
 */
#include "policy/server.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "gateway/base/own.h"
#include "gateway/base/process.h"
#include "policy/apply.h"
#include "policy/ask.h"
#include "policy/checks.h"
#include "policy/closing.h"
#include "policy/copies.h"
#include "policy/day.h"
#include "policy/from_supervisor.h"
#include "policy/login.h"
#include "policy/opening.h"
#include "policy/outbox.h"
#include "policy/releases.h"
#include "policy/sessions.h"
#include "policy/showing.h"
#include "policy/vault.h"

/* The links that are always there come first in the poll set. */
enum { LINK, AUDIT, CONTROL, STORE, VAULT, FIXED };
enum {
	TEND_MS = 60000,
	LYING = 1024 * 1024 /* bytes that one peer may leave unread */
};

static const struct {
	enum peer_kind kind;
	enum peer_state state;
	enum msg_type type;
	int (*handle)(struct server *, struct peer *, struct msg *,
		      struct err *);
} requests[] = {
#define REQUEST(kind, state, type, handle)                                     \
	{ PEER_##kind, STATE_##state, MSG_##type, handle },
#include "policy/requests.def"
#undef REQUEST
};

const struct policy *server_policy(const struct server *server)
{
	return server->in_force ? &server->policy : NULL;
}

uint64_t server_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

int64_t server_time(void)
{
	return (int64_t)time(NULL);
}

int32_t server_today(const struct server *server)
{
	return day_at(server_time(),
		      server->in_force ? server->policy.site.utc_offset : 0);
}

const char *server_reason(enum text_id why, char *out)
{
	static const char *const names[TEXTS] = {
#define TEXT(id, english, japanese) [TEXT_##id] = #id,
#include "gateway/base/texts.def"
#undef TEXT
	};
	const char *name = names[why];
	size_t n = 0;

	if (strncmp(name, "WHY_", 4) == 0)
		name += 4;
	for (; n < 39 && name[n]; n++)
		out[n] = (char)tolower((unsigned char)name[n]);
	out[n] = '\0';
	return out;
}

struct peer *server_add(struct server *server, enum peer_kind kind, int fd)
{
	struct peer *peer =
		server->npeers < PEERS ? calloc(1, sizeof *peer) : NULL;

	if (!peer) {
		close(fd);
		return NULL;
	}
	peer->kind = kind;
	peer->fd = fd;
	mailbox_init(&peer->letters);
	peer->state = kind == PEER_CONN ? STATE_NEW : STATE_READY;
	server->peers[server->npeers++] = peer;
	return peer;
}

void server_drop(struct server *server, struct peer *peer, const char *why)
{
	if (why)
		note("dropped a peer (conn %u): %s", peer->conn, why);
	if (peer->kind == PEER_CONN && peer->tried && !peer->gone)
		login_ended(server, peer);
	if (!peer->gone)
		checks_peer_gone(server, peer);
	peer->gone = true;
}

struct peer *server_conn(const struct server *server, uint32_t conn)
{
	for (size_t i = 0; i < server->npeers; i++) {
		struct peer *peer = server->peers[i];

		if (peer->kind == PEER_CONN && peer->conn == conn &&
		    !peer->gone)
			return peer;
	}
	return NULL;
}

void server_send(struct server *server, struct peer *peer)
{
	struct err err;

	if (peer->gone)
		return;
	if (mailbox_send(&peer->letters, peer->fd, &server->out, &err) < 0)
		server_drop(server, peer, NULL);
	else if (peer->letters.bytes > LYING)
		server_drop(server, peer, "it does not read");
}

void server_answer(struct server *server, struct peer *peer, uint32_t ask)
{
	msg_start(&server->out, MSG_ANSWER, ask);
	result_put(&server->out, &server->result);
	server_send(server, peer);
}

uint32_t server_record(struct server *server, const struct audit_record *record,
		       bool order)
{
	struct err err;
	struct msg m;

	if (++server->next_ref >= OUTBOX_REF)
		server->next_ref = 1;
	if (audit_put(&m, server->next_ref, record,
		      order ? &server->order : NULL, &err) < 0 ||
	    mailbox_send(&server->records, server->audit, &m, &err) < 0)
		process_fail(&err);
	return server->next_ref;
}

uint64_t server_order(struct server *server, enum msg_type type)
{
	/* Unique over restarts, for each start has an epoch of its own. */
	uint64_t number = server->epoch << 32 | ++server->next_order;

	msg_start(&server->order, type, 0);
	msg_put_u64(&server->order, number);
	msg_put_u64(&server->order, server->epoch);
	return number;
}

static void free_gone(struct server *server)
{
	size_t kept = 0;

	for (size_t i = 0; i < server->npeers; i++) {
		struct peer *peer = server->peers[i];

		if (!peer->gone) {
			server->peers[kept++] = peer;
			continue;
		}
		close(peer->fd);
		mailbox_clear(&peer->letters);
		free(peer->words);
		showing_forget(peer);
		free(peer);
	}
	server->npeers = kept;
}

static int serve(struct server *server, struct peer *peer, struct err *err)
{
	struct msg *m = &server->in;
	struct err why;
	int got = msg_receive(peer->fd, m, &why);

	if (got <= 0) {
		server_drop(server, peer, got < 0 ? why.text : NULL);
		return 0;
	}
	for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
		if (requests[i].kind != peer->kind ||
		    requests[i].state != peer->state ||
		    requests[i].type != m->type)
			continue;
		int result = requests[i].handle(server, peer, m, err);
		msg_clear(m);
		return result;
	}
	msg_clear(m);
	server_drop(server, peer, "a message that it may not send now");
	return 0;
}

/* The record that somebody waited for is durable. */
static int on_recorded(struct server *server, uint32_t ref, struct err *err)
{
	if (ref >= OUTBOX_REF)
		return outbox_recorded(server, ref, err);
	if (server->applying.active && server->applying.ref == ref)
		return apply_recorded(server, err);
	for (size_t i = 0; i < server->npeers; i++) {
		struct peer *peer = server->peers[i];

		if (peer->gone || peer->ref != ref)
			continue;
		if (peer->waits == WAITS_WELCOME)
			return login_recorded(server, peer, err);
		if (peer->waits == WAITS_VERB)
			return ask_recorded(server, peer, err);
		if (peer->waits == WAITS_SHOWN)
			return showing_recorded(server, peer);
	}
	return 0;
}

static int serve_audit(struct server *server, struct err *err)
{
	struct audit_answer answers[AUDIT_ANSWERS];
	struct msg *m = &server->in;
	char why[400];

	if (mailbox_flush(&server->records, server->audit, err) < 0 ||
	    (server->road.met && outbox_send(server, err) < 0))
		return -1;
	int got = msg_receive(server->audit, m, err);
	if (got == 0)
		return errno == EAGAIN ? 0 : err_set(err, "audit is gone");
	if (got < 0)
		return -1;
	if (m->type == MSG_RECORDED) {
		int n = audit_recorded(m, answers);

		for (int i = 0; i < n; i++)
			if (on_recorded(server, answers[i].ref, err) < 0)
				return -1;
		return n < 0 ? err_set(err, "malformed RECORDED") : 0;
	}
	msg_get_str(m, why, sizeof why);
	return err_set(err, "audit said %s: %s", msg_name(m->type), why);
}

static void serve_control(struct server *server)
{
	AUTO_FD int fd = accept4(server->control, NULL, NULL,
				 SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct ucred who;
	socklen_t size = sizeof who;

	if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) < 0)
		return;
	struct peer *peer = server_add(server, PEER_CONTROL, take_fd(&fd));
	if (peer)
		peer->uid = who.uid;
}

/* Wake those whose pause is over; how long the next one has to wait. */
static int tend(struct server *server, uint64_t *tended, int *wait,
		struct err *err)
{
	uint64_t now = server_clock(), next = now + TEND_MS;

	if (now - *tended >= TEND_MS) {
		*tended = now;
		if (!server->applying.active) {
			sessions_check(server);
			if (releases_tend(server, err) < 0 ||
			    closing_tend(server, err) < 0)
				return -1;
		}
	}
	if (server->closing_due && closing_tend(server, err) < 0)
		return -1;
	int more = copies_tend(server, err);
	if (more < 0 || checks_tend(server, now, &next, err) < 0)
		return -1;
	next = more ? now : next;
	for (size_t i = 0; i < server->npeers; i++) {
		struct peer *peer = server->peers[i];

		if (peer->gone ||
		    (peer->waits != WAITS_DENIAL && peer->waits != WAITS_CHECK))
			continue;
		if (peer->wake <= now && login_wake(server, peer, err) < 0)
			return -1;
		if (peer->waits == WAITS_DENIAL || peer->waits == WAITS_CHECK)
			next = peer->wake < next ? peer->wake : next;
	}
	*wait = next > now ? (int)(next - now) : 0;
	return 0;
}

/* Orders of the old policy would arrive after the new one, and be refused:
 * so nothing is decided while a policy waits for its record. */
static bool reads(const struct server *server, const struct peer *peer)
{
	return peer->waits == WAITS_NOT && !server->applying.active &&
	       !mailbox_waiting(&peer->letters);
}

/* What can be done with it now. */
static short events_of(const struct server *server, const struct peer *peer)
{
	return (short)((reads(server, peer) ? POLLIN : 0) |
		       (mailbox_waiting(&peer->letters) ? POLLOUT : 0));
}

static int serve_peer(struct server *server, struct peer *peer, short got,
		      struct err *err)
{
	struct err why;

	if (got & POLLIN && reads(server, peer))
		return serve(server, peer, err);
	if (got & (POLLHUP | POLLERR) ||
	    mailbox_flush(&peer->letters, peer->fd, &why) < 0)
		server_drop(server, peer, NULL);
	return 0;
}

static int serve_all(struct server *server, const struct pollfd *set,
		     size_t npeers, struct err *err)
{
	if (set[AUDIT].revents && serve_audit(server, err) < 0)
		return -1;
	/* Before the supervisor can bring another one in its place. */
	if (set[STORE].revents && server->road.store >= 0 &&
	    copies_serve(server, err) < 0)
		return -1;
	if (set[VAULT].revents && server->vault >= 0)
		vault_serve(server);
	if (set[LINK].revents && from_supervisor(server, err) < 0)
		return -1;
	if (set[CONTROL].revents)
		serve_control(server);
	for (size_t i = 0; i < npeers; i++) {
		struct peer *peer = server->peers[i];
		short got = set[FIXED + i].revents;

		if (!peer->gone && got &&
		    serve_peer(server, peer, got, err) < 0)
			return -1;
	}
	return 0;
}

int server_run(struct server *server, struct err *err)
{
	AUTO_FREE struct pollfd *set = calloc(FIXED + PEERS, sizeof *set);
	uint64_t tended = server_clock();

	if (!set)
		die("out of memory");
	while (!server->stop) {
		size_t n = server->npeers;
		int wait;

		if (tend(server, &tended, &wait, err) < 0)
			return -1;
		set[LINK] = (struct pollfd){ PROCESS_LINK, POLLIN, 0 };
		set[AUDIT] = (struct pollfd){ server->audit, POLLIN, 0 };
		if (mailbox_waiting(&server->records))
			set[AUDIT].events |= POLLOUT;
		set[CONTROL] = (struct pollfd){ server->control, POLLIN, 0 };
		/* What it says can lead to an order: see reads(). */
		set[STORE] = (struct pollfd){ server->applying.active
						      ? -1
						      : server->road.store,
					      POLLIN, 0 };
		if (mailbox_waiting(&server->road.letters))
			set[STORE].events |= POLLOUT;
		set[VAULT] = (struct pollfd){ server->vault, POLLIN, 0 };
		if (server->vault >= 0 && mailbox_waiting(&server->to_vault))
			set[VAULT].events |= POLLOUT;
		for (size_t i = 0; i < n; i++) {
			const struct peer *peer = server->peers[i];

			set[FIXED + i] =
				(struct pollfd){ peer->fd,
						 events_of(server, peer), 0 };
		}
		if (poll(set, FIXED + n, wait) < 0 && errno != EINTR)
			return err_sys(err, "poll");
		if (serve_all(server, set, n, err) < 0)
			return -1;
		free_gone(server);
	}
	return 0;
}
