/*
 * serve - the loop that a connection lives in.
 *
 * Runs in sekisho-conn. Own poll(), not ssh_event: what is read, how much of
 * it, and when, is decided here. An alarm that nothing resets for a minute
 * ends the process, should libssh ever not come back from a call.
 */
#include <libssh/callbacks.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "gateway/base/own.h"
#include "gateway/base/process.h"
#include "gateway/base/text.h"
#include "gateway/conn/conn.h"
#include "gateway/conn/login.h"
#include "gateway/conn/peek.h"
#include "gateway/conn/relay.h"

enum {
	ROUNDS = 64,		 /* of 4 KiB each, before others' turn */
	LOGIN_INPUT = 64 * 1024, /* bytes from a client that is nobody yet */
	UNREAD_INPUT = 1 << 20,	 /* taken while the client does not read */
	KEEPALIVE = 30,		 /* seconds of silence before we ask */
	DEAD = 90,		 /* and before the client is taken for dead */
	WATCHDOG = 60,		 /* longer than any wait of ours */
	GOODBYE_MS = 1000,
};

enum { AT_CLIENT, AT_SUPERVISOR, AT_POLICY, AT_CHANNELS };

/* What the loop remembers from one turn to the next. */
struct turn {
	struct pollfd at[AT_CHANNELS + CONN_CHANNELS];
	bool shaken; /* the key exchange is done */
	bool more;   /* the last turn stopped before the input did */
	time_t now, heard, asked, armed;
	uint64_t heard_bytes;	/* traffic.in_bytes when last looked at */
	uint64_t pending_since; /* in_bytes when output began to wait */
	bool pending;
	const char *why; /* to end, for the client; NULL: no words */
};

static time_t seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

void conn_refuse(struct conn *conn, const char *kind)
{
	static struct msg m;
	struct err err;

	if (++conn->refused > CONN_REFUSALS)
		conn->ending = true;
	if (conn->login.state != LOGIN_DONE || conn->ending)
		return;
	msg_start(&m, MSG_REFUSED_REQUEST, 0);
	msg_put_str(&m, kind);
	if (msg_send(conn->policy, &m, &err) < 0)
		conn->ending = true;
}

/* --- What libssh calls ----------------------------------------------------- */

static ssh_channel on_open(ssh_session session, void *userdata)
{
	struct conn *conn = userdata;
	uint32_t most = conn->max_channels;

	(void)session;
	if (!conn_welcome(conn))
		return NULL;
	for (uint32_t i = 0; i < CONN_CHANNELS && i < most; i++) {
		if (conn->channels[i])
			continue;
		conn->channels[i] = relay_new(conn);
		return conn->channels[i] ? conn->channels[i]->channel : NULL;
	}
	conn_refuse(conn, "channels");
	return NULL;
}

static void on_end_of_write(struct conn *conn, ssh_message message)
{
	ssh_channel channel = ssh_message_channel_request_channel(message);

	for (size_t i = 0; i < CONN_CHANNELS; i++)
		if (peek_end_of_write() && conn->channels[i] &&
		    conn->channels[i]->channel == channel)
			conn->channels[i]->deaf_seen = true;
}

/* Messages that no other callback took. 1: libssh refuses for us. */
static int on_message(ssh_session session, ssh_message message, void *userdata)
{
	struct conn *conn = userdata;

	(void)session;
	switch (ssh_message_type(message)) {
	case SSH_REQUEST_AUTH:
		return login_message(conn, message);
	case SSH_REQUEST_SERVICE:
		if (strcmp(ssh_message_service_service(message),
			   "ssh-userauth") == 0)
			return 1; /* here the default answer is yes */
		conn->ending = true;
		return 0;
	case SSH_REQUEST_CHANNEL:
		on_end_of_write(conn, message);
		return 1;
	default:
		return 1; /* peek has counted it */
	}
}

/* --- Input and output of the client ---------------------------------------- */

static void quick_ack(const struct conn *conn)
{
	int on = 1;

	if (conn->next_channel == 0)
		setsockopt(ssh_get_fd(conn->session), IPPROTO_TCP, TCP_QUICKACK,
			   &on, sizeof on);
}

/* A client that sends but does not read would have us keep the answers. */
static bool may_read(struct conn *conn, struct turn *turn)
{
	bool pending = ssh_get_status(conn->session) & SSH_WRITE_PENDING;

	if (pending && !turn->pending)
		turn->pending_since = conn->traffic.in_bytes;
	turn->pending = pending;
	return !pending ||
	       conn->traffic.in_bytes - turn->pending_since < UNREAD_INPUT;
}

