/*
 * stamp - time stamps over a checkpoint (RFC 3161), through OpenSSL.
 *
 * What is stamped is the SHA-256 of the whole note. Responses and tokens come
 * from strangers.
 */
#ifndef AUDIT_STAMP_H
#define AUDIT_STAMP_H

#include <stddef.h>
#include <stdint.h>

#include "audit/hash.h"
#include "gateway/base/err.h"

enum { STAMP_REQUEST = 256, STAMP_TOKEN = 12288 };

struct stamp_request {
	struct hash hash;
	uint64_t nonce;
	uint8_t bytes[STAMP_REQUEST]; /* TimeStampReq in DER */
	size_t len;
};

/* Ask for a token over the hash, with the authority's certificate in it. 0 or
 * -1. */
int stamp_ask(struct stamp_request *request, const struct hash *hash,
	      struct err *err);

/* Take the token out of the answer: it must be granted, and of this request.
 * Who signed it is not looked at. The token's length, or -1. */
long stamp_take(const struct stamp_request *request, const uint8_t *answer,
		size_t len, uint8_t token[static STAMP_TOKEN], struct err *err);

/* When the token says that the hash was there; seconds since the epoch. -1:
 * malformed, or of something else. */
int64_t stamp_time(const uint8_t *token, size_t len, const struct hash *hash,
		   struct err *err);

/* The same, if it was signed by an authority of the certificates in file
 * (PEM), which must be meant for time stamps. */
int64_t stamp_verify(const uint8_t *token, size_t len, const struct hash *hash,
		     const char *file, struct err *err);

#endif
