/*
 * age - the format age-encryption.org/v1, written through OpenSSL.
 *
 * Runs in sekisho-prepare. https://c2sp.org/age: a file key wrapped for an
 * X25519 recipient, a header under HMAC, a body of ChaCha20-Poly1305 in chunks
 * of 64 KiB.
 */
#include "policy/prepare/age.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "audit/base64.h"
#include "gateway/base/err.h"
#include "gateway/base/own.h"
#include "policy/prepare/need.h"

enum {
	KEY = 32,
	FILE_KEY = 16,
	TAG = 16,
	NONCE = 12,
	CHUNK = 64 * 1024,
	LINE = 64 /* of 32 bytes in base64, and more */
};

/* --- Bech32 (BIP 173) ------------------------------------------------------- */

static uint32_t polymod(uint32_t sum, uint32_t value)
{
	static const uint32_t with[] = { 0x3b6a57b2, 0x26508e6d, 0x1ea119fa,
					 0x3d4233dd, 0x2a1462b3 };
	uint32_t top = sum >> 25;

	sum = (sum & 0x1ffffff) << 5 ^ value;
	for (int i = 0; i < 5; i++)
		if (top >> i & 1)
			sum ^= with[i];
	return sum;
}

bool age_recipient(const char *text, uint8_t out[static AGE_RECIPIENT])
{
	static const char digits[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
	/* "age" expanded: high bits, zero, low bits */
	static const uint8_t prefix[] = { 3, 3, 3, 0, 1, 7, 5 };
	enum { DATA = 52, SUM = 6 };
	uint32_t sum = 1, bits = 0, held = 0, n = 0;

	if (strncmp(text, "age1", 4) != 0 || strlen(text) != 4 + DATA + SUM)
		return false;
	for (size_t i = 0; i < sizeof prefix; i++)
		sum = polymod(sum, prefix[i]);
	for (int i = 0; i < DATA + SUM; i++) {
		const char *digit = strchr(digits, text[4 + i]);

		if (!digit)
			return false;
		uint32_t value = (uint32_t)(digit - digits);
		sum = polymod(sum, value);
		bits = bits << 5 | value;
		held += 5;
		if (i < DATA && held >= 8) {
			held -= 8;
			out[n++] = (uint8_t)(bits >> held);
		}
		/* 52 characters hold four bits more than 32 bytes: zeroes */
		if (i == DATA - 1 && (bits & ((1u << held) - 1)) != 0)
			return false;
	}
	return sum == 1 && n == AGE_RECIPIENT;
}

/* --- Keys ------------------------------------------------------------------- */

static void hkdf(const uint8_t *secret, size_t secret_len, const uint8_t *salt,
		 size_t salt_len, const char *info, uint8_t out[static KEY])
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, NULL);
	size_t len = KEY;

	if (!context || EVP_PKEY_derive_init(context) != 1 ||
	    EVP_PKEY_CTX_set_hkdf_md(context, EVP_sha256()) != 1 ||
	    EVP_PKEY_CTX_set1_hkdf_salt(context, salt, (int)salt_len) != 1 ||
	    EVP_PKEY_CTX_set1_hkdf_key(context, secret, (int)secret_len) != 1 ||
	    EVP_PKEY_CTX_add1_hkdf_info(context, (const uint8_t *)info,
					(int)strlen(info)) != 1 ||
	    EVP_PKEY_derive(context, out, &len) != 1 || len != KEY)
		die("HKDF is not available");
	EVP_PKEY_CTX_free(context);
}

/* ChaCha20-Poly1305 of len bytes to len + TAG. */
static void seal(const uint8_t key[static KEY],
		 const uint8_t nonce[static NONCE], const uint8_t *in,
		 size_t len, uint8_t *out)
{
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int n = 0, last = 0;

	if (!context ||
	    EVP_EncryptInit_ex(context, EVP_chacha20_poly1305(), NULL, key,
			       nonce) != 1 ||
	    EVP_EncryptUpdate(context, out, &n, in, (int)len) != 1 ||
	    EVP_EncryptFinal_ex(context, out + n, &last) != 1 ||
	    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, TAG,
				out + len) != 1)
		die("ChaCha20-Poly1305 is not available");
	EVP_CIPHER_CTX_free(context);
}

/* A fresh key's public half, and what it agrees on with the recipient. False:
 * nothing but zeroes. */
