/*
 * msg - typed messages over SOCK_SEQPACKET pairs.
 *
 * One message is one packet: type, reference, fields in a fixed order, and up
 * to MSG_FDS descriptors. Integers are little-endian; strings and byte fields
 * carry a 32-bit length. The receiver reads all fields and asks msg_done()
 * once; only then may it act. Bytes are never cast to a struct.
 */
#ifndef GATEWAY_BASE_MSG_H
#define GATEWAY_BASE_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/base/err.h"

enum { MSG_HEADER = 8, MSG_MAX = 65536 + MSG_HEADER, MSG_FDS = 16 };

/* What a message is; messages.def says who sends it to whom with what. */
enum msg_type {
	MSG_NONE = 0,
#define MESSAGE(name, fields) MSG_##name,
#include "gateway/base/messages.def"
#undef MESSAGE
	MSG_TYPES
};

struct msg {
	uint16_t type;
	uint32_t ref; /* ties an answer to its request; 0: none */
	bool bad;     /* a field was missing, too long or malformed */
	size_t len;   /* bytes in data, header included */
	size_t pos;   /* next byte to read */
	unsigned int nfds, next_fd;
	int fds[MSG_FDS]; /* received: owned by the message until taken */
	uint8_t data[MSG_MAX];
};

const char *msg_name(unsigned int type);

/* Begin a message to send. Descriptors put in stay the caller's. */
void msg_start(struct msg *m, enum msg_type type, uint32_t ref);
void msg_put_u8(struct msg *m, uint8_t value);
void msg_put_u32(struct msg *m, uint32_t value);
void msg_put_u64(struct msg *m, uint64_t value);
void msg_put_bytes(struct msg *m, const void *bytes, size_t len);
void msg_put_str(struct msg *m, const char *text);
void msg_put_fd(struct msg *m, int fd);

/*
 * Send m. Waits at most one second for room, then gives up: a peer that does
 * not read is as good as gone. 0, or -1 and err says why. A message that grew
 * past MSG_MAX while being put is not sent.
 */
int msg_send(int sock, const struct msg *m, struct err *err);

/* Send m if there is room now. 1: sent; 0: no room, poll for POLLOUT; -1. */
int msg_try(int sock, const struct msg *m, struct err *err);

/*
 * Receive one message into m, waiting for it if the socket blocks. 1: arrived;
 * 0: the peer is gone (for a non-blocking socket also: nothing there, with
 * errno EAGAIN); -1: err says why (malformed header, cut, too many
 * descriptors). Descriptors are close-on-exec and belong to m: call
 * msg_clear() on every m that msg_receive() filled.
 */
int msg_receive(int sock, struct msg *m, struct err *err);

/* Read bytes that are a whole message without descriptors, such as an order.
 * 0, or -1 if they are no message. */
int msg_from_bytes(struct msg *m, const uint8_t *bytes, size_t len);

/* Close the descriptors that nobody took. */
void msg_clear(struct msg *m);

/*
 * Fields, in the order they were put. A missing or malformed field marks the
 * message bad and yields zero, "" or -1.
 */
uint8_t msg_get_u8(struct msg *m);
uint32_t msg_get_u32(struct msg *m);
uint64_t msg_get_u64(struct msg *m);
/* Copies text and a NUL to out; no NUL inside, strict UTF-8, fits size. */
void msg_get_str(struct msg *m, char *out, size_t size);
/* Points into m; valid as long as m is. */
const uint8_t *msg_get_bytes(struct msg *m, size_t *len);
/* The next descriptor, now the caller's; -1 and bad if there is none. */
int msg_get_fd(struct msg *m);
/* Everything was read, nothing was malformed or left over. */
bool msg_done(const struct msg *m);

/* Make a connected pair, both ends close-on-exec. 0 or -1. */
int msg_pair(int pair[2], struct err *err);

#endif
