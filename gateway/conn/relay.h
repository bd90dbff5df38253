/*
 * relay - one channel: bytes between the client and what serves it.
 *
 * Memory is bounded in both directions: at most one packet waits for the
 * client; of the client's bytes at most what its window allowed.
 */
#ifndef GATEWAY_CONN_RELAY_H
#define GATEWAY_CONN_RELAY_H

#include <libssh/callbacks.h>
#include <poll.h>

#include "gateway/base/channel.h"
#include "gateway/conn/conn.h"

enum {
	RELAY_TERM_SIZE = 64,
	RELAY_BUFFERED_MAX = 4 << 20, /* a client that ignores its window */
};

struct relay {
	struct conn *conn;
	uint32_t number; /* this channel's name on our wires */
	ssh_channel channel;
	struct ssh_channel_callbacks_struct callbacks;

	bool tty;
	char term[RELAY_TERM_SIZE];
	uint32_t cols, rows;
	bool resized; /* a new size waits to be sent */
	bool asked;   /* shell, exec or sftp: once each */

	int wire;    /* to what serves the channel; -1 until CHANNEL */
	bool over;   /* exit status sent and closed, or client gone */
	bool closed; /* the client closed its side */

	uint32_t readable; /* bytes in libssh's buffer */
	uint8_t *queue;	   /* bytes on their way to the wire */
	size_t queue_len, queue_at;
	bool eof_seen, eof_passed;
	bool deaf_seen, deaf_passed; /* the client reads no more */

	struct channel_packet packet; /* on its way to the client */
	size_t packet_at;
	bool held; /* packet is not yet written in whole */
};

/* A relay for a new channel of libssh, or NULL. */
struct relay *relay_new(struct conn *conn);

/* Close the wire, take the callbacks away, give the channel back. NULL is
 * fine. Never from within a callback of libssh. */
void relay_free(struct relay *relay);

/* What serves the channel is there; the relay owns the wire now. */
void relay_begin(struct relay *relay, int wire);

/* It will not be: say why on the channel's stderr, with an exit status. */
void relay_refuse(struct relay *relay, uint8_t status, const char *text);

/* Move what can be moved without waiting. */
void relay_step(struct relay *relay);

/* What to wait for on the wire, besides the client. */
struct pollfd relay_poll(const struct relay *relay);

/* Nothing is left to do; relay_free() may be called. */
bool relay_done(const struct relay *relay);

/* Send the exit status and close, once. */
void relay_finish(struct relay *relay, uint32_t status);

/* Say a sentence on the channel's stderr. */
void relay_say(struct relay *relay, const char *text);

#endif