static bool agree(const uint8_t recipient[static AGE_RECIPIENT],
		  uint8_t share[static KEY], uint8_t shared[static KEY])
{
	EVP_PKEY *own = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
	EVP_PKEY *peer = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL,
						     recipient, KEY);
	EVP_PKEY_CTX *context = own ? EVP_PKEY_CTX_new(own, NULL) : NULL;
	size_t len = KEY, shared_len = KEY;
	bool good = context && peer &&
		    EVP_PKEY_get_raw_public_key(own, share, &len) == 1 &&
		    EVP_PKEY_derive_init(context) == 1 &&
		    EVP_PKEY_derive_set_peer(context, peer) == 1 &&
		    EVP_PKEY_derive(context, shared, &shared_len) == 1 &&
		    shared_len == KEY;

	EVP_PKEY_CTX_free(context);
	EVP_PKEY_free(own);
	EVP_PKEY_free(peer);
	return good;
}

/* --- The file ------------------------------------------------------------------ */

/* Base64 without padding. */
static void text_of(char out[static LINE], const uint8_t *bytes, size_t len)
{
	size_t n = base64_encode(out, LINE, bytes, len);

	while (n > 0 && out[n - 1] == '=')
		out[--n] = '\0';
}

static bool put_header(FILE *out, const uint8_t recipient[static AGE_RECIPIENT],
		       const uint8_t file_key[static FILE_KEY])
{
	static const uint8_t nonce[NONCE];
	uint8_t shares[2 * KEY], shared[KEY], key[KEY], wrapped[FILE_KEY + TAG];
	char share_text[LINE], wrapped_text[LINE];

	if (!agree(recipient, shares, shared))
		return false;
	memcpy(shares + KEY, recipient, KEY);
	hkdf(shared, KEY, shares, sizeof shares, "age-encryption.org/v1/X25519",
	     key);
	seal(key, nonce, file_key, FILE_KEY, wrapped);
	text_of(share_text, shares, KEY);
	text_of(wrapped_text, wrapped, sizeof wrapped);
	fprintf(out, "age-encryption.org/v1\n-> X25519 %s\n%s\n---", share_text,
		wrapped_text);
	OPENSSL_cleanse(shared, sizeof shared);
	OPENSSL_cleanse(key, sizeof key);
	return true;
}

/* The header so far, authenticated. */
static void put_mac(FILE *out, char *const *header, size_t *len,
		    const uint8_t file_key[static FILE_KEY])
{
	uint8_t key[KEY], mac[KEY];
	unsigned int n = 0;
	char mac_text[LINE];

	fflush(out);
	hkdf(file_key, FILE_KEY, (const uint8_t *)"", 0, "header", key);
	if (!HMAC(EVP_sha256(), key, KEY, (const uint8_t *)*header, *len, mac,
		  &n))
		die("HMAC is not available");
	text_of(mac_text, mac, sizeof mac);
	fprintf(out, " %s\n", mac_text);
	OPENSSL_cleanse(key, sizeof key);
}

/* Chunks of 64 KiB, the last one marked; never an empty one behind others. */
static void put_body(FILE *out, const uint8_t *bytes, size_t len,
		     const uint8_t file_key[static FILE_KEY])
{
	AUTO_FREE uint8_t *sealed = need(CHUNK + TAG, 1);
	uint8_t nonce[NONCE] = { 0 }, salt[FILE_KEY], key[KEY];

	if (getrandom(salt, sizeof salt, 0) != sizeof salt)
		die("no random bytes");
	fwrite(salt, 1, sizeof salt, out);
	hkdf(file_key, FILE_KEY, salt, sizeof salt, "payload", key);
	for (uint64_t chunk = 0;; chunk++) {
		size_t n = len < CHUNK ? len : CHUNK;

		for (int i = 0; i < 8; i++)
			nonce[3 + i] = (uint8_t)(chunk >> (56 - 8 * i));
		nonce[NONCE - 1] = n == len;
		seal(key, nonce, bytes, n, sealed);
		fwrite(sealed, 1, n + TAG, out);
		bytes += n;
		len -= n;
		if (len == 0)
			break;
	}
	OPENSSL_cleanse(key, sizeof key);
}

uint8_t *age_encrypt(const uint8_t recipient[static AGE_RECIPIENT],
		     const void *bytes, size_t len, size_t *out_len)
{
	uint8_t file_key[FILE_KEY];
	char *text = NULL;
	FILE *out = need_stream(&text, out_len);

	if (getrandom(file_key, sizeof file_key, 0) != sizeof file_key)
		die("no random bytes");
	bool good = put_header(out, recipient, file_key);
	if (good) {
		put_mac(out, &text, out_len, file_key);
		put_body(out, bytes, len, file_key);
	}
	need_stream_end(out);
	OPENSSL_cleanse(file_key, sizeof file_key);
	if (good)
		return (uint8_t *)text;
	free(text);
	return NULL;
}
