/*
 * seal - AES-256-GCM around one opening, bound to its commitment.
 *
 * Sealed are salt and value; the commitment is authenticated with them, so
 * that a row cannot be put in another's place.
 */
#ifndef AUDIT_VAULT_SEAL_H
#define AUDIT_VAULT_SEAL_H

#include "audit/commit.h"

enum {
	SEAL_KEY = 32,
	SEAL_NONCE = 12,
	SEAL_TAG = 16,
	SEAL_MORE = SEAL_NONCE + COMMIT_SALT + SEAL_TAG, /* beside the value */
	SEAL_MOST = SEAL_MORE + COMMIT_VALUE
};

/* out: SEAL_MORE + opening->len bytes. Fatal without AES-256-GCM or chance. */
void seal_close(const uint8_t key[SEAL_KEY],
		const uint8_t commitment[COMMIT_SIZE],
		const struct commit_opening *opening, uint8_t *out);

/* salt, and len - SEAL_MORE bytes of the value. 0, or -1: not sealed so. */
int seal_open(const uint8_t key[SEAL_KEY],
	      const uint8_t commitment[COMMIT_SIZE], const uint8_t *in,
	      size_t len, uint8_t salt[COMMIT_SALT], uint8_t *value);

#endif