static void handle_once(struct conn *conn, struct turn *turn)
{
	if (turn->shaken) {
		ssh_execute_message_callbacks(conn->session);
		return;
	}
	switch (ssh_handle_key_exchange(conn->session)) {
	case SSH_OK:
		turn->shaken = true;
		break;
	case SSH_AGAIN:
		break;
	default:
		conn->ending = true;
	}
}

/* Let libssh read and act until no more input moves. */
static void handle_input(struct conn *conn, struct turn *turn)
{
	turn->more = false;
	for (int i = 0; i < ROUNDS && !conn->ending; i++) {
		uint64_t before = conn->traffic.in_bytes;

		handle_once(conn, turn);
		if (ssh_get_status(conn->session) &
		    (SSH_CLOSED | SSH_CLOSED_ERROR)) {
			conn->ending = true;
			return;
		}
		if (conn->login.state != LOGIN_DONE &&
		    conn->traffic.in_bytes > LOGIN_INPUT)
			conn->ending = true;
		if (conn->traffic.in_bytes == before)
			return;
		if (!may_read(conn, turn))
			return;
	}
	turn->more = true;
}

/* Ask a silent client whether it is there; give up on a dead one. */
static void mind_silence(struct conn *conn, struct turn *turn)
{
	if (conn->traffic.in_bytes != turn->heard_bytes) {
		turn->heard_bytes = conn->traffic.in_bytes;
		turn->heard = turn->asked = turn->now;
	}
	if (turn->now - turn->heard >= DEAD) {
		conn->ending = true;
		return;
	}
	if (conn->login.state != LOGIN_DONE || turn->pending ||
	    turn->now - turn->asked < KEEPALIVE)
		return;
	/* The first call takes in the last answer, the second asks anew. */
	ssh_send_keepalive(conn->session);
	ssh_send_keepalive(conn->session);
	turn->asked = turn->now;
}

/* --- Our own links ---------------------------------------------------------- */

static struct relay *find_channel(struct conn *conn, uint32_t number)
{
	for (size_t i = 0; i < CONN_CHANNELS; i++)
		if (conn->channels[i] && conn->channels[i]->number == number)
			return conn->channels[i];
	return NULL;
}

/* The channel may be gone by now: then its wire is closed again. */
static int on_channel(struct conn *conn, struct msg *m)
{
	uint32_t number = msg_get_u32(m);
	AUTO_FD int wire = msg_get_fd(m);

	if (!msg_done(m))
		return -1;
	struct relay *relay = find_channel(conn, number);
	if (relay && relay->asked && !relay->over)
		relay_begin(relay, take_fd(&wire));
	return 0;
}

static int on_not_opened(struct conn *conn, struct msg *m)
{
	char why[4096];
	uint32_t number = msg_get_u32(m);
	uint8_t status = msg_get_u8(m);

	msg_get_str(m, why, sizeof why);
	if (!msg_done(m))
		return -1;
	struct relay *relay = find_channel(conn, number);
	if (relay && relay->asked)
		relay_refuse(relay, status, why);
	return 0;
}

/* One message of a link. What does not belong there ends the process. */
static void on_link(struct conn *conn, struct turn *turn, int link)
{
	static struct msg m;
	struct err err;
	int done = -1;

	if (msg_receive(link, &m, &err) == 1) {
		if (link == PROCESS_LINK && m.type == MSG_CHANNEL)
			done = on_channel(conn, &m);
		else if (link == conn->policy && m.type == MSG_NOT_OPENED)
			done = on_not_opened(conn, &m);
		msg_clear(&m);
	}
	if (done < 0) {
		conn->ending = true;
		turn->why = text(conn->lang, TEXT_GATEWAY_ENDING);
	}
}

/* --- The loop ---------------------------------------------------------------- */

static void wait_turn(struct conn *conn, struct turn *turn)
{
	bool writing = ssh_get_status(conn->session) & SSH_WRITE_PENDING;

	turn->at[AT_CLIENT].fd = ssh_get_fd(conn->session);
	turn->at[AT_CLIENT].events =
		(short)((may_read(conn, turn) ? POLLIN : 0) |
			(writing ? POLLOUT : 0));
	turn->at[AT_SUPERVISOR] =
		(struct pollfd){ .fd = PROCESS_LINK, .events = POLLIN };
	turn->at[AT_POLICY] =
		(struct pollfd){ .fd = conn->policy, .events = POLLIN };
	for (size_t i = 0; i < CONN_CHANNELS; i++)
		turn->at[AT_CHANNELS + i] =
			conn->channels[i] ? relay_poll(conn->channels[i])
					  : (struct pollfd){ .fd = -1 };
	poll(turn->at, AT_CHANNELS + CONN_CHANNELS,
	     turn->more ? 0 : KEEPALIVE * 1000 / 2);
	turn->now = seconds();
	if (turn->now != turn->armed) {
		alarm(WATCHDOG);
		turn->armed = turn->now;
	}
}

