/*
 * serve - answer the client `sekisho` inside one sandbox.
 *
 * Runs in sekisho-desk, one per session. Whatever connects to the listener is
 * hostile: it may send anything, any descriptors, never read, or never speak.
 * Each of these costs that client its connection; the number of clients and
 * their rate are bounded. Who asks is the session, not what the client says.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "gateway/base/own.h"
#include "gateway/base/process.h"
#include "gateway/desk/desk.h"

enum {
	CLIENTS = 8,
	SILENCE_S = 5,	/* a client speaks at once or is dropped */
	PER_SECOND = 5, /* commands of a session, as each is a record */
	BURST = 20,
	PIECE = 16 * 1024,
	NARROWEST = 20,
	WIDEST = 500
};

/* A client has one state: connected, and nothing said. Its one message is
 * answered at once, and its connection ends with the answer. */
struct client {
	int sock; /* -1: a free place */
	time_t since;
};

struct server {
	struct desk *desk;
	struct client clients[CLIENTS];
	time_t counted; /* the second up to which allowed was filled */
	unsigned int allowed;
};

static time_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec;
}

static bool may_ask(struct server *server)
{
	time_t second = now();

	if (second > server->counted) {
		time_t more = (second - server->counted) * PER_SECOND;

		server->allowed =
			more + server->allowed > BURST
				? BURST
				: (unsigned int)more + server->allowed;
		server->counted = second;
	}
	if (server->allowed == 0)
		return false;
	server->allowed--;
	return true;
}

/* --- One request ---------------------------------------------------------- */

/* Send text in pieces, then the exit status. A client that does not read is
 * left alone. */
static void send_text(int sock, uint8_t stream, const char *bytes, size_t len,
		      uint8_t status)
{
	struct err ignored;
	struct msg m;

	while (len > 0) {
		size_t n = len > PIECE ? PIECE : len;

		msg_start(&m, MSG_CLIENT_TEXT, 0);
		msg_put_u8(&m, stream);
		msg_put_bytes(&m, bytes, n);
		if (msg_send(sock, &m, &ignored) < 0)
			return;
		bytes += n;
		len -= n;
	}
	msg_start(&m, MSG_CLIENT_EXIT, 0);
	msg_put_u8(&m, status);
	msg_send(sock, &m, &ignored);
}

static int send_result(const struct desk *desk, int sock,
		       const struct result *result, struct render *render,
		       struct err *err)
{
	bool to_err = result->exit && render->format != RENDER_JSON;
	AUTO_FREE char *bytes = NULL;
	size_t len = 0;

	render->lang = desk->lang;
	render->out = open_memstream(&bytes, &len);
	if (!render->out)
		return err_set(err, "out of memory");
	render_result(render, result);
	fclose(render->out);
	send_text(sock, to_err ? 2 : 1, bytes, len, result->exit);
	return 0;
}

/* Read CLIENT. 0; 1: well formed, but no command; -1: malformed. */
static int read_request(struct msg *m, struct command *command,
			struct render *render)
{
	char word[COMMAND_SIZE];
	bool fits = true;
	uint8_t tty = msg_get_u8(m);
	uint32_t cols = msg_get_u32(m);
	uint32_t n = msg_get_u32(m);

	command_begin(command);
	for (uint32_t i = 0; i < n && !m->bad; i++) {
		msg_get_str(m, word, sizeof word);
		if (fits && command_add(command, word) < 0)
			fits = false;
	}
	if (!msg_done(m))
		return -1;
	render->columns = !tty || cols == 0  ? 0
			  : cols < NARROWEST ? NARROWEST
			  : cols > WIDEST    ? WIDEST
					     : cols;
	render->format = command->format;
	return fits ? 0 : 1;
}

static int on_client(struct server *server, int sock, struct msg *m,
		     struct err *err)
{
	static struct command command;
	static struct result result;
	struct render render = { 0 };
	int got = read_request(m, &command, &render);

	if (got < 0)
		return 0;
	if (!may_ask(server)) {
		result_error(&result, RESULT_FAILED, TEXT_DESK_TOO_FAST, NULL,
			     NULL, NULL);
		result_hint(&result, TEXT_DESK_WAIT, NULL, NULL);
	} else if (got > 0) {
		desk_malformed(&result);
	} else if (desk_answer(server->desk, &command, &result, err) < 0) {
		return -1;
	}
	return send_result(server->desk, sock, &result, &render, err);
}

/* --- Clients -------------------------------------------------------------- */

/* One message of a client, which is its last. 0, or -1: the desk must end. */
static int hear_client(struct server *server, struct client *client,
		       struct err *err)
{
	static struct msg m;
	struct err why;
	int done = 0, got = msg_receive(client->sock, &m, &why);

	if (got == 0 && errno == EAGAIN)
		return 0;
	/* Descriptors are never wanted: a message that brings any is not
	 * well formed, and msg_clear() closes them. */
	if (got > 0 && m.type == MSG_CLIENT)
		done = on_client(server, client->sock, &m, err);
	msg_clear(&m);
	own_close(&client->sock);
	return done;
}

static void accept_clients(struct server *server)
{
	for (size_t i = 0; i < CLIENTS; i++) {
		struct client *client = &server->clients[i];

		if (client->sock >= 0)
			continue;
		client->sock = accept4(server->desk->serving, NULL, NULL,
				       SOCK_CLOEXEC | SOCK_NONBLOCK);
		client->since = now();
		if (client->sock < 0)
			return;
	}
}

static bool any_free(const struct server *server)
{
	for (size_t i = 0; i < CLIENTS; i++)
		if (server->clients[i].sock < 0)
			return true;
	return false;
}

static void drop_silent(struct server *server)
{
	for (size_t i = 0; i < CLIENTS; i++)
		if (server->clients[i].sock >= 0 &&
		    now() - server->clients[i].since >= SILENCE_S)
			own_close(&server->clients[i].sock);
}

static int round_of(struct server *server, struct err *err)
{
	struct desk *desk = server->desk;
	struct pollfd fds[CLIENTS + 4] = {
		{ .fd = PROCESS_LINK, .events = POLLIN },
		{ .fd = desk->audit, .events = POLLIN },
		{ .fd = desk->policy, .events = 0 },
		{ .fd = any_free(server) ? desk->serving : -1,
		  .events = POLLIN },
	};

	for (size_t i = 0; i < CLIENTS; i++)
		fds[4 + i] = (struct pollfd){ .fd = server->clients[i].sock,
					      .events = POLLIN };
	if (poll(fds, ARRAY_LEN(fds), 1000) < 0 && errno != EINTR)
		return err_sys(err, "poll");
	/* The supervisor says STOP or is gone; audit never speaks unasked. */
	if (fds[0].revents || fds[1].revents || fds[2].revents)
		desk->leaving = true;
	for (size_t i = 0; i < CLIENTS && !desk->leaving; i++)
		if (fds[4 + i].revents &&
		    hear_client(server, &server->clients[i], err) < 0)
			return -1;
	if (fds[3].revents & (POLLERR | POLLHUP | POLLNVAL))
		desk->leaving = true;
	if (fds[3].revents & POLLIN)
		accept_clients(server);
	drop_silent(server);
	return 0;
}

int desk_serve(struct desk *desk, struct err *err)
{
	static struct server server;

	server.desk = desk;
	server.allowed = BURST;
	server.counted = now();
	for (size_t i = 0; i < CLIENTS; i++)
		server.clients[i].sock = -1;
	while (!desk->leaving)
		if (round_of(&server, err) < 0)
			return -1;
	return 0;
}
