/*
 * sekisho-files - one person's file transfer channel.
 *
 * Started by sekishod for each sftp channel, under a uid of a lease, in an
 * empty root: what it holds is one end of the channel wire, the folders of
 * the person's view as descriptors, and a link to audit. Distrusts the
 * client, whose packets it reads, and the names it finds in the folders.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "gateway/base/channel.h"
#include "gateway/base/own.h"
#include "gateway/base/process.h"
#include "gateway/files/server.h"

enum { CHUNK = 64 * 1024, EXIT_MS = 2000 };

enum { AT_LINK, AT_AUDIT, AT_VAULT, AT_WIRE, POLLED };

/* One client: bytes that came, not yet a whole packet. */
struct client {
	int wire;
	struct channel_packet packet; /* from at on not yet looked at */
	size_t at;
	size_t used;
	uint8_t bytes[4 + SFTP_PACKET];
	bool eof;  /* the client has nothing more to say */
	bool gone; /* nor wants to hear anything */
	bool bad;  /* it broke the rules */
};

static void get_id(struct msg *m, char out[ID_SIZE])
{
	msg_get_str(m, out, ID_SIZE);
	if (out[0] == '\0')
		memcpy(out, "-", 2);
}

static int read_start(struct server *s, struct client *client, struct msg *m)
{
	char person[ID_SIZE], role[ID_SIZE];

	msg_get_str(m, person, sizeof person);
	get_id(m, s->trail.actor);
	msg_get_str(m, role, sizeof role);
	get_id(m, s->trail.permit);
	msg_get_str(m, s->lang, sizeof s->lang);
	s->trail.auditor = strcmp(role, "auditor") == 0;
	client->wire = msg_get_fd(m);
	s->view.n = msg_get_u32(m);
	if (s->view.n > VIEW_TOPS)
		return -1;
	for (unsigned int i = 0; i < s->view.n; i++) {
		struct view_top *top = &s->view.tops[i];

		msg_get_str(m, top->name, sizeof top->name);
		top->writable = msg_get_u8(m) == 1;
		top->folder = msg_get_fd(m);
		if (!view_top_valid(top->name))
			return -1;
	}
	return msg_done(m) ? 0 : -1;
}

static int wait_link(struct server *s, struct msg *m, struct err *err)
{
	int got = msg_receive(PROCESS_LINK, m, err);

	if (got <= 0)
		return got < 0 ? -1 : err_set(err, "sekishod is gone");
	s->trail.link = msg_get_fd(m);
	if (m->type != MSG_LINK_AUDIT || !msg_done(m))
		return err_set(err, "expected LINK_AUDIT, got %s",
			       msg_name(m->type));
	return 0;
}

/* Copy from the channel's packet until bytes holds want. False: not yet. */
static bool gather(struct client *client, size_t want)
{
	size_t n = client->packet.len - client->at;

	if (n > want - client->used)
		n = want - client->used;
	memcpy(client->bytes + client->used, client->packet.body + client->at,
	       n);
	client->used += n;
	client->at += n;
	return client->used == want;
}

/* Handle the requests that have come, as far as there is room for answers.
 * 0, or -1 and s->err. */
static int serve_requests(struct server *s, struct client *client)
{
	while (sftp_room(&s->out) && client->at < client->packet.len) {
		if (client->used < 4 && !gather(client, 4))
			return 0;
		struct sftp_in head = { client->bytes, 4, false };
		size_t len = sftp_get_u32(&head);

		if (len == 0 || len > SFTP_PACKET) {
			client->bad = true;
			return 0;
		}
		if (!gather(client, 4 + len))
			return 0;
		client->used = 0;
		switch ((int)server_packet(s, client->bytes + 4, len)) {
		case OUTCOME_BROKEN:
			return -1;
		case OUTCOME_MALFORMED:
			client->bad = true;
			return 0;
		default:
			break;
		}
	}
	return 0;
}

static void receive(struct client *client)
{
	int got = channel_receive(client->wire, &client->packet);

	if (got > 0 && client->packet.kind == CHANNEL_DATA && !client->eof) {
		client->at = 0;
		return;
	}
	bool data = got > 0 && client->packet.kind == CHANNEL_DATA;
	client->at = client->packet.len = 0;
	if (got < 0)
		client->gone = true;
	else if (got > 0 && client->packet.kind == CHANNEL_EOF)
		client->eof = true;
	else if (got > 0 && (data || client->packet.kind == CHANNEL_EXIT ||
			     client->packet.kind == CHANNEL_STDERR))
		client->bad = true;
}

