/*
 * fake_peers - a supervisor and a policy for one test, around real programs.
 *
 *	fake_peers BIN KEYS EMPTY ALLOWED PORT UNAUTHENTICATED PER_SOURCE
 *
 * Starts BIN/sekisho-keys on the folder KEYS, BIN/sekisho-listen on
 * 127.0.0.1:PORT and a BIN/sekisho-conn for each connection. Lets "alice" in
 * with the public key of the file ALLOWED (an OpenSSH line) and the code
 * 123456. What a channel does is said by its command, see open_channel().
 * Says on standard output what it heard.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "gateway/base/channel.h"
#include "gateway/base/msg.h"
#include "gateway/base/own.h"

enum { CONNS = 64, WIRES = 64, FLOOD = 64 << 20, UID = 64900 };

struct peer {
	int supervisor, policy; /* our ends */
	uint32_t number;
	pid_t pid;
	unsigned int wrong;
	char source[128];
};

enum act { NOTHING, ECHO, COUNT, SEND };

struct wire {
	int fd;
	enum act act;
	uint64_t bytes; /* counted, or still to send */
	bool waiting;	/* held was not sent yet */
	struct channel_packet held;
};

static struct peer peers[CONNS];
static struct wire wires[WIRES];
static const char *bin, *empty;
static int listener = -1, keys = -1;
static uint8_t allowed[4096];
static size_t allowed_len;
static uint32_t next_number = 1;
static struct msg m;

static void check(int done, const char *what)
{
	if (done >= 0)
		return;
	perror(what);
	exit(1);
}

static void must_send(int sock)
{
	struct err err;

	if (msg_send(sock, &m, &err) < 0)
		fprintf(stderr, "fake_peers: %s\n", err.text);
}

/* Start a program with its link; our end is returned. */
static int start(const char *program, pid_t *pid)
{
	char path[4096];
	int pair[2];
	struct err err;

	check(msg_pair(pair, &err), "socketpair");
	snprintf(path, sizeof path, "%s/%s", bin, program);
	*pid = fork();
	check(*pid, "fork");
	if (*pid == 0) {
		dup2(pair[1], 3);
		close_range(4, ~0U, 0);
		execl(path, program, (char *)NULL);
		perror(path);
		_exit(1);
	}
	close(pair[1]);
	return pair[0];
}

static void start_message(const char *root, uint32_t uid)
{
	msg_start(&m, MSG_START, 0);
	msg_put_u32(&m, uid);
	msg_put_u32(&m, uid);
	int fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	check(fd, root);
	msg_put_fd(&m, fd);
}

static void wait_ready(int sock, const char *who)
{
	struct err err;

	if (msg_receive(sock, &m, &err) != 1 || m.type != MSG_READY) {
		fprintf(stderr, "fake_peers: %s is not ready\n", who);
		exit(1);
	}
}

/* A new link of one kind to a child; our end is returned. */
static int give_link(int child, enum msg_type type)
{
	int pair[2];
	struct err err;

	check(msg_pair(pair, &err), "socketpair");
	msg_start(&m, type, 0);
	msg_put_fd(&m, pair[1]);
	must_send(child);
	close(pair[1]);
	return pair[0];
}

static void new_conn(int client, const char *source)
{
	struct peer *peer = peers;

	while (peer->pid != 0)
		if (++peer == peers + CONNS)
			exit(1);
	snprintf(peer->source, sizeof peer->source, "%s", source);
	peer->number = next_number++;
	peer->wrong = 0;
	peer->supervisor = start("sekisho-conn", &peer->pid);
	start_message(empty, UID + peer->number);
	int root = m.fds[0];
	msg_put_u32(&m, peer->number);
	msg_put_str(&m, source);
	msg_put_fd(&m, client);
	must_send(peer->supervisor);
	close(root);
	close(client);
	peer->policy = give_link(peer->supervisor, MSG_LINK_POLICY);
	int link = give_link(peer->supervisor, MSG_LINK_KEYS);
	msg_start(&m, MSG_PEER_KEYS, 0);
	msg_put_u32(&m, peer->number);
	msg_put_fd(&m, link);
	must_send(keys);
	close(link);
	printf("ACCEPTED %s pid %d\n", source, peer->pid);
}

