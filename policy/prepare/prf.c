/*
 * prf - HMAC-SHA-256 with saved states, and what is made of its result.
 *
 * Runs in sekisho-prepare. The keyed states are as secret as the key and are
 * wiped by prf_clear.
 */
/* EVP copies a context of its own for each value, at ten times the cost. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "policy/prepare/prf.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

#include "gateway/base/err.h"

_Static_assert(sizeof(SHA256_CTX) <= PRF_STATE, "room for a state");

static void pad(uint8_t state[static PRF_STATE],
		const uint8_t key[static PRF_KEY], uint8_t with)
{
	uint8_t block[SHA256_CBLOCK];
	SHA256_CTX context;

	memset(block, with, sizeof block);
	for (int i = 0; i < PRF_KEY; i++)
		block[i] ^= key[i];
	SHA256_Init(&context);
	SHA256_Update(&context, block, sizeof block);
	memcpy(state, &context, sizeof context);
	OPENSSL_cleanse(block, sizeof block);
	OPENSSL_cleanse(&context, sizeof context);
}

void prf_init(struct prf *prf, const uint8_t key[static PRF_KEY],
	      const char *label, const char *domain)
{
	char info[512];
	uint8_t derived[32];
	unsigned int n = 0;
	int len = snprintf(info, sizeof info - 1, "%s%s", label, domain);

	if (len < 0 || (size_t)len >= sizeof info - 1)
		die("the name of a domain is too long");
	info[len] = 1; /* the number of HKDF's only block */
	if (!HMAC(EVP_sha256(), key, PRF_KEY, (const uint8_t *)info,
		  (size_t)len + 1, derived, &n) ||
	    n != sizeof derived)
		die("HMAC-SHA-256 is not available");
	pad(prf->inner, derived, 0x36);
	pad(prf->outer, derived, 0x5c);
	OPENSSL_cleanse(derived, sizeof derived);
}

void prf_clear(struct prf *prf)
{
	OPENSSL_cleanse(prf, sizeof *prf);
}

void prf_value(const struct prf *prf, const void *value, size_t len,
	       uint8_t out[static 32])
{
	uint8_t middle[32];
	SHA256_CTX context;

	memcpy(&context, prf->inner, sizeof context);
	SHA256_Update(&context, value, len);
	SHA256_Final(middle, &context);
	memcpy(&context, prf->outer, sizeof context);
	SHA256_Update(&context, middle, sizeof middle);
	SHA256_Final(out, &context);
}

/* 25 characters hold 125 bits; the last holds three and two zero bits. */
void pseudonym_text(const uint8_t bytes[static PSEUDONYM_BYTES],
		    char out[static PSEUDONYM_TEXT])
{
	static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";
	const uint8_t *from = bytes;

	for (int i = 0; i < 24; i += 8, from += 5) {
		uint64_t bits = 0;

		for (int k = 0; k < 5; k++)
			bits = bits << 8 | from[k];
		for (int k = 0; k < 8; k++)
			out[i + k] = digits[bits >> (35 - 5 * k) & 31];
	}
	out[24] = digits[bytes[15] >> 3];
	out[25] = digits[(bytes[15] & 7) << 2];
}

void pseudonym_cut(uint8_t bytes[static PSEUDONYM_BYTES], uint32_t length)
{
	uint32_t bits = length * 5;

	for (uint32_t i = 0; i < PSEUDONYM_BYTES; i++) {
		if (bits < 8)
			bytes[i] &= (uint8_t)(0xff00 >> bits);
		bits -= bits < 8 ? bits : 8;
	}
}

int32_t shift_offset(const uint8_t mac[static 8], uint32_t most)
{
	uint64_t r = 0;

	for (int i = 0; i < 8; i++)
		r = r << 8 | mac[i];
	int64_t offset = (int64_t)(r % (2 * (uint64_t)most));
	if (offset < (int64_t)most)
		return (int32_t)(offset - (int64_t)most);
	return (int32_t)(offset - (int64_t)most + 1);
}
