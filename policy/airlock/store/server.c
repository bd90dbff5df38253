#include "policy/airlock/store/server.h"

#include <errno.h>
#include <poll.h>

#include "gateway/base/own.h"
#include "gateway/base/process.h"

enum { LINK, AUDIT, POLICY, POLLED };
enum { MESSAGES = 64 /* heard before the jobs have a turn */ };

static const struct {
	enum asker_id peer;
	enum server_state state;
	enum msg_type type;
	int (*handle)(struct server *, struct msg *, struct err *);
} requests[] = {
#define REQUEST(peer, state, type, handle)                                     \
	{ ASKER_##peer, STATE_##state, MSG_##type, handle },
#include "policy/airlock/store/requests.def"
#undef REQUEST
};

/* One message, which was received. 0; -1: malformed, or not now. */
static int serve(struct server *server, enum asker_id peer, struct err *err)
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
	return got < 0 ? -1 : serve(server, ASKER_SUPERVISOR, err);
}

/* A new link comes with a new store: whichever end of this one is at fault,
 * nobody else can see that it is gone. */
static int serve_policy(struct server *server, struct err *err)
{
	int got = msg_receive(server->askers[ASKER_POLICY].link, &server->in,
			      err);

	if (got == 0)
		return err_set(err, "policy is gone");
	return got < 0 ? -1 : serve(server, ASKER_POLICY, err);
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

void server_drop_policy(struct server *server)
{
	asker_clear(&server->askers[ASKER_POLICY]);
	jobs_forget(&server->jobs, ASKER_POLICY);
	sweep_forget(&server->keep);
	sweep_forget(&server->taken);
	server->sweep = SWEEP_NOT;
}

/* Not while the copies are swept, nor when it has asked for much already. */
static bool reads_policy(const struct server *server)
{
	return server->sweep == SWEEP_NOT &&
	       jobs_room(&server->jobs, ASKER_POLICY);
}

/* Begin the sweep that is due, or be done with the one that goes on, once
 * nothing else of policy's is under way. */
static void tend_sweep(struct server *server)
{
	if (server->sweep == SWEEP_NOT || server->jobs.of[ASKER_POLICY] > 0)
		return;
	if (server->sweep == SWEEP_ON) {
		server->sweep = SWEEP_NOT;
		return;
	}
	if (sweep_keep_all(&server->keep, &server->taken) < 0) {
		note("more copies than can be named; none is removed");
		sweep_forget(&server->keep);
		server->sweep = SWEEP_NOT;
		return;
	}
	jobs_add(&server->jobs, sweep_new(&server->place, &server->keep));
	server->sweep = SWEEP_ON;
}

static int step(struct server *server, bool *more, struct err *err)
{
	tend_sweep(server);
	if (jobs_step(&server->jobs, server->askers, more, err) < 0)
		return -1;
	tend_sweep(server);
	if (server->askers[ASKER_SUPERVISOR].lost)
		return err_set(err, "the supervisor does not listen");
	if (server->askers[ASKER_POLICY].lost)
		return err_set(err, "policy does not listen");
	return 0;
}

/* Whatever came, at most one message of each. 1: something did; 0; -1. */
static int listen_once(struct server *server, int wait, struct err *err)
{
	struct asker *supervisor = &server->askers[ASKER_SUPERVISOR];
	struct asker *policy = &server->askers[ASKER_POLICY];
	struct pollfd set[POLLED] = {
		[LINK] = asker_poll(supervisor, true),
		[POLICY] = asker_poll(policy, reads_policy(server)),
		[AUDIT] = { server->turn.audit, POLLIN, 0 },
	};
	int n = poll(set, POLLED, wait);

	if (n <= 0)
		return n == 0 || errno == EINTR ? 0 : err_sys(err, "poll");
	if (set[AUDIT].revents && serve_audit(server, err) < 0)
		return -1;
	/* The supervisor first: a session's /out comes before the names of
	 * files in it. */
	bool told = asker_readable(supervisor, &set[LINK]);
	if (asker_readable(policy, &set[POLICY]) && !told &&
	    serve_policy(server, err) < 0)
		return -1;
	if (told && serve_supervisor(server, err) < 0)
		return -1;
	return 1;
}

int server_run(struct server *server, struct err *err)
{
	bool more = false;

	while (!server->stop) {
		int got = listen_once(server, more ? 0 : -1, err);

		for (int i = 0; got > 0 && i < MESSAGES && !server->stop; i++)
			got = listen_once(server, 0, err);
		if (got < 0 || step(server, &more, err) < 0)
			return -1;
	}
	return 0;
}