static void tell_listener(enum msg_type type, const struct peer *peer)
{
	msg_start(&m, type, 0);
	msg_put_u32(&m, peer->number);
	if (type == MSG_CONN_GONE)
		msg_put_str(&m, peer->source);
	must_send(listener);
}

static void gone(struct peer *peer)
{
	int status = 0;

	waitpid(peer->pid, &status, 0);
	if (WIFSIGNALED(status))
		printf("GONE signal %d\n", WTERMSIG(status));
	else
		printf("GONE status %d\n", WEXITSTATUS(status));
	own_close(&peer->supervisor);
	own_close(&peer->policy);
	peer->pid = 0;
	tell_listener(MSG_CONN_GONE, peer);
}

/* --- Policy ------------------------------------------------------------------ */

static void on_key(struct peer *peer)
{
	char user[512], type[64];
	size_t len;

	msg_get_str(&m, user, sizeof user);
	msg_get_str(&m, type, sizeof type);
	const uint8_t *blob = msg_get_bytes(&m, &len);
	bool good = msg_done(&m) && strcmp(user, "alice") == 0 &&
		    len == allowed_len && memcmp(blob, allowed, len) == 0;
	printf("KEY %s %s %s\n", user, type, good ? "good" : "wrong");
	msg_start(&m, good ? MSG_KEY_OK : MSG_DENIED, 0);
	if (good)
		msg_put_str(&m, "en");
	else
		msg_put_u8(&m, 0);
	must_send(peer->policy);
}

static void on_code(struct peer *peer)
{
	char code[512];

	msg_get_str(&m, code, sizeof code);
	bool good = msg_done(&m) && strcmp(code, "123456") == 0;
	printf("CODE %s\n", good ? "good" : "wrong");
	if (!good) {
		msg_start(&m, MSG_DENIED, 0);
		msg_put_u8(&m, ++peer->wrong >= 2);
		must_send(peer->policy);
		return;
	}
	msg_start(&m, MSG_WELCOME, 0);
	msg_put_str(&m, "alice");
	msg_put_str(&m, "researcher");
	msg_put_str(&m, "en");
	msg_put_u32(&m, 4);
	must_send(peer->policy);
	tell_listener(MSG_AUTHENTICATED, peer);
}

static void not_opened(struct peer *peer, uint32_t channel, const char *text)
{
	msg_start(&m, MSG_NOT_OPENED, 0);
	msg_put_u32(&m, channel);
	msg_put_u8(&m, 3);
	msg_put_str(&m, text);
	must_send(peer->policy);
}

/* A channel that behaves as its command says. */
static void open_channel(struct peer *peer, uint32_t channel,
			 const char *command)
{
	struct wire *wire = wires;
	int pair[2];
	struct err err;

	while (wire->act != NOTHING)
		if (++wire == wires + WIRES)
			exit(1);
	check(msg_pair(pair, &err), "socketpair");
	msg_start(&m, MSG_CHANNEL, 0);
	msg_put_u32(&m, channel);
	msg_put_fd(&m, pair[1]);
	must_send(peer->supervisor);
	close(pair[1]);
	*wire = (struct wire){ .fd = pair[0], .act = ECHO };
	if (strcmp(command, "count") == 0)
		wire->act = COUNT;
	if (strcmp(command, "flood") == 0) {
		wire->act = SEND;
		wire->bytes = FLOOD;
	}
	if (strncmp(command, "exit ", 5) == 0)
		channel_send_u32(wire->fd, CHANNEL_EXIT,
				 (uint32_t)atoi(command + 5));
	if (strcmp(command, "stderr") == 0) {
		channel_send(wire->fd, CHANNEL_STDERR, "oops\n", 5);
		channel_send_u32(wire->fd, CHANNEL_EXIT, 4);
	}
	if (strcmp(command, "vanish") == 0) {
		own_close(&wire->fd);
		wire->act = NOTHING;
	}
}

