/*
 * wrap - AES-256-GCM and HKDF-SHA256 (RFC 5869) over keys of 32 bytes.
 *
 * A failure of OpenSSL here is a bug and ends the process.
 */
#ifndef GATEWAY_KEYS_WRAP_H
#define GATEWAY_KEYS_WRAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	WRAP_KEY = 32,
	WRAP_SEAL = 12 + 16,	       /* nonce and tag */
	WRAPPED = WRAP_SEAL + WRAP_KEY /* nonce, ciphertext, tag */
};

/* Bytes that a seal is bound to. */
struct bound {
	const void *bytes;
	size_t len;
};

/* Random bytes, or the process ends. */
void wrap_random(uint8_t *out, size_t len);

/* key under site, under a fresh nonce. */
void wrap_seal(const uint8_t site[static WRAP_KEY], struct bound bound,
	       const uint8_t key[static WRAP_KEY], uint8_t out[static WRAPPED]);
/* False: not what was sealed so; out is zero. */
bool wrap_open(const uint8_t site[static WRAP_KEY], struct bound bound,
	       const uint8_t wrapped[static WRAPPED],
	       uint8_t out[static WRAP_KEY]);

/* The same without a key inside: says only that bound was sealed by site. */
void wrap_mark(const uint8_t site[static WRAP_KEY], struct bound bound,
	       uint8_t out[static WRAP_SEAL]);
bool wrap_marked(const uint8_t site[static WRAP_KEY], struct bound bound,
		 const uint8_t mark[static WRAP_SEAL]);

/* HKDF: from a uniformly random key, for what info says. */
void wrap_derive(const uint8_t key[static WRAP_KEY], struct bound info,
		 uint8_t out[static WRAP_KEY]);

/* Use all of it once, so that OpenSSL has loaded what it needs before the
 * process is confined. */
void wrap_warm(void);

#endif
