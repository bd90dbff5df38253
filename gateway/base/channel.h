/*
 * channel - the wire between a connection and what serves one of its channels.
 *
 * One descriptor per channel, SOCK_SEQPACKET: the first byte says what the
 * packet is, the rest is its body. The same wire carries a raw terminal today
 * and a rendered one tomorrow, and outlives a connection when somebody else
 * takes the client's end.
 */
#ifndef GATEWAY_BASE_CHANNEL_H
#define GATEWAY_BASE_CHANNEL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum channel_kind {
	CHANNEL_NONE = 0,
	CHANNEL_DATA,	/* bytes, either way */
	CHANNEL_STDERR, /* bytes, to the client */
	CHANNEL_EOF,	/* no more data from this side; empty */
	CHANNEL_RESIZE, /* from the client: u32 cols, u32 rows */
	CHANNEL_SIGNAL, /* from the client: name as in RFC 4254 6.10 */
	CHANNEL_EXIT,	/* to the client, last: u32 status 0..255 */
	CHANNEL_DEAF,	/* from the client: it reads no more; empty */
	CHANNEL_KINDS
};

enum { CHANNEL_MAX = 128 * 1024 }; /* body bytes in one packet */

struct channel_packet {
	enum channel_kind kind;
	size_t len;
	uint8_t body[CHANNEL_MAX];
};

/*
 * Send one packet without waiting. 1: sent; 0: no room now, poll for POLLOUT;
 * -1: the other end is gone.
 */
int channel_send(int wire, enum channel_kind kind, const void *body,
		 size_t len);

/*
 * Receive one packet without waiting into packet (caller's storage, reused).
 * 1: arrived; 0: nothing now; -1: the other end is gone or sent nonsense
 * (unknown kind, too long, descriptors attached).
 */
int channel_receive(int wire, struct channel_packet *packet);

/* Bodies of fixed form. channel_read_*: 0, or -1 if the body is malformed. */
int channel_send_u32(int wire, enum channel_kind kind, uint32_t value);
int channel_send_resize(int wire, uint32_t cols, uint32_t rows);
int channel_read_u32(const struct channel_packet *packet, uint32_t *value);
int channel_read_resize(const struct channel_packet *packet, uint32_t *cols,
			uint32_t *rows);

#endif