static void flush(struct server *s, struct client *client)
{
	struct sftp_out *out = &s->out;

	while (out->start < out->end) {
		size_t n = out->end - out->start;

		n = n > CHUNK ? CHUNK : n;
		int sent = channel_send(client->wire, CHANNEL_DATA,
					out->bytes + out->start, n);
		if (sent < 0)
			client->gone = true;
		if (sent <= 0)
			return;
		out->start += n;
	}
	out->start = out->end = 0;
}

/* 1: go on; 0: the supervisor wants an end; -1. */
static int on_link(struct server *s, struct msg *m, struct err *err)
{
	int got = msg_receive(PROCESS_LINK, m, err);

	if (got <= 0)
		return got < 0 ? -1 : err_set(err, "sekishod is gone");
	if (m->type == MSG_LINK_VAULT) {
		AUTO_FD int fd = msg_get_fd(m);

		if (!msg_done(m))
			return err_set(err, "malformed LINK_VAULT");
		vault_client_link(&s->vault, take_fd(&fd));
		return 1;
	}
	bool stop = m->type == MSG_STOP && msg_done(m);
	msg_clear(m);
	return stop ? 0
		    : err_set(err, "unexpected %s from sekishod",
			      msg_name(m->type));
}

/* Has the client ended, and heard all it will hear? */
static bool over(const struct server *s, const struct client *client)
{
	bool idle = client->at == client->packet.len;

	return client->gone || client->bad ||
	       (client->eof && idle && s->out.start == s->out.end);
}

static int serve(struct server *s, struct client *client, struct msg *m)
{
	struct pollfd p[POLLED] = {
		[AT_LINK] = { .fd = PROCESS_LINK, .events = POLLIN },
		[AT_AUDIT] = { .fd = s->trail.link, .events = POLLIN },
		[AT_WIRE] = { .fd = client->wire },
	};

	while (!over(s, client)) {
		bool idle = client->at == client->packet.len;

		p[AT_WIRE].events =
			(short)((idle && !client->eof ? POLLIN : 0) |
				(s->out.start < s->out.end ? POLLOUT : 0));
		p[AT_VAULT].fd = s->vault.link;
		p[AT_VAULT].events = vault_client_events(&s->vault);
		/* A request may wait for room that has come since. */
		bool more = !idle && s->out.start == s->out.end;
		if (poll(p, POLLED, more ? 0 : -1) < 0) {
			if (errno == EINTR)
				continue;
			return err_sys(&s->err, "poll");
		}
		/* Between records audit has nothing to say but good-bye. */
		if (p[AT_AUDIT].revents)
			return err_set(&s->err, "audit is gone");
		if (p[AT_LINK].revents) {
			int go_on = on_link(s, m, &s->err);

			if (go_on <= 0)
				return go_on;
		}
		if (p[AT_VAULT].revents)
			vault_client_serve(&s->vault);
		if (p[AT_WIRE].revents & POLLIN)
			receive(client);
		else if (p[AT_WIRE].revents & (POLLHUP | POLLERR))
			client->gone = true;
		if (serve_requests(s, client) < 0)
			return -1;
		flush(s, client);
	}
	return 0;
}

static void send_exit(const struct client *client)
{
	struct pollfd room = { .fd = client->wire, .events = POLLOUT };

	for (int tries = 0; tries < 20; tries++) {
		if (channel_send_u32(client->wire, CHANNEL_EXIT,
				     client->bad ? 1 : 0) != 0)
			return;
		poll(&room, 1, EXIT_MS / 20);
	}
}

static void prepare_uploads(const struct view *view)
{
	for (unsigned int i = 0; i < view->n; i++)
		if (view->tops[i].writable)
			upload_sweep(&view->tops[i]);
}

int main(void)
{
	static struct server server;
	static struct client client;
	static struct msg m;
	struct process process;
	struct err err;

	if (process_start(&process, &m, &err) < 0)
		process_fail(&err);
	if (read_start(&server, &client, &m) < 0) {
		err_set(&err, "malformed START");
		process_fail(&err);
	}
	tzset(); /* reads the time zone's file, for gmtime_r() */
	umask(0007);
	if (server_init(&server, &err) < 0 ||
	    wait_link(&server, &m, &err) < 0 ||
	    process_confine(&process, &err) < 0 || process_ready(&err) < 0)
		process_fail(&err);
	prepare_uploads(&server.view);
	if (files_trail_open(&server.trail, &server.view, &server.err) < 0 ||
	    serve(&server, &client, &m) < 0 || server_end(&server) < 0)
		process_fail(&server.err);
	send_exit(&client);
	return 0;
}
