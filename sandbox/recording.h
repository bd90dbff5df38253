/*
 * recording - a shell's terminal, written as a series of complete files.
 *
 * Each piece is an asciicast v2 file of its own in the recording folder,
 * SESSION-SHELL-NNNN.cast; while it is being written its name ends in .part.
 * A piece ends after 64 KiB or ten seconds; its SHA-256 is then known and
 * goes into the log. Bytes are kept exactly: what is not UTF-8 stands in an
 * event "x" (hexadecimal) in front of the "o" or "i" that shows it; players
 * pass over "x".
 */
#ifndef SANDBOX_RECORDING_H
#define SANDBOX_RECORDING_H

#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/base/err.h"
#include "gateway/base/plan.h"

enum {
	PIECE_BYTES = 64 * 1024, /* a piece ends at the event that passes it */
	PIECE_MS = 10 * 1000,
	PIECE_NAME_SIZE = ID_SIZE + 32,
};

/* Which way bytes went. */
enum recording_way { WAY_IN, WAY_OUT, RECORDING_WAYS };

/* A finished piece, as the log describes it. */
struct piece {
	uint32_t number; /* from 1 */
	char sha256[HASH_TEXT_SIZE];
	uint64_t bytes;			/* of the file */
	uint64_t moved[RECORDING_WAYS]; /* of the terminal */
};

struct recording {
	int folder; /* the caller's */
	char session[ID_SIZE];
	uint32_t shell, number; /* number of the newest piece */
	uint32_t cols, rows;
	int file;      /* the open piece, or -1 */
	int64_t began; /* ms, monotonic */
	uint64_t bytes;
	uint64_t moved[RECORDING_WAYS];
	/* The beginning of a character whose end has not come yet. */
	uint8_t rest[RECORDING_WAYS][4];
	size_t nrest[RECORDING_WAYS];
	EVP_MD *sha256;
	EVP_MD_CTX *hash;
};

/*
 * Prepare; loads what hashing needs, so call it before confining. The folder
 * stays the caller's. No file is touched. 0 or -1.
 */
int recording_init(struct recording *r, int folder, const char *session,
		   uint32_t shell, struct err *err);
void recording_clear(struct recording *r);

/* The window's size, for this piece (an event) and the headers to come. */
int recording_resize(struct recording *r, uint32_t cols, uint32_t rows,
		     struct err *err);

/*
 * Open a piece if none is open: from then on the next bytes have a place.
 * 0, or -1 and nothing may be relayed any more.
 */
int recording_open(struct recording *r, struct err *err);

/* Record bytes; a piece must be open. At most 128 KiB at once. 0 or -1. */
int recording_bytes(struct recording *r, enum recording_way way,
		    const uint8_t *bytes, size_t len, struct err *err);

/* Milliseconds until the open piece has to end: 0 now, -1 no piece is open. */
int recording_due(const struct recording *r);

/* End the open piece: synced, named, hashed. 0 and *piece, or -1. */
int recording_end(struct recording *r, struct piece *piece, struct err *err);

#endif
