/*
 * pkcs11 - a wrapping key on a token: AES-256-GCM that the token computes.
 *
 * The key is made on the token and never leaves it. Which one it is says a
 * PKCS#11 URI (RFC 7512) with token, object and module-path; pin-source may
 * name a file with the PIN, else it is asked for.
 */
#ifndef POLICY_TOKEN_PKCS11_H
#define POLICY_TOKEN_PKCS11_H

#include <p11-kit/pkcs11.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/base/err.h"

enum { PKCS11_KEY = 32, PKCS11_NONCE = 12, PKCS11_TAG = 16 };

struct pkcs11 {
	CK_FUNCTION_LIST *module;
	CK_ULONG session, key; /* 0: none */
};

/* Log in at the URI's token and find its key. 1; 0: the token has no such key
 * (the session is there); -1: err says why. The caller calls pkcs11_close in
 * any case; the module stays until the process ends, for other keys. */
int pkcs11_open(struct pkcs11 *token, const char *uri, struct err *err);
void pkcs11_close(struct pkcs11 *token);

/* After a 0: make the key, 256 bits of AES that cannot be read out. */
int pkcs11_make(struct pkcs11 *token, const char *uri, struct err *err);
/* Destroy the key. */
int pkcs11_destroy(struct pkcs11 *token, struct err *err);

/* Encrypt 32 bytes to 32 and a tag, bound to name; 0 or -1. */
int pkcs11_seal(struct pkcs11 *token, const char *name,
		const uint8_t nonce[static PKCS11_NONCE],
		const uint8_t in[static PKCS11_KEY],
		uint8_t out[static PKCS11_KEY + PKCS11_TAG], struct err *err);
/* The reverse. */
int pkcs11_unseal(struct pkcs11 *token, const char *name,
		  const uint8_t nonce[static PKCS11_NONCE],
		  const uint8_t in[static PKCS11_KEY + PKCS11_TAG],
		  uint8_t out[static PKCS11_KEY], struct err *err);

#endif
