#include "sandbox/record_relay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "gateway/base/own.h"

enum { CONTROL_D = 4, SIZE_MAX_CELLS = 1000 };

static int unblock(int fd, struct err *err)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return err_sys(err, "make a descriptor non-blocking");
	return 0;
}

int relay_init(struct relay *relay, struct recording *recording,
	       struct err *err)
{
	struct winsize size;

	relay->recording = recording;
	if (unblock(relay->in, err) < 0)
		return -1;
	for (int i = 0; i < RELAY_SOURCES; i++)
		if (relay->from[i] >= 0 && unblock(relay->from[i], err) < 0)
			return -1;
	if (relay->tty && ioctl(relay->from[0], TIOCGWINSZ, &size) == 0 &&
	    size.ws_col > 0 && size.ws_row > 0)
		return recording_resize(recording, size.ws_col, size.ws_row,
					err);
	return 0;
}

void relay_hang_up(struct relay *relay)
{
	own_close(&relay->in);
	for (int i = 0; i < RELAY_SOURCES; i++)
		own_close(&relay->from[i]);
}

/* The first bytes of either way open the piece that will hold them. */
static int record(struct relay *relay, enum recording_way way,
		  const uint8_t *bytes, size_t len, struct err *err)
{
	if (recording_open(relay->recording, err) < 0)
		return -1;
	relay->bytes[way] += len;
	return recording_bytes(relay->recording, way, bytes, len, err);
}

static enum relay_end on_data(struct relay *relay, struct err *err)
{
	const struct channel_packet *p = &relay->packet;

	if (relay->eof)
		return RELAY_GONE;
	if (p->len == 0 || relay->in < 0)
		return RELAY_MOVED;
	if (record(relay, WAY_IN, p->body, p->len, err) < 0)
		return RELAY_FAILED;
	relay->at = 0;
	relay->waiting = true;
	return RELAY_MOVED;
}

static enum relay_end on_eof(struct relay *relay, struct err *err)
{
	if (relay->packet.len != 0)
		return RELAY_GONE;
	if (relay->eof)
		return RELAY_MOVED;
	if (relay->tty) {
		relay->packet.body[0] = CONTROL_D;
		relay->packet.len = 1;
		enum relay_end end = on_data(relay, err);
		relay->eof = true;
		return end;
	}
	relay->eof = true;
	own_close(&relay->in);
	return RELAY_MOVED;
}

static enum relay_end on_resize(struct relay *relay, struct err *err)
{
	uint32_t cols, rows;

	if (channel_read_resize(&relay->packet, &cols, &rows) < 0)
		return RELAY_GONE;
	if (!relay->tty || relay->from[0] < 0 || cols == 0 || rows == 0)
		return RELAY_MOVED;
	cols = cols > SIZE_MAX_CELLS ? SIZE_MAX_CELLS : cols;
	rows = rows > SIZE_MAX_CELLS ? SIZE_MAX_CELLS : rows;
	if (recording_resize(relay->recording, cols, rows, err) < 0)
		return RELAY_FAILED;
	struct winsize size = { .ws_col = (unsigned short)cols,
				.ws_row = (unsigned short)rows };
	ioctl(relay->from[0], TIOCSWINSZ, &size);
	return RELAY_MOVED;
}

/* As sshd does: a program that goes on writing gets SIGPIPE. Its errors may
 * still be read. A terminal that nobody looks at hangs up. */
static enum relay_end on_deaf(struct relay *relay)
{
	if (relay->packet.len != 0)
		return RELAY_GONE;
	if (relay->tty)
		relay_hang_up(relay);
	else
		own_close(&relay->from[0]);
	return RELAY_MOVED;
}

enum relay_end relay_receive(struct relay *relay, struct err *err)
{
	int got = channel_receive(relay->wire, &relay->packet);

	if (got <= 0)
		return got < 0 ? RELAY_GONE : RELAY_IDLE;
	switch (relay->packet.kind) {
	case CHANNEL_DATA:
		return on_data(relay, err);
	case CHANNEL_EOF:
		return on_eof(relay, err);
	case CHANNEL_RESIZE:
		return on_resize(relay, err);
	case CHANNEL_DEAF:
		return on_deaf(relay);
	case CHANNEL_SIGNAL: /* the supervisor's and init's business */
		return RELAY_MOVED;
	case CHANNEL_NONE:
	case CHANNEL_STDERR:
	case CHANNEL_EXIT:
	case CHANNEL_KINDS:
		break;
	}
	return RELAY_GONE;
}

void relay_write(struct relay *relay)
{
	const struct channel_packet *p = &relay->packet;

	while (relay->waiting && relay->in >= 0) {
		ssize_t n = write(relay->in, p->body + relay->at,
				  p->len - relay->at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0) { /* nobody will ever read it */
			own_close(&relay->in);
			break;
		}
		relay->at += (size_t)n;
		if (relay->at == p->len)
			relay->waiting = false;
	}
	if (relay->in < 0)
		relay->waiting = false;
}

enum relay_end relay_flush(struct relay *relay)
{
	int sent;

	if (relay->len == 0)
		return RELAY_IDLE;
	sent = channel_send(relay->wire, relay->kind, relay->body, relay->len);
	if (sent < 0)
		return RELAY_GONE;
	if (sent == 0)
		return RELAY_IDLE;
	relay->len = 0;
	return RELAY_MOVED;
}

enum relay_end relay_read(struct relay *relay, int source, struct err *err)
{
	int *from = &relay->from[source];
	ssize_t n;

	do
		n = read(*from, relay->body, sizeof relay->body);
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN)
		return RELAY_IDLE;
	/* A master says EIO while no slave is open. */
	relay->hung = n < 0 && relay->tty && errno == EIO;
	if (relay->hung)
		return RELAY_IDLE;
	if (n <= 0) {
		own_close(from);
		return RELAY_IDLE;
	}
	if (record(relay, WAY_OUT, relay->body, (size_t)n, err) < 0)
		return RELAY_FAILED;
	relay->kind = source == 0 ? CHANNEL_DATA : CHANNEL_STDERR;
	relay->len = (size_t)n;
	return relay_flush(relay) == RELAY_GONE ? RELAY_GONE : RELAY_MOVED;
}
