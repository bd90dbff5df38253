/*
 * seal - AES-256-GCM and HMAC-SHA-256 around second factors.
 *
 * Runs in sekisho-policy. A sealed value comes from the state file, which a
 * backup or a thief may have: without the credential it says nothing.
 */
#include "policy/seal.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum { NONCE = 12, TAG = 16 };

static void mac(const uint8_t key[32], const void *in, size_t len,
		uint8_t out[32])
{
	unsigned int n = 0;

	if (!HMAC(EVP_sha256(), key, 32, in, len, out, &n) || n != 32)
		die("HMAC-SHA-256 is not available");
}

int seal_init(struct seal *seal, int fd, struct err *err)
{
	uint8_t credential[SEAL_CREDENTIAL + 1];
	size_t len = 0;
	ssize_t n = 1;

	while (n != 0 && len < sizeof credential) {
		n = read(fd, credential + len, sizeof credential - len);
		if (n < 0 && errno != EINTR)
			return err_sys(err, "read the site credential");
		len += n > 0 ? (size_t)n : 0;
	}
	if (len != SEAL_CREDENTIAL)
		return err_set(err, "the site credential must be %d bytes",
			       SEAL_CREDENTIAL);
	mac(credential, "sekisho factor", 14, seal->factor_key);
	mac(credential, "sekisho list", 12, seal->list_key);
	OPENSSL_cleanse(credential, sizeof credential);
	return 0;
}

static EVP_CIPHER_CTX *begin(const struct seal *seal, const uint8_t *nonce,
			     const char *label, int encrypt)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n;

	if (!ctx ||
	    EVP_CipherInit_ex(ctx, EVP_aes_256_gcm(), NULL, seal->factor_key,
			      nonce, encrypt) != 1 ||
	    EVP_CipherUpdate(ctx, NULL, &n, (const unsigned char *)label,
			     (int)strlen(label)) != 1)
		die("AES-256-GCM is not available");
	return ctx;
}

void seal_close(const struct seal *seal, const char *label, const uint8_t *in,
		size_t len, uint8_t *out)
{
	int n = 0, last = 0;

	if (getrandom(out, NONCE, 0) != NONCE)
		die("no random bytes");
	EVP_CIPHER_CTX *ctx = begin(seal, out, label, 1);
	if (EVP_CipherUpdate(ctx, out + NONCE, &n, in, (int)len) != 1 ||
	    EVP_CipherFinal_ex(ctx, out + NONCE + n, &last) != 1 ||
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, TAG,
				out + NONCE + len) != 1)
		die("AES-256-GCM failed");
	EVP_CIPHER_CTX_free(ctx);
}

int seal_open(const struct seal *seal, const char *label, const uint8_t *in,
	      size_t len, uint8_t *out)
{
	int n = 0, last = 0, done;
	uint8_t tag[TAG];

	if (len < SEAL_MORE)
		return -1;
	memcpy(tag, in + len - TAG, TAG);
	EVP_CIPHER_CTX *ctx = begin(seal, in, label, 0);
	done = EVP_CipherUpdate(ctx, out, &n, in + NONCE,
				(int)(len - SEAL_MORE)) == 1 &&
	       EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, TAG, tag) == 1 &&
	       EVP_CipherFinal_ex(ctx, out + n, &last) == 1;
	EVP_CIPHER_CTX_free(ctx);
	return done ? 0 : -1;
}

void seal_code(const struct seal *seal, const uint8_t salt[16],
	       const char *code, uint8_t out[32])
{
	uint8_t in[16 + 64];
	size_t len = strnlen(code, 64);

	memcpy(in, salt, 16);
	memcpy(in + 16, code, len);
	mac(seal->list_key, in, 16 + len, out);
}
