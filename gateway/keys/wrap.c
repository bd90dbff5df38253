/*
 * wrap - see wrap.h. Runs in sekisho-keys.
 */
#include "gateway/keys/wrap.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <string.h>
#include <sys/random.h>

#include "gateway/base/err.h"

enum { NONCE = 12, TAG = WRAP_SEAL - NONCE };

void wrap_random(uint8_t *out, size_t len)
{
	if (getrandom(out, len, 0) != (ssize_t)len)
		die("no random bytes");
}

/* A context that has taken key, nonce and what is bound. */
static EVP_CIPHER_CTX *begin(const uint8_t *site, const uint8_t *nonce,
			     struct bound bound, int encrypt)
{
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int n = 0;

	if (!context ||
	    EVP_CipherInit_ex(context, EVP_aes_256_gcm(), NULL, site, nonce,
			      encrypt) != 1 ||
	    EVP_CipherUpdate(context, NULL, &n, bound.bytes, (int)bound.len) !=
		    1)
		die("AES-256-GCM is not available");
	return context;
}

/* out: nonce, len bytes, tag. */
static void seal(const uint8_t *site, struct bound bound, const uint8_t *in,
		 int len, uint8_t *out)
{
	int n = 0, last = 0;

	wrap_random(out, NONCE);
	EVP_CIPHER_CTX *context = begin(site, out, bound, 1);
	if ((len > 0 &&
	     EVP_CipherUpdate(context, out + NONCE, &n, in, len) != 1) ||
	    EVP_CipherFinal_ex(context, out + NONCE + n, &last) != 1 ||
	    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, TAG,
				out + NONCE + len) != 1)
		die("AES-256-GCM failed");
	EVP_CIPHER_CTX_free(context);
}

static bool unseal(const uint8_t *site, struct bound bound, const uint8_t *in,
		   int len, uint8_t *out)
{
	EVP_CIPHER_CTX *context = begin(site, in, bound, 0);
	uint8_t end[TAG], tag[TAG];
	int n = 0;

	memcpy(tag, in + NONCE + len, TAG);
	bool good = (len == 0 || EVP_CipherUpdate(context, out, &n, in + NONCE,
						  len) == 1) &&
		    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, TAG,
					tag) == 1 &&
		    EVP_CipherFinal_ex(context, end, &n) == 1;
	EVP_CIPHER_CTX_free(context);
	if (!good && len > 0)
		OPENSSL_cleanse(out, (size_t)len);
	return good;
}

void wrap_seal(const uint8_t site[static WRAP_KEY], struct bound bound,
	       const uint8_t key[static WRAP_KEY], uint8_t out[static WRAPPED])
{
	seal(site, bound, key, WRAP_KEY, out);
}

bool wrap_open(const uint8_t site[static WRAP_KEY], struct bound bound,
	       const uint8_t wrapped[static WRAPPED],
	       uint8_t out[static WRAP_KEY])
{
	return unseal(site, bound, wrapped, WRAP_KEY, out);
}

void wrap_mark(const uint8_t site[static WRAP_KEY], struct bound bound,
	       uint8_t out[static WRAP_SEAL])
{
	seal(site, bound, NULL, 0, out);
}

bool wrap_marked(const uint8_t site[static WRAP_KEY], struct bound bound,
		 const uint8_t mark[static WRAP_SEAL])
{
	return unseal(site, bound, mark, 0, NULL);
}

void wrap_derive(const uint8_t key[static WRAP_KEY], struct bound info,
		 uint8_t out[static WRAP_KEY])
{
	char digest[] = "SHA256";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest,
						 0),
		OSSL_PARAM_construct_octet_string(
			OSSL_KDF_PARAM_KEY, (void *)(uintptr_t)key, WRAP_KEY),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO,
						  (void *)(uintptr_t)info.bytes,
						  info.len),
		OSSL_PARAM_construct_end(),
	};
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	EVP_KDF_CTX *context = kdf ? EVP_KDF_CTX_new(kdf) : NULL;

	if (!context || EVP_KDF_derive(context, out, WRAP_KEY, params) != 1)
		die("HKDF is not available");
	EVP_KDF_CTX_free(context);
	EVP_KDF_free(kdf);
}

void wrap_warm(void)
{
	const struct bound nothing = { "", 0 };
	uint8_t key[WRAP_KEY] = { 0 }, other[WRAP_KEY], wrapped[WRAPPED];

	wrap_derive(key, nothing, other);
	wrap_seal(key, nothing, other, wrapped);
	if (!wrap_open(key, nothing, wrapped, other))
		die("AES-256-GCM does not open what it sealed");
}
