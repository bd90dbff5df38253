/*
 * sftp - packets of the SSH File Transfer Protocol, version 3
 * (draft-ietf-secsh-filexfer-02), read from and written to plain bytes.
 *
 * Runs in sekisho-files. What is read was written by a client and is not
 * trusted. Integers are big-endian; strings carry a 32-bit length.
 */
#ifndef GATEWAY_FILES_SFTP_H
#define GATEWAY_FILES_SFTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SFTP_VERSION = 3,
	SFTP_PACKET = 256 * 1024, /* longest packet, its length field aside */
	SFTP_READ = 255 * 1024,	  /* most bytes in one answer to READ */
	SFTP_ROOM = SFTP_PACKET + 4096, /* for one answer of any kind */
};

/* Packet types of answers; those of requests are in requests.def. */
enum {
	SFTP_VERSION_IS = 2,
	SFTP_STATUS = 101,
	SFTP_HANDLE,
	SFTP_DATA,
	SFTP_NAME,
	SFTP_ATTRS,
	SFTP_EXTENDED_REPLY = 201
};

enum {
	SFTP_OK,
	SFTP_EOF,
	SFTP_NO_SUCH_FILE,
	SFTP_PERMISSION_DENIED,
	SFTP_FAILURE,
	SFTP_BAD_MESSAGE,
	SFTP_OP_UNSUPPORTED = 8
};

enum {
	OPEN_READ = 1,
	OPEN_WRITE = 2,
	OPEN_APPEND = 4,
	OPEN_CREAT = 8,
	OPEN_TRUNC = 16,
	OPEN_EXCL = 32
};

enum { ATTR_SIZE = 1, ATTR_OWNER = 2, ATTR_MODE = 4, ATTR_TIMES = 8 };

struct sftp_attrs {
	uint32_t flags;
	uint64_t size;
	uint32_t mode, atime, mtime;
};

/* A request being read; a missing or malformed field makes it bad. */
struct sftp_in {
	const uint8_t *at;
	size_t left;
	bool bad;
};

uint8_t sftp_get_u8(struct sftp_in *in);
uint32_t sftp_get_u32(struct sftp_in *in);
uint64_t sftp_get_u64(struct sftp_in *in);
/* Points into the request; NULL and bad if it is not whole. */
const uint8_t *sftp_get_string(struct sftp_in *in, size_t *len);
void sftp_get_attrs(struct sftp_in *in, struct sftp_attrs *attrs);
/* Everything was read, nothing was malformed or left over. */
bool sftp_done(const struct sftp_in *in);

/* Answers that wait to be sent: bytes[start..end). */
struct sftp_out {
	size_t start, end;
	size_t packet; /* where the packet being written begins */
	uint8_t bytes[2 * SFTP_ROOM];
};

/* Make place for one more answer. False: too much waits already. */
bool sftp_room(struct sftp_out *out);

/* One answer is begun, filled and ended; it must fit SFTP_ROOM. */
void sftp_begin(struct sftp_out *out, uint8_t type, uint32_t id);
void sftp_put_u32(struct sftp_out *out, uint32_t value);
void sftp_put_u64(struct sftp_out *out, uint64_t value);
void sftp_put_string(struct sftp_out *out, const void *bytes, size_t len);
void sftp_put_attrs(struct sftp_out *out, const struct sftp_attrs *attrs);
void sftp_end(struct sftp_out *out);

#endif
