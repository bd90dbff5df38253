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
#include "gateway/desk/ask.h"
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

/* A client speaks once, is answered, and its connection ends with that. */
enum client_state { CLIENT_NONE = 0, CLIENT_SILENT, CLIENT_WAITS };

struct client {
	enum client_state state;
	int sock;
	time_t until; /* no longer is it waited for, or does it wait */

	/* CLIENT_WAITS, for policy's answer to its command */
	uint32_t ref;
	struct command command;
	size_t columns;
	bool shows; /* what the answer is printed on is a terminal */
};

struct server {
	struct desk *desk;
	struct client clients[CLIENTS];
	time_t counted; /* the second up to which allowed was filled */
	unsigned int allowed;
	struct result result;	  /* the answer being made */
	struct question question; /* the one being asked */
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

static void leave(struct client *client)
{
	own_close(&client->sock);
	client->state = CLIENT_NONE;
}

/* --- One answer ----------------------------------------------------------- */

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

/* The client has its answer and its connection ends. 0, or -1: no memory. */
static int give_answer(struct server *server, struct client *client,
		       struct err *err)
{
	const struct desk *desk = server->desk;
	const struct result *result = &server->result;
	enum render_format format = client->command.format;
	bool to_err = result->has_error && format != RENDER_JSON;
	AUTO_FREE char *bytes = NULL;
	size_t len = 0;
	struct render render = { .lang = desk->lang,
				 .format = format,
				 .form = desk_form(desk, &client->command),
				 .colour = client->shows,
				 .columns = client->columns };

	render.out = open_memstream(&bytes, &len);
	if (!render.out)
		return err_set(err, "out of memory");
	render_result(&render, result);
	fclose(render.out);
	send_text(client->sock, to_err ? 2 : 1, bytes, len, result->exit);
	leave(client);
	return 0;
}

/* What to show while policy takes its time, and to who does not wait. */
static void say_wait(const struct server *server, const struct client *client)
{
	const char *lang = server->desk->lang;
	struct err ignored;
	struct msg m;

	if (server->question.seconds <= ASK_SECONDS)
		return;
	msg_start(&m, MSG_CLIENT_WAIT, 0);
	msg_put_str(&m, text(lang, TEXT_OUT_CHECKING));
	msg_put_str(&m, text(lang, TEXT_OUT_GOES_ON));
	msg_send(client->sock, &m, &ignored);
}

/* The command lacks something that the person can be asked for. */
static bool say_lacks(const struct server *server, struct client *client)
{
	const char *option;
	enum text_id id;
	struct err ignored;
	struct msg m;

	if (!desk_lacks(server->desk, &client->command, &option, &id))
		return false;
	msg_start(&m, MSG_CLIENT_LACKS, 0);
	msg_put_str(&m, option);
	msg_put_str(&m, text(server->desk->lang, id));
	msg_send(client->sock, &m, &ignored);
	leave(client);
	return true;
}

/* --- One request ---------------------------------------------------------- */

enum request {
	REQUEST_MALFORMED = -1,
	REQUEST_GOOD = 0,
	REQUEST_NO_COMMAND,
	REQUEST_CAN_ASK /* good, and its person can be asked something */
};

/* Read CLIENT into client and the desk's cwd. */
static enum request read_request(struct server *server, struct client *client,
				 struct msg *m)
{
	char word[COMMAND_LINE];
	bool fits = true;
	uint8_t terminal = msg_get_u8(m);
	uint32_t cols = msg_get_u32(m);

	msg_get_str(m, server->desk->cwd, sizeof server->desk->cwd);
	uint32_t n = msg_get_u32(m);
	command_begin(&client->command);
	for (uint32_t i = 0; i < n && !m->bad; i++) {
		msg_get_str(m, word, sizeof word);
		if (fits && command_add(&client->command, word) < 0)
			fits = false;
	}
	if (!msg_done(m) || terminal > 2)
		return REQUEST_MALFORMED;
	client->shows = terminal > 0;
	client->columns = terminal == 0 || cols == 0 ? 0
			  : cols < NARROWEST	     ? NARROWEST
			  : cols > WIDEST	     ? WIDEST
						     : cols;
	if (!fits)
		return REQUEST_NO_COMMAND;
	return terminal == 2 ? REQUEST_CAN_ASK : REQUEST_GOOD;
}

/* Put the question to policy; the client waits for the answer. */
static int ask_policy(struct server *server, struct client *client,
		      struct err *err)
{
	const struct question *question = &server->question;

	if (ask_send(server->desk->policy, &question->command, &client->ref,
		     err) < 0)
		return -1;
	client->state = CLIENT_WAITS;
	client->until = now() + question->seconds;
	say_wait(server, client);
	return 0;
}

static int on_client(struct server *server, struct client *client,
		     struct msg *m, struct err *err)
{
	struct result *result = &server->result;
	enum request got = read_request(server, client, m);
	int done = DESK_ANSWERED;

