/*
 * from_supervisor - the supervisor's messages, each to who waits for it.
 *
 * Runs in sekisho-policy. The supervisor is trusted: what of it is malformed
 * is a bug, and ends policy.
 */
#include "policy/from_supervisor.h"

#include <string.h>

#include "gateway/base/own.h"
#include "gateway/base/process.h"
#include "gateway/base/visible.h"
#include "policy/checks.h"
#include "policy/closing.h"
#include "policy/copies.h"
#include "policy/opening.h"
#include "policy/releases.h"
#include "policy/reviews_store.h"
#include "policy/sessions.h"
#include "policy/showing.h"
#include "policy/verbs_dataset.h"
#include "policy/vault.h"

static int on_peer_conn(struct server *server, struct msg *m, struct err *err)
{
	char source[64];
	uint32_t conn = msg_get_u32(m);

	msg_get_str(m, source, sizeof source);
	AUTO_FD int fd = msg_get_fd(m);
	if (!msg_done(m))
		return err_set(err, "malformed PEER_CONN");
	struct peer *peer = server_add(server, PEER_CONN, take_fd(&fd));
	if (peer) {
		peer->conn = conn;
		memcpy(peer->source, source, sizeof source);
	}
	return 0;
}

static int on_peer_desk(struct server *server, struct msg *m, struct err *err)
{
	struct peer got = { 0 };
	char role[32];

	got.conn = msg_get_u32(m);
	msg_get_str(m, got.name.person, sizeof got.name.person);
	msg_get_str(m, role, sizeof role);
	msg_get_str(m, got.session, sizeof got.session);
	msg_get_str(m, got.permit, sizeof got.permit);
	msg_get_str(m, got.lang, sizeof got.lang);
	AUTO_FD int fd = msg_get_fd(m);
	if (!msg_done(m))
		return err_set(err, "malformed PEER_DESK");
	struct peer *peer = server_add(server, PEER_DESK, take_fd(&fd));
	if (peer) {
		got.kind = peer->kind;
		got.state = peer->state;
		got.fd = peer->fd;
		got.name.role = role_of_word(role);
		*peer = got;
		mailbox_init(&peer->letters);
	}
	return 0;
}

static int on_conn_gone(struct server *server, struct msg *m, struct err *err)
{
	uint32_t conn = msg_get_u32(m);
	char source[64];

	msg_get_str(m, source, sizeof source);
	if (!msg_done(m))
		return err_set(err, "malformed CONN_GONE");
	struct peer *peer = server_conn(server, conn);
	if (peer)
		server_drop(server, peer, NULL);
	return 0;
}

static int on_order_done(struct server *server, struct msg *m, struct err *err)
{
	uint64_t order = msg_get_u64(m);
	bool ok = msg_get_u8(m) != 0;
	char why[600], safe[800];
	int mine;

	msg_get_str(m, why, sizeof why);
	if (!msg_done(m))
		return err_set(err, "malformed ORDER_DONE");
	visible_text(safe, sizeof safe, why, strlen(why));
	if (checks_order_done(server, order, ok) ||
	    showing_order_done(server, order, ok, safe))
		return 0;
	mine = view_done(&server->store, order, ok, err);
	if (mine == 0)
		mine = releases_order_done(server, order, ok, safe, err);
	if (mine == 0)
		mine = datasets_order_done(server, order, ok, safe, err);
	if (mine == 0)
		mine = closing_order_done(server, order, ok, safe, err);
	if (mine != 0)
		return mine < 0 ? -1 : 0;
	return opening_done(server, order, ok, safe, err);
}

static int stop(struct server *server)
{
	server->stop = true;
	return 0;
}

int from_supervisor(struct server *server, struct err *err)
{
	struct msg *m = &server->in;
	int got = msg_receive(PROCESS_LINK, m, err), result;

	if (got == 0)
		return err_set(err, "the supervisor is gone");
	if (got < 0)
		return -1;
	if (m->type == MSG_PEER_CONN)
		result = on_peer_conn(server, m, err);
	else if (m->type == MSG_PEER_DESK)
		result = on_peer_desk(server, m, err);
	else if (m->type == MSG_CONN_GONE)
		result = on_conn_gone(server, m, err);
	else if (m->type == MSG_ORDER_DONE)
		result = on_order_done(server, m, err);
	else if (m->type == MSG_PEER_COMPARE)
		result = checks_compare(server, m, err);
	else if (m->type == MSG_LINK_STORE)
		result = copies_link(server, m, err);
	else if (m->type == MSG_LINK_VAULT)
		result = vault_link(server, m, err);
	else if (m->type == MSG_SESSION_GONE)
		result = sessions_gone(server, m, err);
	else if (m->type == MSG_MEASURED)
		result = showing_measured(server, m, err);
	else if (m->type == MSG_SESSION_HELD)
		result = sessions_held(server, m, err);
	else if (m->type == MSG_STOP)
		result = stop(server);
	else
		result = err_set(err, "unexpected %s", msg_name(m->type));
	msg_clear(m);
	return result;
}
