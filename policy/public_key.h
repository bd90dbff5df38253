/*
 * public_key - an OpenSSH public key line, read strictly.
 */
#ifndef POLICY_PUBLIC_KEY_H
#define POLICY_PUBLIC_KEY_H

#include "gateway/base/text.h"
#include "policy/model.h"

/*
 * Read "TYPE BASE64 [COMMENT]". The type is one of key_types.def, the blob is
 * whole and of that type, an RSA key has 3072 to 16384 bits. No options in
 * front. 0; or -1 and why is the sentence to say.
 */
int public_key_read(const char *line, struct public_key *key,
		    enum text_id *why);

/* SHA-256 of a key's blob, as public_key_read computes it. */
struct hash public_key_hash(const uint8_t *blob, size_t len);

#endif
