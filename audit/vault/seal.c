#include "audit/vault/seal.h"

#include <openssl/evp.h>
#include <stdbool.h>
#include <string.h>
#include <sys/random.h>

static EVP_CIPHER_CTX *begin(const uint8_t key[SEAL_KEY], const uint8_t *nonce,
			     const uint8_t commitment[COMMIT_SIZE], int encrypt)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n;

	if (!ctx ||
	    EVP_CipherInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, nonce,
			      encrypt) != 1 ||
	    EVP_CipherUpdate(ctx, NULL, &n, commitment, COMMIT_SIZE) != 1)
		die("AES-256-GCM is not available");
	return ctx;
}

void seal_close(const uint8_t key[SEAL_KEY],
		const uint8_t commitment[COMMIT_SIZE],
		const struct commit_opening *opening, uint8_t *out)
{
	uint8_t *at = out + SEAL_NONCE;
	int n = 0;

	if (getrandom(out, SEAL_NONCE, 0) != SEAL_NONCE)
		die("no random bytes");
	EVP_CIPHER_CTX *ctx = begin(key, out, commitment, 1);
	if (EVP_CipherUpdate(ctx, at, &n, opening->salt, COMMIT_SALT) != 1 ||
	    EVP_CipherUpdate(ctx, at + COMMIT_SALT, &n, opening->value,
			     (int)opening->len) != 1 ||
	    EVP_CipherFinal_ex(ctx, out, &n) != 1 ||
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, SEAL_TAG,
				at + COMMIT_SALT + opening->len) != 1)
		die("AES-256-GCM failed");
	EVP_CIPHER_CTX_free(ctx);
}

int seal_open(const uint8_t key[SEAL_KEY],
	      const uint8_t commitment[COMMIT_SIZE], const uint8_t *in,
	      size_t len, uint8_t salt[COMMIT_SALT], uint8_t *value)
{
	uint8_t tag[SEAL_TAG], none[SEAL_TAG];
	int n = 0;

	if (len < SEAL_MORE || len > SEAL_MOST)
		return -1;
	memcpy(tag, in + len - SEAL_TAG, SEAL_TAG);
	EVP_CIPHER_CTX *ctx = begin(key, in, commitment, 0);
	bool good =
		EVP_CipherUpdate(ctx, salt, &n, in + SEAL_NONCE, COMMIT_SALT) ==
			1 &&
		EVP_CipherUpdate(ctx, value, &n, in + SEAL_NONCE + COMMIT_SALT,
				 (int)(len - SEAL_MORE)) == 1 &&
		EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, SEAL_TAG, tag) ==
			1 &&
		EVP_CipherFinal_ex(ctx, none, &n) == 1;
	EVP_CIPHER_CTX_free(ctx);
	return good ? 0 : -1;
}