static void move_channels(struct conn *conn)
{
	for (size_t i = 0; i < CONN_CHANNELS; i++) {
		struct relay *relay = conn->channels[i];

		if (!relay)
			continue;
		relay_step(relay);
		if (relay_done(relay)) {
			relay_free(relay);
			conn->channels[i] = NULL;
		}
	}
}

static bool is_closed(const struct conn *conn)
{
	return ssh_get_status(conn->session) & (SSH_CLOSED | SSH_CLOSED_ERROR);
}

/* Every channel hears why, and the client has read it when it closes its own
 * side: at a disconnect it would drop what it has not printed yet. */
static void say_why(struct conn *conn, const char *why)
{
	for (size_t i = 0; i < CONN_CHANNELS; i++)
		if (conn->channels[i])
			relay_refuse(conn->channels[i], 1, why);
	if (!is_closed(conn))
		ssh_blocking_flush(conn->session, GOODBYE_MS);
	for (size_t i = 0; i < CONN_CHANNELS; i++) {
		const struct relay *relay = conn->channels[i];
		struct pollfd client = { .fd = ssh_get_fd(conn->session),
					 .events = POLLIN };

		for (int n = 0; relay && !relay->closed && n < ROUNDS; n++) {
			if (is_closed(conn) ||
			    poll(&client, 1, GOODBYE_MS) != 1)
				return;
			ssh_execute_message_callbacks(conn->session);
		}
	}
}

/* The last words to every channel, and a disconnect that is read. */
static void goodbye(struct conn *conn, struct turn *turn)
{
	AUTO_FD int line = dup(ssh_get_fd(conn->session));
	struct pollfd wait = { .fd = line, .events = POLLIN };
	char rest[4096];

	if (turn->why)
		say_why(conn, turn->why);
	for (size_t i = 0; i < CONN_CHANNELS; i++) {
		relay_free(conn->channels[i]);
		conn->channels[i] = NULL;
	}
	if (!is_closed(conn)) {
		/* libssh writes only after a POLLOUT that it saw itself. */
		ssh_blocking_flush(conn->session, GOODBYE_MS);
		ssh_execute_message_callbacks(conn->session);
	}
	ssh_disconnect(conn->session);
	if (line < 0 || shutdown(line, SHUT_WR) < 0)
		return;
	/* Unread input would turn our last words into a reset. */
	for (int i = 0; i < ROUNDS && poll(&wait, 1, GOODBYE_MS) == 1; i++)
		if (recv(line, rest, sizeof rest, MSG_DONTWAIT) <= 0)
			return;
}

int conn_serve(struct conn *conn)
{
	static struct ssh_server_callbacks_struct callbacks;
	static struct turn turn;

	callbacks.userdata = conn;
	callbacks.channel_open_request_session_function = on_open;
	login_callbacks(&callbacks);
	ssh_callbacks_init(&callbacks);
	ssh_set_server_callbacks(conn->session, &callbacks);
	ssh_set_message_callback(conn->session, on_message, conn);
	ssh_set_auth_methods(conn->session, SSH_AUTH_METHOD_PUBLICKEY);
	ssh_set_counters(conn->session, &conn->traffic, &conn->packets);
	peek_begin(conn);
	turn.now = turn.heard = turn.asked = seconds();
	turn.more = true; /* the server speaks first */

	while (!conn->ending) {
		wait_turn(conn, &turn);
		quick_ack(conn);
		if (turn.at[AT_CLIENT].revents || turn.more)
			handle_input(conn, &turn);
		if (turn.at[AT_SUPERVISOR].revents)
			on_link(conn, &turn, PROCESS_LINK);
		if (turn.at[AT_POLICY].revents && !conn->ending)
			on_link(conn, &turn, conn->policy);
		/* Our last words come before an exit status that waits. */
		if (!turn.why)
			move_channels(conn);
		mind_silence(conn, &turn);
	}
	goodbye(conn, &turn);
	return 0;
}
