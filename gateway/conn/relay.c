/*
 * relay - move bytes, at the pace of the slower side.
 *
 * Runs in sekisho-conn. Neither the client nor what serves the channel is
 * trusted to read or to stop. libssh's buffer is read in whole and only when
 * the queue is empty: reading piece by piece would open the window again.
 */
#include "gateway/conn/relay.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/conn/request.h"

enum {
	PIECE = 64 * 1024,	/* to the wire: two fit into its buffer */
	WRITE_MAX = 256 * 1024, /* to the client at once */
	STATUS_LOST = 255,	/* what served the channel vanished */
};

/* Bytes arrived. They stay in libssh's buffer until relay_step takes them. */
static int on_data(ssh_session session, ssh_channel channel, void *data,
		   uint32_t len, int is_stderr, void *userdata)
{
	struct relay *relay = userdata;

	(void)session;
	(void)channel;
	(void)data;
	if (is_stderr || len > RELAY_BUFFERED_MAX)
		relay->conn->ending = true;
	if (is_stderr || relay->over || !relay->asked)
		return (int)len; /* nobody is there to read them */
	relay->readable = len;
	return 0;
}

static void on_eof(ssh_session session, ssh_channel channel, void *userdata)
{
	struct relay *relay = userdata;

	(void)session;
	(void)channel;
	relay->eof_seen = true;
}

static void on_close(ssh_session session, ssh_channel channel, void *userdata)
{
	struct relay *relay = userdata;

	(void)session;
	(void)channel;
	relay->eof_seen = true;
	relay->closed = true;
}

struct relay *relay_new(struct conn *conn)
{
	struct relay *relay = calloc(1, sizeof *relay);

	if (!relay)
		return NULL;
	relay->wire = -1;
	relay->conn = conn;
	relay->number = conn->next_channel;
	relay->channel = ssh_channel_new(conn->session);
	relay->callbacks.userdata = relay;
	relay->callbacks.channel_data_function = on_data;
	relay->callbacks.channel_eof_function = on_eof;
	relay->callbacks.channel_close_function = on_close;
	request_callbacks(&relay->callbacks);
	ssh_callbacks_init(&relay->callbacks);
	if (!relay->channel ||
	    ssh_set_channel_callbacks(relay->channel, &relay->callbacks)) {
		relay_free(relay);
		return NULL;
	}
	conn->next_channel++;
	return relay;
}

void relay_free(struct relay *relay)
{
	if (!relay)
		return;
	own_close(&relay->wire);
	if (relay->channel) {
		ssh_remove_channel_callbacks(relay->channel, &relay->callbacks);
		ssh_channel_free(relay->channel);
	}
	free(relay->queue);
	free(relay);
}

void relay_begin(struct relay *relay, int wire)
{
	own_close(&relay->wire);
	relay->wire = wire;
}

/* Write with the line ends that a raw terminal needs. */
void relay_say(struct relay *relay, const char *text)
{
	const char *end = relay->tty ? "\r\n" : "\n";

	if (relay->over || relay->closed)
		return;
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");

		ssh_channel_write_stderr(relay->channel, text, (uint32_t)len);
		ssh_channel_write_stderr(relay->channel, end,
					 (uint32_t)strlen(end));
		text += len + (text[len] == '\n');
	}
}

void relay_finish(struct relay *relay, uint32_t status)
{
	if (relay->over)
		return;
	relay->over = true;
	relay->held = false;
	own_close(&relay->wire);
	if (relay->closed)
		return;
	ssh_channel_request_send_exit_status(relay->channel, (int)status);
	ssh_channel_send_eof(relay->channel);
	ssh_channel_close(relay->channel);
}

void relay_refuse(struct relay *relay, uint8_t status, const char *text)
{
	relay_say(relay, text);
	relay_finish(relay, status);
}

bool relay_done(const struct relay *relay)
{
	return relay->closed &&
	       (relay->over || relay->wire < 0 || relay->eof_passed);
}

/* Take all that libssh holds. False if there was nothing. */
static bool fill_queue(struct relay *relay)
{
	uint32_t want = relay->readable;

	if (want == 0)
		return false;
	free(relay->queue);
	relay->queue = malloc(want);
	if (!relay->queue) {
		relay->conn->ending = true;
		return false;
	}
	int got = ssh_channel_read_nonblocking(relay->channel, relay->queue,
					       want, 0);
	relay->readable = 0;
	relay->queue_len = got > 0 ? (size_t)got : 0;
	relay->queue_at = 0;
	return relay->queue_len > 0;
}

