/*
 * sekisho-keys - holds keys so that nobody who faces people has to.
 *
 * Started by the supervisor; its root is the keys' folder, read and written
 * before it is confined. Trusts the supervisor to say who is who, and no
 * connection process.
 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "gateway/base/own.h"
#include "gateway/base/process.h"
#include "gateway/keys/host.h"
#include "gateway/keys/links.h"

static time_t seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/* 0: go on; 1: stop in order; -1. */
static int on_supervisor(struct links *links, struct err *err)
{
	static struct msg m;
	int got = msg_receive(PROCESS_LINK, &m, err);

	if (got <= 0)
		return got == 0 ? 1 : -1;
	if (m.type == MSG_STOP) {
		msg_clear(&m);
		return 1;
	}
	uint32_t conn = msg_get_u32(&m);
	AUTO_FD int fd = msg_get_fd(&m);
	if (m.type != MSG_PEER_KEYS || !msg_done(&m)) {
		msg_clear(&m);
		return err_set(err, "unexpected or malformed %s",
			       msg_name(m.type));
	}
	if (links_add(links, conn, take_fd(&fd), seconds()) < 0)
		note("connection %u: too many links", conn);
	return 0;
}

static int serve(struct links *links, const struct host *host, struct err *err)
{
	links->at[0] = (struct pollfd){ .fd = PROCESS_LINK, .events = POLLIN };
	for (;;) {
		if (poll(links->at, 1 + links->n, -1) < 0 && errno != EINTR)
			return err_sys(err, "poll");
		/* Backwards: serving one may put the last in its place. */
		for (size_t i = links->n; i > 0; i--)
			if (links->at[i].revents)
				links_serve(links, i - 1, host, seconds());
		if (!links->at[0].revents)
			continue;
		int done = on_supervisor(links, err);
		if (done != 0)
			return done;
	}
}

int main(void)
{
	static struct links links;
	static struct process process;
	static struct msg start;
	uint8_t hash[HOST_HASH_LEN] = { 0 }, signature[HOST_SIGNATURE_LEN];
	struct host host = { .key = NULL };
	struct err err = { "" };

	if (process_start(&process, &start, &err) < 0)
		process_fail(&err);
	if (!msg_done(&start)) {
		err_set(&err, "malformed START");
		process_fail(&err);
	}
	/* One signature now, so that OpenSSL has loaded what it needs. */
	if (host_load(&host, process.root, &err) < 0 ||
	    host_sign(&host, hash, signature, &err) < 0 ||
	    process_confine(&process, &err) < 0 || process_ready(&err) < 0)
		process_fail(&err);
	int done = serve(&links, &host, &err);
	host_clear(&host);
	if (done < 0)
		process_fail(&err);
	return 0;
}
