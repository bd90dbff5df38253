/*
 * wire - a FILE over a channel wire.
 *
 * Runs in sekisho-desk. The person's client may stop reading for ever; then
 * it loses its desk, and only its own.
 */
#include "gateway/desk/wire.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { PACKET = 16 * 1024, PATIENCE_MS = 60000 };

struct writer {
	int wire;
	enum channel_kind kind;
	bool tty;
};

int wire_send(int wire, enum channel_kind kind, const void *body, size_t len)
{
	for (;;) {
		struct pollfd wait = { .fd = wire, .events = POLLOUT };
		int sent = channel_send(wire, kind, body, len);

		if (sent != 0)
			return sent > 0 ? 0 : -1;
		int n = poll(&wait, 1, PATIENCE_MS);
		if (n == 0 || (n < 0 && errno != EINTR))
			return -1;
	}
}

static ssize_t write_some(void *cookie, const char *bytes, size_t len)
{
	const struct writer *writer = cookie;
	char packet[PACKET + 1];
	size_t used = 0;

	for (size_t i = 0; i < len; i++) {
		if (writer->tty && bytes[i] == '\n')
			packet[used++] = '\r';
		packet[used++] = bytes[i];
		if (used < PACKET && i + 1 < len)
			continue;
		if (wire_send(writer->wire, writer->kind, packet, used) < 0)
			return 0;
		used = 0;
	}
	return (ssize_t)len;
}

static int close_writer(void *cookie)
{
	free(cookie);
	return 0;
}

FILE *wire_open(int wire, enum channel_kind kind, bool tty)
{
	cookie_io_functions_t functions = { .write = write_some,
					    .close = close_writer };
	struct writer *writer = malloc(sizeof *writer);

	if (!writer)
		return NULL;
	*writer = (struct writer){ wire, kind, tty };
	FILE *file = fopencookie(writer, "w", functions);
	if (!file)
		free(writer);
	return file;
}

void wire_exit(int wire, uint8_t status)
{
	while (channel_send_u32(wire, CHANNEL_EXIT, status) == 0) {
		struct pollfd wait = { .fd = wire, .events = POLLOUT };

		if (poll(&wait, 1, PATIENCE_MS) <= 0)
			return;
	}
}
