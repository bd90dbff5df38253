/*
 * sekisho-policy - decides who may do what, and remembers what it must.
 *
 * Runs as its own user with the state folder as its root. It trusts the
 * supervisor and audit; policy files, connections, desks and the control
 * socket are not trusted. It can act on nothing itself: what it decides is an
 * order inside a record, and audit passes the order on.
 */
#include <fcntl.h>
#include <openssl/crypto.h>
#include <string.h>
#include <sys/resource.h>

#include "gateway/base/own.h"
#include "gateway/base/process.h"
#include "policy/apply.h"
#include "policy/server.h"
#include "policy/usage.h"

/* Descriptors for every peer and the files of the folder. */
enum { DESCRIPTORS = PEERS + 64 };

static int read_start(struct process *process, struct server *server,
		      struct err *err)
{
	struct msg *m = &server->in;

	if (process_start(process, m, err) < 0)
		return -1;
	server->folder = msg_get_fd(m);
	server->control = msg_get_fd(m);
	AUTO_FD int credential = msg_get_fd(m);
	if (!msg_done(m))
		return err_set(err, "malformed START");
	return seal_init(&server->seal, credential, err);
}

static int get_audit(struct server *server, struct err *err)
{
	struct msg *m = &server->in;
	int got = msg_receive(PROCESS_LINK, m, err);

	if (got <= 0)
		return got < 0 ? -1 : err_set(err, "the supervisor is gone");
	if (m->type != MSG_LINK_AUDIT)
		return err_set(err, "expected LINK_AUDIT, got %s",
			       msg_name(m->type));
	server->audit = msg_get_fd(m);
	if (!msg_done(m))
		return err_set(err, "malformed LINK_AUDIT");
	mailbox_init(&server->records);
	if (fcntl(server->audit, F_SETFL, O_RDWR | O_NONBLOCK) < 0)
		return err_sys(err, "the link to audit");
	return 0;
}

static void make_room(struct server *server)
{
	struct rlimit limit = { DESCRIPTORS, DESCRIPTORS };

	server->road.store = server->vault = -1;
	server->peers = calloc(PEERS, sizeof(void *));
	server->sessions = calloc(SESSIONS, sizeof *server->sessions);
	server->openings = calloc(4096, sizeof *server->openings);
	if (!server->peers || !server->sessions || !server->openings)
		die("out of memory");
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		note("cannot raise the number of descriptors");
}

/* Cryptography finds its parts before the root folder changes. */
static void warm_up(const struct server *server)
{
	uint8_t sealed[1 + SEAL_MORE];
	struct closure nothing = { 0 };

	seal_close(&server->seal, "", (const uint8_t *)"", 1, sealed);
	closure_hash(&nothing);
	totp_code(server->seal.factor_key, 0);
}

static int run(struct process *process, struct server *server, struct err *err)
{
	if (read_start(process, server, err) < 0 || get_audit(server, err) < 0)
		return -1;
	make_room(server);
	warm_up(server);
	if (process_confine(process, err) < 0 ||
	    store_open(&server->store, "/policy.db", err) < 0 ||
	    store_suspensions(&server->store, &server->suspensions, err) < 0 ||
	    deliveries_load(&server->store, &server->deliveries, err) < 0 ||
	    usage_lost(&server->store, err) < 0 || process_ready(err) < 0 ||
	    apply_at_start(server, err) < 0)
		return -1;
	return server_run(server, err);
}

int main(void)
{
	static struct server server;
	struct process process;
	struct err err;

	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	if (run(&process, &server, &err) < 0)
		process_fail(&err);
	store_close(&server.store);
	return 0;
}
