/*
 * token - ask sekisho-token, which holds a token's module, about a key there.
 *
 * One helper for the life of the program. Keys are numbered 0 and 1.
 */
#ifndef POLICY_PREPARE_TOKEN_H
#define POLICY_PREPARE_TOKEN_H

#include "policy/prepare/fault.h"

/* Start the helper, which lies beside this program; before the filter holds,
 * which starts no program. 0 or -1. */
int token_start(struct fault *fault);
/* Let it close the token, and wait until it has. */
void token_end(void);

/* Open the key that a PKCS#11 URI names; make: if there is none, make it.
 * 1; 0: there is none; -1. */
int token_open(uint32_t number, const char *uri, bool make,
	       struct fault *fault);
void token_close(uint32_t number);
int token_seal(uint32_t number, const char *name, const uint8_t *nonce,
	       const uint8_t *key, uint8_t *out, struct fault *fault);
int token_unseal(uint32_t number, const char *name, const uint8_t *nonce,
		 const uint8_t *wrapped, uint8_t *out, struct fault *fault);
int token_destroy(uint32_t number, struct fault *fault);

#endif