/* Send the queue in pieces. True: it is empty now. */
static bool drain_queue(struct relay *relay)
{
	while (relay->queue_at < relay->queue_len) {
		size_t len = relay->queue_len - relay->queue_at;

		if (len > PIECE)
			len = PIECE;
		int sent = channel_send(relay->wire, CHANNEL_DATA,
					relay->queue + relay->queue_at, len);
		if (sent == 0)
			return false;
		if (sent < 0) /* it may still have an exit status for us */
			break;
		relay->queue_at += len;
	}
	free(relay->queue);
	relay->queue = NULL;
	relay->queue_len = relay->queue_at = 0;
	return true;
}

static void from_client(struct relay *relay)
{
	if (relay->resized &&
	    channel_send_resize(relay->wire, relay->cols, relay->rows) != 0)
		relay->resized = false;
	do
		if (!drain_queue(relay))
			return;
	while (fill_queue(relay));
	if (relay->deaf_seen && !relay->deaf_passed &&
	    channel_send(relay->wire, CHANNEL_DEAF, "", 0) != 0)
		relay->deaf_passed = true;
	if (relay->eof_seen && !relay->eof_passed &&
	    channel_send(relay->wire, CHANNEL_EOF, "", 0) != 0)
		relay->eof_passed = true;
}

/* Write what the client's window and its socket take. True: all of it. */
static bool write_packet(struct relay *relay)
{
	const struct channel_packet *packet = &relay->packet;

	while (relay->packet_at < packet->len) {
		uint32_t len = (uint32_t)(packet->len - relay->packet_at);
		uint32_t window = ssh_channel_window_size(relay->channel);
		const uint8_t *from = packet->body + relay->packet_at;

		if (window == 0 ||
		    ssh_get_status(relay->conn->session) & SSH_WRITE_PENDING)
			return false;
		len = len > window ? window : len;
		len = len > WRITE_MAX ? WRITE_MAX : len;
		int n = packet->kind == CHANNEL_STDERR
				? ssh_channel_write_stderr(relay->channel, from,
							   len)
				: ssh_channel_write(relay->channel, from, len);
		if (n <= 0)
			return n < 0; /* closed: nobody wants the rest */
		relay->packet_at += (size_t)n;
	}
	return true;
}

/* Deal with the packet that is held. False: it must wait. */
static bool pass_packet(struct relay *relay)
{
	uint32_t status = STATUS_LOST;

	switch (relay->packet.kind) {
	case CHANNEL_DATA:
	case CHANNEL_STDERR:
		return write_packet(relay);
	case CHANNEL_EOF:
		ssh_channel_send_eof(relay->channel);
		return true;
	case CHANNEL_EXIT:
		channel_read_u32(&relay->packet, &status);
		relay_finish(relay, status & 0xff);
		return true;
	case CHANNEL_NONE:
	case CHANNEL_RESIZE:
	case CHANNEL_SIGNAL:
	case CHANNEL_DEAF:
	case CHANNEL_KINDS:
		break;
	}
	relay_finish(relay, STATUS_LOST);
	return true;
}

static void to_client(struct relay *relay)
{
	/* A few packets, then the other channels have their turn. */
	for (int i = 0; i < 8 && !relay->over; i++) {
		if (!relay->held) {
			int got = channel_receive(relay->wire, &relay->packet);
			if (got == 0)
				return;
			if (got < 0) {
				relay_finish(relay, STATUS_LOST);
				return;
			}
			relay->held = true;
			relay->packet_at = 0;
		}
		if (!pass_packet(relay))
			return;
		relay->held = false;
	}
}

void relay_step(struct relay *relay)
{
	if (relay->wire < 0 || relay->over)
		return;
	from_client(relay);
	to_client(relay);
}

struct pollfd relay_poll(const struct relay *relay)
{
	struct pollfd wait = { .fd = relay->over ? -1 : relay->wire };

	if (!relay->held)
		wait.events |= POLLIN;
	if (relay->queue_at < relay->queue_len || relay->resized ||
	    (relay->deaf_seen && !relay->deaf_passed) ||
	    (relay->eof_seen && !relay->eof_passed))
		wait.events |= POLLOUT;
	return wait;
}
