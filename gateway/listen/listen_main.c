/*
 * sekisho-listen - accept connections, within limits, and hand them on.
 *
 * Started by the supervisor, which makes the listening socket. Reads no byte
 * of any client. Connections above a limit are closed at once: a stranger who
 * opens many of them slows strangers down, never those who are logged in.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>

#include "gateway/base/own.h"
#include "gateway/base/process.h"
#include "gateway/listen/source.h"

enum {
	BURST = 64,	/* accepted in a row before messages are read */
	PAUSE_MS = 200, /* when the system has no room for another */
};

struct listener {
	int socket; /* -1: closed */
	uint32_t unauthenticated, per_source;
	bool pause;
	struct sources sources;
};

/* The limits, and a socket; the one before is closed. */
static int on_listen(struct listener *listener, struct msg *m)
{
	uint32_t unauthenticated = msg_get_u32(m);
	uint32_t per_source = msg_get_u32(m);
	AUTO_FD int fd = msg_get_fd(m);

	/* A client may be gone between poll and accept. */
	if (!msg_done(m) || fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
		return -1;
	listener->unauthenticated = unauthenticated;
	listener->per_source = per_source;
	own_close(&listener->socket);
	listener->socket = take_fd(&fd);
	return 0;
}

static int on_authenticated(struct listener *listener, struct msg *m)
{
	uint32_t conn = msg_get_u32(m);

	if (!msg_done(m))
		return -1;
	sources_logged_in(&listener->sources, conn);
	return 0;
}

static int on_gone(struct listener *listener, struct msg *m)
{
	struct source source;
	char text[SOURCE_TEXT];
	uint32_t conn = msg_get_u32(m);

	msg_get_str(m, text, sizeof text);
	if (!msg_done(m) || !source_from_text(text, &source))
		return -1;
	sources_gone(&listener->sources, conn, &source);
	return 0;
}

/* 0: go on; 1: stop in order; -1. */
static int on_supervisor(struct listener *listener, struct err *err)
{
	static struct msg m;
	int done = -1;
	int got = msg_receive(PROCESS_LINK, &m, err);

	if (got <= 0)
		return got == 0 ? 1 : -1;
	if (m.type == MSG_LISTEN)
		done = on_listen(listener, &m);
	else if (m.type == MSG_AUTHENTICATED)
		done = on_authenticated(listener, &m);
	else if (m.type == MSG_CONN_GONE)
		done = on_gone(listener, &m);
	else if (m.type == MSG_STOP)
		done = 1;
	msg_clear(&m);
	return done < 0 ? err_set(err, "unexpected or malformed %s",
				  msg_name(m.type))
			: done;
}

/* Hand a client on if the limits allow. 0, or -1: the supervisor is gone. */
static int admit(struct listener *listener, int client,
		 const struct sockaddr_storage *from, struct err *err)
{
	static struct msg m;
	struct source source;
	char text[SOURCE_TEXT];
	uint32_t port;

	if (!source_from_address(from, &source, text, &port) ||
	    !sources_admit(&listener->sources, &source,
			   listener->unauthenticated, listener->per_source))
		return 0;
	msg_start(&m, MSG_ACCEPTED, 0);
	msg_put_str(&m, text);
	msg_put_u32(&m, port);
	msg_put_fd(&m, client);
	return msg_send(PROCESS_LINK, &m, err);
}

/* Accept what waits, a burst at most, so that messages have their turn. */
static int on_clients(struct listener *listener, struct err *err)
{
	for (int i = 0; i < BURST; i++) {
		struct sockaddr_storage from = { .ss_family = AF_UNSPEC };
		socklen_t len = sizeof from;

		AUTO_FD int client =
			accept4(listener->socket, (struct sockaddr *)&from,
				&len, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (client < 0) {
			/* accept(2): errors of that one client, or no room */
			listener->pause = errno == EMFILE || errno == ENFILE ||
					  errno == ENOBUFS || errno == ENOMEM;
			return 0;
		}
		if (admit(listener, client, &from, err) < 0)
			return -1;
	}
	return 0;
}

static int serve(struct listener *listener, struct err *err)
{
	for (;;) {
		struct pollfd at[] = {
			{ .fd = PROCESS_LINK, .events = POLLIN },
			{ .fd = listener->pause ? -1 : listener->socket,
			  .events = POLLIN },
		};
		int n = poll(at, ARRAY_LEN(at),
			     listener->pause ? PAUSE_MS : -1);

		if (n < 0 && errno != EINTR)
			return err_sys(err, "poll");
		listener->pause = false;
		if (at[0].revents) {
			int done = on_supervisor(listener, err);
			if (done != 0)
				return done;
		}
		/* A LISTEN may have come between: ask the socket again. */
		if (at[1].revents && on_clients(listener, err) < 0)
			return -1;
	}
}

int main(void)
{
	static struct listener listener = { .socket = -1 };
	static struct process process;
	static struct msg start;
	struct err err = { "" };

	if (process_start(&process, &start, &err) < 0)
		process_fail(&err);
	if (!msg_done(&start)) {
		err_set(&err, "malformed START");
		process_fail(&err);
	}
	if (process_confine(&process, &err) < 0 || process_ready(&err) < 0)
		process_fail(&err);
	int done = serve(&listener, &err);
	own_close(&listener.socket);
	if (done < 0)
		process_fail(&err);
	return 0;
}
