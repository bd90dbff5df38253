/*
 * typing - packets of a channel wire as characters.
 *
 * Runs in sekisho-desk. Distrusts the client: any bytes, at any pace, a
 * character cut into packets.
 */
#include "gateway/desk/typing.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/base/process.h"
#include "gateway/base/visible.h"
#include "gateway/desk/link.h"

enum { COLS_MOST = 500, ROWS_MOST = 500, INTERRUPT = 3 };

void typing_begin(struct typing *typing, struct desk *desk)
{
	typing->desk = desk;
	typing->packet.len = typing->at = 0;
	typing->gone = typing->resized = false;
}

static uint32_t at_most(uint32_t value, uint32_t most)
{
	return value > most ? most : value;
}

static void take_packet(struct typing *typing)
{
	struct channel_packet *packet = &typing->packet;
	enum channel_kind kind = packet->kind;
	uint32_t cols, rows;

	typing->at = 0;
	if (kind == CHANNEL_DATA)
		return;
	if (kind == CHANNEL_RESIZE &&
	    channel_read_resize(packet, &cols, &rows) == 0) {
		typing->desk->cols = at_most(cols, COLS_MOST);
		typing->desk->rows = at_most(rows, ROWS_MOST);
		typing->resized = true;
	}
	if (kind == CHANNEL_SIGNAL && packet->len == 3 &&
	    memcmp(packet->body, "INT", 3) == 0) {
		packet->body[0] = INTERRUPT;
		packet->len = 1;
		return;
	}
	if (kind == CHANNEL_EOF)
		typing->gone = true;
	packet->len = 0;
}

/* Wait until the wire has something, or an end has come. */
static void wait_packet(struct typing *typing)
{
	struct desk *desk = typing->desk;
	struct pollfd fds[] = {
		{ .fd = desk->serving, .events = POLLIN },
		{ .fd = PROCESS_LINK, .events = POLLIN },
		{ .fd = desk->audit, .events = POLLIN },
		{ .fd = desk->policy, .events = 0 },
	};

	if (poll(fds, ARRAY_LEN(fds), -1) < 0) {
		typing->gone = errno != EINTR;
		return;
	}
	if (fds[1].revents)
		link_hear(desk);
	if (desk->leaving || fds[2].revents || fds[3].revents)
		typing->gone = true;
	if (typing->gone || !fds[0].revents)
		return;
	int got = channel_receive(desk->serving, &typing->packet);
	if (got < 0)
		typing->gone = true;
	else if (got > 0)
		take_packet(typing);
}

/* first: the byte begins a character, so that a resize may come before. */
static int next_byte(struct typing *typing, bool first, unsigned char *byte)
{
	while (typing->at == typing->packet.len) {
		typing->at = typing->packet.len = 0;
		if (typing->gone)
			return -1;
		if (first && typing->resized)
			return 0;
		wait_packet(typing);
	}
	*byte = typing->packet.body[typing->at++];
	return 1;
}

static size_t announced(unsigned char first)
{
	return first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

int typing_next(struct typing *typing, wchar_t *c)
{
	unsigned char bytes[4];
	unsigned int code;
	int got = next_byte(typing, true, &bytes[0]);

	if (got <= 0)
		return got;
	size_t n = announced(bytes[0]);
	for (size_t i = 1; i < n; i++)
		if (next_byte(typing, false, &bytes[i]) < 0)
			return -1;
	*c = utf8_decode(bytes, n, &code) == n ? (wchar_t)code : 0xfffd;
	return 1;
}
