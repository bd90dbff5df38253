/*
 * sekisho-store - holds the bytes of files that ask to go out.
 *
 * Started by the supervisor as a user of its own, with STATE/requests as its
 * root. It freezes what policy names, gives copies to those who parse and
 * look, and puts releases in their place on audit's word, which the supervisor
 * passes on. It decides nothing and parses nothing of a researcher's: a file is
 * bytes and a hash here. Researchers' files may change under it at any moment.
 */
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "gateway/base/own.h"
#include "gateway/base/process.h"
#include "policy/airlock/store/copy.h"
#include "policy/airlock/store/server.h"

/* Sessions' folders, and four for each job. */
enum { DESCRIPTORS = OUTS_MAX + 4 * (JOBS_SUPERVISOR + JOBS_POLICY) + 64 };

static int get_audit(struct server *server, struct err *err)
{
	struct msg *m = &server->in;
	int got = msg_receive(PROCESS_LINK, m, err);

	if (got <= 0)
		return got < 0 ? -1 : err_set(err, "the supervisor is gone");
	server->turn.audit = msg_get_fd(m);
	if (m->type != MSG_LINK_AUDIT || !msg_done(m)) {
		msg_clear(m);
		return err_set(err, "expected LINK_AUDIT, got %s",
			       msg_name(m->type));
	}
	return 0;
}

static int run(struct server *server, struct err *err)
{
	struct rlimit limit = { DESCRIPTORS, DESCRIPTORS };
	struct process process;

	if (process_start(&process, &server->in, err) < 0)
		return -1;
	if (!msg_done(&server->in))
		return err_set(err, "malformed START");
	if (get_audit(server, err) < 0)
		return -1;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		return err_sys(err, "raise the number of descriptors");
	copy_warm_up();
	umask(0); /* modes are what place.h says */
	signal(SIGPIPE, SIG_IGN);
	if (process_confine(&process, err) < 0 ||
	    place_open(&server->place, err) < 0 || process_ready(err) < 0)
		return -1;
	return server_run(server, err);
}

int main(void)
{
	static struct server server;
	struct err err;

	server.turn.audit = -1;
	asker_init(&server.askers[ASKER_SUPERVISOR], PROCESS_LINK);
	asker_init(&server.askers[ASKER_POLICY], -1);
	if (run(&server, &err) < 0)
		process_fail(&err);
	place_close(&server.place);
	return 0;
}