static void on_open(struct peer *peer)
{
	char term[64], command[4096];
	uint32_t channel = msg_get_u32(&m);
	uint8_t kind = msg_get_u8(&m), tty = msg_get_u8(&m);

	msg_get_str(&m, term, sizeof term);
	uint32_t cols = msg_get_u32(&m), rows = msg_get_u32(&m);
	msg_get_str(&m, command, sizeof command);
	if (!msg_done(&m)) {
		printf("MALFORMED OPEN\n");
		return;
	}
	printf("OPEN %u kind %u tty %u %s %ux%u %s\n", channel, kind, tty, term,
	       cols, rows, command);
	if (kind == 3 || strcmp(command, "refuse") == 0)
		not_opened(peer, channel, "The permit does not allow this.");
	else if (strcmp(command, "end") == 0)
		own_close(&peer->policy);
	else
		open_channel(peer, channel, command);
}

static void on_policy(struct peer *peer)
{
	struct err err;
	char kind[64];

	if (msg_receive(peer->policy, &m, &err) != 1) {
		own_close(&peer->policy);
		return;
	}
	if (m.type == MSG_KEY) {
		on_key(peer);
	} else if (m.type == MSG_CODE) {
		on_code(peer);
	} else if (m.type == MSG_OPEN) {
		on_open(peer);
	} else if (m.type == MSG_REFUSED_REQUEST) {
		msg_get_str(&m, kind, sizeof kind);
		printf("REFUSED %s\n", kind);
	} else {
		printf("UNEXPECTED %s\n", msg_name(m.type));
	}
}

/* --- Supervisor -------------------------------------------------------------- */

static void on_supervisor(struct peer *peer)
{
	char why[512];
	struct err err;

	if (msg_receive(peer->supervisor, &m, &err) != 1) {
		gone(peer);
	} else if (m.type == MSG_FAILED) {
		msg_get_str(&m, why, sizeof why);
		printf("FAILED %s\n", why);
	} else {
		printf("%s\n", msg_name(m.type));
	}
}

static void on_listener(void)
{
	char source[128];
	struct err err;

	if (msg_receive(listener, &m, &err) != 1)
		exit(1);
	msg_get_str(&m, source, sizeof source);
	msg_get_u32(&m);
	int client = msg_get_fd(&m);
	if (m.type == MSG_ACCEPTED && msg_done(&m))
		new_conn(client, source);
}

/* --- What serves a channel ------------------------------------------------------ */

static void end_wire(struct wire *wire)
{
	own_close(&wire->fd);
	wire->act = NOTHING;
}

static void answer(struct wire *wire, enum channel_kind kind, const void *bytes,
		   size_t len)
{
	int done = channel_send(wire->fd, kind, bytes, len);

	if (done == 0 && bytes != wire->held.body) {
		wire->held.kind = kind;
		wire->held.len = len;
		memcpy(wire->held.body, bytes, len);
	}
	wire->waiting = done == 0;
	if (done < 0)
		end_wire(wire);
}

static void on_eof(struct wire *wire)
{
	char text[64];

	printf("EOF\n");
	if (wire->act == COUNT) {
		snprintf(text, sizeof text, "%llu\n",
			 (unsigned long long)wire->bytes);
		channel_send(wire->fd, CHANNEL_DATA, text, strlen(text));
	}
	if (wire->act != SEND) {
		channel_send(wire->fd, CHANNEL_EOF, "", 0);
		channel_send_u32(wire->fd, CHANNEL_EXIT, 0);
	}
}

static void on_packet(struct wire *wire, const struct channel_packet *packet)
{
	char text[128];
	uint32_t cols, rows;

	switch ((int)packet->kind) {
	case CHANNEL_DATA:
		wire->bytes += packet->len;
		if (wire->act == ECHO)
			answer(wire, CHANNEL_DATA, packet->body, packet->len);
		return;
	case CHANNEL_RESIZE:
		if (channel_read_resize(packet, &cols, &rows) < 0)
			exit(1);
		printf("RESIZE %ux%u\n", cols, rows);
		return;
	case CHANNEL_SIGNAL:
		snprintf(text, sizeof text, "%.*s", (int)packet->len,
			 (const char *)packet->body);
		printf("SIGNAL %s\n", text);
		return;
	case CHANNEL_EOF:
		on_eof(wire);
		return;
	case CHANNEL_DEAF:
		printf("DEAF\n");
		return;
	default:
		printf("UNEXPECTED packet %d\n", (int)packet->kind);
	}
}

