/*
 * transfer - the hash of a file while it goes by.
 *
 * Bytes that go in order from the first on are hashed as they go. Anything
 * else (a resumed transfer, random access) is hashed from the file at its
 * end.
 */
#ifndef GATEWAY_FILES_TRANSFER_H
#define GATEWAY_FILES_TRANSFER_H

#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/base/err.h"

struct transfer {
	EVP_MD_CTX *hash;
	uint64_t bytes; /* that went by, repeats included */
	uint64_t next;	/* where in-order bytes go on */
	bool ordered;
};

/* 0 or -1; ends with transfer_clear(). */
int transfer_init(struct transfer *t, const EVP_MD *sha256, struct err *err);
void transfer_clear(struct transfer *t);

/* len bytes went by at offset. 0 or -1. */
int transfer_add(struct transfer *t, uint64_t offset, const void *bytes,
		 size_t len, struct err *err);

/*
 * SHA-256 of the file behind fd, in hex. *whole: all of it went by in order,
 * once. 0 or -1.
 */
int transfer_end(struct transfer *t, const EVP_MD *sha256, int fd, char hex[65],
		 bool *whole, struct err *err);

#endif
