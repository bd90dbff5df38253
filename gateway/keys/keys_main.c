/*
 * sekisho-keys - holds keys so that nobody who faces people has to.
 *
 * Started by the supervisor; its root is the keys' folder. The host key is
 * read before it is confined, the permits' keys are read and changed after.
 * Trusts the supervisor to say who is who, and no connection process.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>

#include "gateway/base/own.h"
#include "gateway/base/process.h"
#include "gateway/keys/host.h"
#include "gateway/keys/links.h"
#include "gateway/keys/permits.h"

/* What it holds. */
struct keys {
	struct host host;
	struct ring ring;
	struct links links;
};

static time_t seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static int add_link(struct links *links, struct msg *m, struct err *err)
{
	uint32_t conn = msg_get_u32(m);
	AUTO_FD int fd = msg_get_fd(m);

	if (!msg_done(m)) {
		msg_clear(m);
		return err_set(err, "malformed PEER_KEYS");
	}
	if (links_add(links, conn, take_fd(&fd), seconds()) < 0)
		note("connection %u: too many links", conn);
	return 0;
}

static int answer(struct keys *keys, struct msg *m, struct err *err)
{
	struct err unsent;

	msg_clear(m);
	int done = permits_answer(&keys->ring, m, err);
	if (done >= 0 && msg_send(PROCESS_LINK, m, &unsent) < 0) {
		done = -1;
		*err = unsent;
	}
	explicit_bzero(m, sizeof *m);
	return done == 0 ? 0 : -1;
}

/* 0: go on; 1: stop in order; -1. */
static int on_supervisor(struct keys *keys, struct err *err)
{
	static struct msg m;
	int got = msg_receive(PROCESS_LINK, &m, err);

	if (got <= 0)
		return got == 0 ? 1 : -1;
	if (m.type == MSG_STOP) {
		msg_clear(&m);
		return 1;
	}
	return m.type == MSG_PEER_KEYS ? add_link(&keys->links, &m, err)
				       : answer(keys, &m, err);
}

static int serve(struct keys *keys, struct err *err)
{
	struct links *links = &keys->links;

	links->at[0] = (struct pollfd){ .fd = PROCESS_LINK, .events = POLLIN };
	for (;;) {
		if (poll(links->at, 1 + links->n, -1) < 0 && errno != EINTR)
			return err_sys(err, "poll");
		/* Backwards: serving one may put the last in its place. */
		for (size_t i = links->n; i > 0; i--)
			if (links->at[i].revents)
				links_serve(links, i - 1, &keys->host,
					    seconds());
		if (!links->at[0].revents)
			continue;
		int done = on_supervisor(keys, err);
		if (done != 0)
			return done;
	}
}

/* One signature and one key now, so that OpenSSL has loaded what it needs. */
static int begin(struct keys *keys, struct process *process, struct err *err)
{
	uint8_t hash[HOST_HASH_LEN] = { 0 }, signature[HOST_SIGNATURE_LEN];

	if (host_load(&keys->host, process->root, err) < 0 ||
	    host_sign(&keys->host, hash, signature, err) < 0)
		return -1;
	wrap_warm();
	int folder = openat(process->root, "permits",
			    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (folder < 0)
		return err_sys(err, "open the folder of the permits' keys");
	if (process_confine(process, err) < 0)
		return -1;
	return ring_load(&keys->ring, folder, err);
}

int main(void)
{
	static struct keys keys;
	static struct process process;
	static struct msg start;
	struct err err = { "" };

	if (process_start(&process, &start, &err) < 0)
		process_fail(&err);
	if (!msg_done(&start)) {
		err_set(&err, "malformed START");
		process_fail(&err);
	}
	if (begin(&keys, &process, &err) < 0 || process_ready(&err) < 0)
		process_fail(&err);
	int done = serve(&keys, &err);
	host_clear(&keys.host);
	ring_clear(&keys.ring);
	if (done < 0)
		process_fail(&err);
	return 0;
}
