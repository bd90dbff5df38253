/*
 * from_supervisor - what the supervisor asks of the store.
 *
 * Runs in sekisho-store. The supervisor is trusted; what it carries (a session's
 * /out, a dataset's folder) is not.
 */
#include "gateway/base/own.h"
#include "policy/airlock/store/datasets.h"
#include "policy/airlock/store/hand.h"
#include "policy/airlock/store/server.h"

static int malformed(const struct msg *m, struct err *err)
{
	return err_set(err, "malformed %s", msg_name(m->type));
}

int on_peer_policy(struct server *server, struct msg *m, struct err *err)
{
	AUTO_FD int fd = msg_get_fd(m);

	if (!msg_done(m))
		return malformed(m, err);
	server_drop_policy(server);
	asker_init(&server->askers[ASKER_POLICY], take_fd(&fd));
	server->state = STATE_READY;
	return 0;
}

int on_out(struct server *server, struct msg *m, struct err *err)
{
	char session[ID_SIZE], permit[ID_SIZE], actor[ID_SIZE];

	msg_get_str(m, session, sizeof session);
	msg_get_str(m, permit, sizeof permit);
	msg_get_str(m, actor, sizeof actor);
	AUTO_FD int fd = msg_get_fd(m);
	if (!msg_done(m) || !id_valid(session))
		return malformed(m, err);
	jobs_let_go(&server->jobs, session);
	if (outs_add(&server->outs, session, take_fd(&fd)) < 0)
		note("too many sessions: %s can hand in nothing", session);
	return 0;
}

int on_out_end(struct server *server, struct msg *m, struct err *err)
{
	char session[ID_SIZE];

	msg_get_str(m, session, sizeof session);
	if (!msg_done(m))
		return malformed(m, err);
	jobs_let_go(&server->jobs, session);
	outs_remove(&server->outs, session);
	msg_start(m, MSG_OUT_ENDED, m->ref);
	msg_put_str(m, session);
	asker_send(&server->askers[ASKER_SUPERVISOR], m);
	return 0;
}

/* Too much at once: the answer is no. */
static int busy(struct server *server, struct msg *m, enum msg_type answer)
{
	msg_start(m, answer, m->ref);
	msg_put_u8(m, 0);
	if (answer != MSG_HANDED)
		msg_put_str(m, "the store has too much to do at once");
	asker_send(&server->askers[ASKER_SUPERVISOR], m);
	return 0;
}

int on_check_dataset(struct server *server, struct msg *m, struct err *err)
{
	char dataset[ID_SIZE], pinned[NAMES_HEX];

	msg_get_str(m, dataset, sizeof dataset);
	msg_get_str(m, pinned, sizeof pinned);
	AUTO_FD int folder = msg_get_fd(m);
	if (!msg_done(m))
		return malformed(m, err);
	if (!jobs_room(&server->jobs, ASKER_SUPERVISOR))
		return busy(server, m, MSG_DATASET_CHECKED);
	jobs_add(&server->jobs, datasets_new(&server->known, pinned,
					     take_fd(&folder), m->ref));
	return 0;
}

int on_hand(struct server *server, struct msg *m, struct err *err)
{
	size_t len;
	const uint8_t *hash = msg_get_bytes(m, &len);

	if (!msg_done(m) || len != NAMES_HASH)
		return malformed(m, err);
	if (!jobs_room(&server->jobs, ASKER_SUPERVISOR))
		return busy(server, m, MSG_HANDED);
	jobs_add(&server->jobs, hand_new(&server->place, hash, m->ref));
	return 0;
}

int on_release(struct server *server, struct msg *m, struct err *err)
{
	struct release_order order;

	if (release_read(&order, m) < 0)
		return malformed(m, err);
	if (!jobs_room(&server->jobs, ASKER_SUPERVISOR)) {
		release_clear(&order);
		return busy(server, m, MSG_RELEASED);
	}
	jobs_add(&server->jobs,
		 release_new(&server->place, &server->turn, &order, m->ref));
	return 0;
}

int on_stop(struct server *server, struct msg *m, struct err *err)
{
	if (!msg_done(m))
		return malformed(m, err);
	server->stop = true;
	return 0;
}
