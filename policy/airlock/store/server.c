#include "policy/airlock/store/server.h"

#include <errno.h>
#include <poll.h>

#include "gateway/base/own.h"
#include "gateway/base/process.h"

enum { LINK, AUDIT, POLICY, POLLED };

static const struct {
	enum server_peer peer;
	enum server_state state;
	enum msg_type type;
	int (*handle)(struct server *, struct msg *, struct err *);
} requests[] = {
#define REQUEST(peer, state, type, handle)                                     \
	{ SERVER_##peer, STATE_##state, MSG_##type, handle },
#include "policy/airlock/store/requests.def"
#undef REQUEST
};

/* One message, which was received. 0; -1: malformed, or not now. */
static int serve(struct server *server, enum server_peer peer, struct err *err)
{
	struct msg *m = &server->in;
	int done = -1;
	size_t i = 0;

	for (; i < ARRAY_LEN(requests); i++)
		if (requests[i].peer == peer && requests[i].type == m->type &&
		    (requests[i].state == STATE_ANY ||
		     requests[i].state == server->state))
			break;
	if (i < ARRAY_LEN(requests))
		done = requests[i].handle(server, m, err);
	else
		err_set(err, "unexpected %s", msg_name(m->type));
	msg_clear(m);
	return done;
}

static int serve_supervisor(struct server *server, struct err *err)
{
	int got = msg_receive(PROCESS_LINK, &server->in, err);

	if (got == 0)
		return err_set(err, "the supervisor is gone");
	return got < 0 ? -1 : serve(server, SERVER_SUPERVISOR, err);
}

static void serve_policy(struct server *server)
{
	struct err err;
	int got = msg_receive(server->policy, &server->in, &err);

	if (got == 0)
		server_drop_policy(server, NULL);
	else if (got < 0 || serve(server, SERVER_POLICY, &err) < 0)
		server_drop_policy(server, err.text);
}

static int serve_audit(struct server *server, struct err *err)
{
	struct msg *m = &server->in;
	int got = msg_receive(server->turn.audit, m, err);

	if (got == 0)
		return err_set(err, "audit is gone");
	if (got < 0)
		return -1;
	int done = jobs_heard(&server->jobs, m, err);
	msg_clear(m);
	return done;
}

void server_drop_policy(struct server *server, const char *why)
{
	if (why)
		note("dropped policy: %s", why);
	own_close(&server->policy);
	jobs_forget(&server->jobs, JOB_POLICY);
	sweep_forget(&server->keep);
}

/* Not while the copies are swept, nor when it has asked for much already. */
static bool reads_policy(struct server *server)
{
	if (server->sweeping)
		server->sweeping = server->jobs.of[JOB_POLICY] > 0;
	return server->policy >= 0 && !server->sweeping &&
	       jobs_room(&server->jobs, JOB_POLICY);
}

static int step(struct server *server, bool *more, struct err *err)
{
	struct jobs_links links = { .link = { PROCESS_LINK, server->policy } };

	if (jobs_step(&server->jobs, &links, more, err) < 0)
		return -1;
	if (links.lost[JOB_SUPERVISOR])
		return err_set(err, "the supervisor does not listen");
	if (links.lost[JOB_POLICY])
		server_drop_policy(server, "it does not listen");
	return 0;
}

int server_run(struct server *server, struct err *err)
{
	bool more = false;

	while (!server->stop) {
		struct pollfd set[POLLED] = {
			[LINK] = { PROCESS_LINK, POLLIN, 0 },
			[AUDIT] = { server->turn.audit, POLLIN, 0 },
			[POLICY] = { server->policy, POLLIN, 0 },
		};

		if (!reads_policy(server))
			set[POLICY].fd = -1;
		if (poll(set, POLLED, more ? 0 : -1) < 0 && errno != EINTR)
			return err_sys(err, "poll");
		if (set[AUDIT].revents && serve_audit(server, err) < 0)
			return -1;
		/* The supervisor first: a session's /out comes before the
		 * names of files in it. */
		if (set[LINK].revents) {
			if (serve_supervisor(server, err) < 0)
				return -1;
		} else if (set[POLICY].revents) {
			serve_policy(server);
		}
		if (step(server, &more, err) < 0)
			return -1;
	}
	return 0;
}
