/*
 * age - encrypt to one X25519 recipient: age-encryption.org/v1.
 */
#ifndef POLICY_PREPARE_AGE_H
#define POLICY_PREPARE_AGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { AGE_RECIPIENT = 32, AGE_RECIPIENT_TEXT = 63 };

/* "age1…" (Bech32, lower case) to the key's 32 bytes. False: it is none. */
bool age_recipient(const char *text, uint8_t out[static AGE_RECIPIENT]);

/* The age file that holds len bytes, as fresh memory, the caller's; NULL: the
 * recipient's key is one that agrees with everybody. */
uint8_t *age_encrypt(const uint8_t recipient[static AGE_RECIPIENT],
		     const void *bytes, size_t len, size_t *out_len);

#endif