static void on_wire(struct wire *wire, short events)
{
	static struct channel_packet packet;
	static const uint8_t zeros[64 * 1024];

	if (wire->waiting) {
		answer(wire, wire->held.kind, wire->held.body, wire->held.len);
		return;
	}
	if (wire->act == SEND && events & POLLOUT) {
		int sent = channel_send(wire->fd, CHANNEL_DATA, zeros,
					sizeof zeros);
		if (sent > 0)
			wire->bytes -= sizeof zeros;
		if (wire->bytes == 0) {
			wire->act = ECHO;
			channel_send_u32(wire->fd, CHANNEL_EXIT, 0);
		}
	}
	int got = channel_receive(wire->fd, &packet);
	if (got < 0) {
		printf("WIRE GONE\n");
		end_wire(wire);
	} else if (got > 0) {
		on_packet(wire, &packet);
	}
}

static short wire_events(const struct wire *wire)
{
	if (wire->waiting)
		return POLLOUT;
	return wire->act == SEND ? POLLIN | POLLOUT : POLLIN;
}

static void serve(void)
{
	struct pollfd at[1 + 2 * CONNS + WIRES] = {
		{ .fd = listener, .events = POLLIN },
	};

	for (size_t i = 0; i < CONNS; i++) {
		int there = peers[i].pid != 0;

		at[1 + 2 * i].fd = there ? peers[i].supervisor : -1;
		at[2 + 2 * i].fd = there ? peers[i].policy : -1;
		at[1 + 2 * i].events = at[2 + 2 * i].events = POLLIN;
	}
	for (size_t i = 0; i < WIRES; i++) {
		int there = wires[i].act != NOTHING;

		at[1 + 2 * CONNS + i].fd = there ? wires[i].fd : -1;
		at[1 + 2 * CONNS + i].events = wire_events(&wires[i]);
	}
	poll(at, ARRAY_LEN(at), -1);
	for (size_t i = 0; i < WIRES; i++)
		if (at[1 + 2 * CONNS + i].revents)
			on_wire(&wires[i], at[1 + 2 * CONNS + i].revents);
	for (size_t i = 0; i < CONNS; i++) {
		if (at[2 + 2 * i].revents)
			on_policy(&peers[i]);
		if (at[1 + 2 * i].revents)
			on_supervisor(&peers[i]);
	}
	if (at[0].revents)
		on_listener();
}

/* The blob in the second word of an OpenSSH public key line. */
static void read_allowed(const char *path)
{
	char line[4096] = "";
	FILE *file = fopen(path, "re");

	if (!file || !fgets(line, sizeof line, file))
		exit(1);
	fclose(file);
	strtok(line, " ");
	const char *word = strtok(NULL, " \n");
	size_t len = strlen(word);
	int got =
		EVP_DecodeBlock(allowed, (const unsigned char *)word, (int)len);
	check(got, path);
	allowed_len = (size_t)got;
	while (len > 0 && word[--len] == '=')
		allowed_len--;
}

static int listening(int port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int sock = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	check(setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on),
	      "setsockopt");
	check(bind(sock, (struct sockaddr *)&at, sizeof at), "bind");
	check(listen(sock, 64), "listen");
	return sock;
}

int main(int argc, char **argv)
{
	pid_t pid;

	if (argc != 8)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGPIPE, SIG_IGN);
	bin = argv[1];
	empty = argv[3];
	read_allowed(argv[4]);
	keys = start("sekisho-keys", &pid);
	start_message(argv[2], UID);
	must_send(keys);
	wait_ready(keys, "keys");
	listener = start("sekisho-listen", &pid);
	start_message(empty, UID);
	must_send(listener);
	wait_ready(listener, "listen");
	msg_start(&m, MSG_LISTEN, 0);
	msg_put_u32(&m, (uint32_t)atoi(argv[6]));
	msg_put_u32(&m, (uint32_t)atoi(argv[7]));
	msg_put_fd(&m, listening(atoi(argv[5])));
	must_send(listener);
	printf("LISTENING\n");
	for (;;)
		serve();
}
