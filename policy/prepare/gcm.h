/*
 * gcm - AES-256-GCM over short secrets; the tag (16 bytes) follows the text.
 */
#ifndef POLICY_PREPARE_GCM_H
#define POLICY_PREPARE_GCM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GCM_NONCE = 12, GCM_TAG = 16 };

struct gcm {
	const uint8_t *key; /* 32 bytes */
	const char *bound;  /* authenticated, not encrypted */
	size_t bound_len;
};

/* len bytes to len + GCM_TAG; dies without AES. */
void gcm_seal(const struct gcm *gcm, const uint8_t nonce[static GCM_NONCE],
	      const uint8_t *in, size_t len, uint8_t *out);
/* len + GCM_TAG bytes to len. False: not what was sealed so. */
bool gcm_unseal(const struct gcm *gcm, const uint8_t nonce[static GCM_NONCE],
		const uint8_t *in, size_t len, uint8_t *out);

#endif
