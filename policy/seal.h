/*
 * seal - keep second factors unreadable without the site's credential.
 *
 * The credential is 32 random bytes that the supervisor hands over at start;
 * it never stands in the state folder. Each use has a key of its own, derived
 * by HMAC-SHA-256.
 */
#ifndef POLICY_SEAL_H
#define POLICY_SEAL_H

#include <stddef.h>
#include <stdint.h>

#include "gateway/base/err.h"

enum { SEAL_CREDENTIAL = 32, SEAL_MORE = 12 + 16 };

struct seal {
	uint8_t factor_key[32];
	uint8_t list_key[32];
};

/* Read the credential from fd (not closed). 0 or -1. */
int seal_init(struct seal *seal, int fd, struct err *err);

/* AES-256-GCM, bound to label. out: len + SEAL_MORE bytes. */
void seal_close(const struct seal *seal, const char *label, const uint8_t *in,
		size_t len, uint8_t *out);
/* out: len - SEAL_MORE bytes. 0, or -1: not sealed here, or for another
 * label. */
int seal_open(const struct seal *seal, const char *label, const uint8_t *in,
	      size_t len, uint8_t *out);

/* What is kept of a one-time-list code: HMAC-SHA-256 over salt and code. */
void seal_code(const struct seal *seal, const uint8_t salt[16],
	       const char *code, uint8_t out[32]);

#endif
