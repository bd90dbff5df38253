#include "gateway/base/channel.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

int channel_send(int wire, enum channel_kind kind, const void *body, size_t len)
{
	uint8_t head = (uint8_t)kind;
	struct iovec parts[] = {
		{ &head, 1 },
		{ (void *)(uintptr_t)body, len },
	};
	struct msghdr packet = { .msg_iov = parts, .msg_iovlen = 2 };
	ssize_t n;

	if (len > CHANNEL_MAX)
		return -1;
	do
		n = sendmsg(wire, &packet, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? 0 : -1;
	return 1;
}

int channel_receive(int wire, struct channel_packet *packet)
{
	uint8_t head = 0;
	struct iovec parts[] = {
		{ &head, 1 },
		{ packet->body, sizeof packet->body },
	};
	struct msghdr in = { .msg_iov = parts, .msg_iovlen = 2 };
	ssize_t n;

	/* A peer that closed with packets unread makes one ECONNRESET come
	 * before what it sent; what it sent still counts. */
	do
		n = recvmsg(wire, &in, MSG_DONTWAIT);
	while (n < 0 && (errno == EINTR || errno == ECONNRESET));
	if (n < 0)
		return errno == EAGAIN ? 0 : -1;
	if (n == 0 || in.msg_flags & (MSG_TRUNC | MSG_CTRUNC) ||
	    head == CHANNEL_NONE || head >= CHANNEL_KINDS)
		return -1;
	packet->kind = (enum channel_kind)head;
	packet->len = (size_t)n - 1;
	return 1;
}

static void put_u32(uint8_t out[4], uint32_t value)
{
	for (int i = 0; i < 4; i++)
		out[i] = (uint8_t)(value >> (8 * i));
}

static uint32_t get_u32(const uint8_t in[4])
{
	return (uint32_t)in[0] | (uint32_t)in[1] << 8 | (uint32_t)in[2] << 16 |
	       (uint32_t)in[3] << 24;
}

int channel_send_u32(int wire, enum channel_kind kind, uint32_t value)
{
	uint8_t body[4];

	put_u32(body, value);
	return channel_send(wire, kind, body, sizeof body);
}

int channel_send_resize(int wire, uint32_t cols, uint32_t rows)
{
	uint8_t body[8];

	put_u32(body, cols);
	put_u32(body + 4, rows);
	return channel_send(wire, CHANNEL_RESIZE, body, sizeof body);
}

int channel_read_u32(const struct channel_packet *packet, uint32_t *value)
{
	if (packet->len != 4)
		return -1;
	*value = get_u32(packet->body);
	return 0;
}

int channel_read_resize(const struct channel_packet *packet, uint32_t *cols,
			uint32_t *rows)
{
	if (packet->len != 8)
		return -1;
	*cols = get_u32(packet->body);
	*rows = get_u32(packet->body + 4);
	return 0;
}
