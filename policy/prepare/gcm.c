#include "policy/prepare/gcm.h"

#include <openssl/evp.h>

#include "gateway/base/err.h"

/* A context that has taken key, nonce and what is bound. */
static EVP_CIPHER_CTX *begin(const struct gcm *gcm, const uint8_t *nonce,
			     bool encrypt)
{
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int n = 0;

	if (!context ||
	    EVP_CipherInit_ex(context, EVP_aes_256_gcm(), NULL, gcm->key, nonce,
			      encrypt) != 1 ||
	    EVP_CipherUpdate(context, NULL, &n, (const uint8_t *)gcm->bound,
			     (int)gcm->bound_len) != 1)
		die("AES-256-GCM is not available");
	return context;
}

void gcm_seal(const struct gcm *gcm, const uint8_t nonce[static GCM_NONCE],
	      const uint8_t *in, size_t len, uint8_t *out)
{
	EVP_CIPHER_CTX *context = begin(gcm, nonce, true);
	int n = 0, last = 0;

	if (EVP_CipherUpdate(context, out, &n, in, (int)len) != 1 ||
	    EVP_CipherFinal_ex(context, out + n, &last) != 1 ||
	    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, GCM_TAG,
				out + len) != 1)
		die("AES-256-GCM failed");
	EVP_CIPHER_CTX_free(context);
}

bool gcm_unseal(const struct gcm *gcm, const uint8_t nonce[static GCM_NONCE],
		const uint8_t *in, size_t len, uint8_t *out)
{
	EVP_CIPHER_CTX *context = begin(gcm, nonce, false);
	int n = 0, last = 0;
	bool good = EVP_CipherUpdate(context, out, &n, in, (int)len) == 1 &&
		    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, GCM_TAG,
					(void *)(uintptr_t)(in + len)) == 1 &&
		    EVP_CipherFinal_ex(context, out + n, &last) == 1;

	EVP_CIPHER_CTX_free(context);
	return good;
}
