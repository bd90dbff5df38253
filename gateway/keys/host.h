/*
 * host - the host key: made once, kept in memory, used for exchange hashes.
 */
#ifndef GATEWAY_KEYS_HOST_H
#define GATEWAY_KEYS_HOST_H

#include <openssl/evp.h>
#include <stdint.h>

#include "gateway/base/err.h"

enum { HOST_PUBLIC_LEN = 32, HOST_HASH_LEN = 32, HOST_SIGNATURE_LEN = 64 };

struct host {
	EVP_PKEY *key;
	uint8_t public[HOST_PUBLIC_LEN];
};

/*
 * Read host_ed25519 (a raw seed of 32 bytes, mode 0600) from the folder, or
 * make it if there is none; write host_ed25519.pub, a line for known_hosts and
 * for ssh-keygen -l. A key file of another size or mode is an error: it is
 * never replaced. 0 or -1.
 */
int host_load(struct host *host, int folder, struct err *err);

/* Sign one exchange hash. 0 or -1. */
int host_sign(const struct host *host, const uint8_t hash[HOST_HASH_LEN],
	      uint8_t signature[HOST_SIGNATURE_LEN], struct err *err);

void host_clear(struct host *host);

#endif