	if (got == REQUEST_MALFORMED) {
		leave(client);
		return 0;
	}
	if (!may_ask(server)) {
		result_error(result, RESULT_FAILED, TEXT_DESK_TOO_FAST, NULL,
			     NULL, NULL);
		result_hint(result, TEXT_DESK_WAIT, NULL, NULL);
	} else if (got == REQUEST_NO_COMMAND) {
		desk_malformed(result);
	} else if (got == REQUEST_CAN_ASK && say_lacks(server, client)) {
		return 0;
	} else {
		done = desk_begin(server->desk, &client->command,
				  &server->question, result, err);
	}
	if (done == DESK_FAILED)
		return -1;
	return done == DESK_ASKS ? ask_policy(server, client, err)
				 : give_answer(server, client, err);
}

/* --- Answers of policy ---------------------------------------------------- */

static struct client *find_waiting(struct server *server, uint32_t ref)
{
	for (size_t i = 0; i < CLIENTS; i++)
		if (server->clients[i].state == CLIENT_WAITS &&
		    server->clients[i].ref == ref)
			return &server->clients[i];
	return NULL;
}

/* A client that did not wait has no answer coming any more. */
static int hear_policy(struct server *server, struct err *err)
{
	uint32_t ref;
	int got = ask_take(server->desk->policy, &ref, &server->result, err);
	struct client *client = got > 0 ? find_waiting(server, ref) : NULL;

	if (got < 0)
		return -1;
	if (!client)
		return 0;
	desk_finish(server->desk, &client->command, &server->result);
	return give_answer(server, client, err);
}

/* --- Clients -------------------------------------------------------------- */

/* What a client sends is its one message; after that it may only leave. 0,
 * or -1: the desk must end. */
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
	if (got > 0 && m.type == MSG_CLIENT && client->state == CLIENT_SILENT)
		done = on_client(server, client, &m, err);
	else
		leave(client);
	msg_clear(&m);
	return done;
}

static void accept_clients(struct server *server)
{
	for (size_t i = 0; i < CLIENTS; i++) {
		struct client *client = &server->clients[i];

		if (client->state != CLIENT_NONE)
			continue;
		client->sock = accept4(server->desk->serving, NULL, NULL,
				       SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (client->sock < 0)
			return;
		client->state = CLIENT_SILENT;
		client->until = now() + SILENCE_S;
	}
}

static bool any_free(const struct server *server)
{
	for (size_t i = 0; i < CLIENTS; i++)
		if (server->clients[i].state == CLIENT_NONE)
			return true;
	return false;
}

/* Silent clients go; who has waited long enough for policy is told. */
static int drop_late(struct server *server, struct err *err)
{
	for (size_t i = 0; i < CLIENTS; i++) {
		struct client *client = &server->clients[i];

		if (client->state == CLIENT_NONE || now() < client->until)
			continue;
		if (client->state == CLIENT_SILENT) {
			leave(client);
			continue;
		}
		ask_late(&server->result);
		desk_finish(server->desk, &client->command, &server->result);
		if (give_answer(server, client, err) < 0)
			return -1;
	}
	return 0;
}

static int round_of(struct server *server, struct err *err)
{
	struct desk *desk = server->desk;
	struct pollfd fds[CLIENTS + 4] = {
		{ .fd = PROCESS_LINK, .events = POLLIN },
		{ .fd = desk->audit, .events = POLLIN },
		{ .fd = desk->policy, .events = POLLIN },
		{ .fd = any_free(server) ? desk->serving : -1,
		  .events = POLLIN },
	};

	for (size_t i = 0; i < CLIENTS; i++)
		fds[4 + i] = (struct pollfd){ .fd = server->clients[i].sock,
					      .events = POLLIN };
	if (poll(fds, ARRAY_LEN(fds), 1000) < 0 && errno != EINTR)
		return err_sys(err, "poll");
	/* The supervisor says STOP or is gone; audit never speaks unasked. */
	if (fds[0].revents || fds[1].revents || fds[2].revents & ~POLLIN)
		desk->leaving = true;
	if (!desk->leaving && fds[2].revents && hear_policy(server, err) < 0)
		return -1;
	for (size_t i = 0; i < CLIENTS && !desk->leaving; i++)
		if (fds[4 + i].revents && server->clients[i].sock >= 0 &&
		    hear_client(server, &server->clients[i], err) < 0)
			return -1;
	if (fds[3].revents & (POLLERR | POLLHUP | POLLNVAL))
		desk->leaving = true;
	if (fds[3].revents & POLLIN)
		accept_clients(server);
	return drop_late(server, err);
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
