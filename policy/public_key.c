/*
 * public_key - read OpenSSH public key lines.
 *
 * Runs in sekisho-policy and sekishoctl. The line comes from a file that may
 * hold anything; nothing is kept but the type and a hash of the blob.
 */
#include "policy/public_key.h"

#include <openssl/sha.h>
#include <string.h>

enum form { ED25519, RSA_KEY, ECDSA, SK_ED25519, SK_ECDSA };

enum { BLOB_SIZE = 4200, RSA_LEAST = 3072, RSA_MOST = 16384 };

static const struct {
	const char *type, *curve;
	enum form form;
} types[] = {
#define KEY_TYPE(type, curve, form) { type, curve, form },
#include "policy/key_types.def"
#undef KEY_TYPE
};

struct blob {
	const uint8_t *at;
	size_t len;
	bool bad;
};

static int base64_value(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* Strict: whole groups, right padding, no left-over bits. Bytes or -1. */
static int base64_read(const char *text, size_t len, uint8_t *out, size_t size)
{
	size_t used = 0;

	if (len == 0 || len % 4 != 0 || len / 4 * 3 > size)
		return -1;
	for (size_t i = 0; i < len; i += 4) {
		bool last = i + 4 == len;
		int pad = last ? (text[i + 3] == '=') + (text[i + 3] == '=' &&
							 text[i + 2] == '=')
			       : 0;
		uint32_t bits = 0;

		for (int k = 0; k < 4; k++) {
			int v = k >= 4 - pad
					? 0
					: base64_value(text[i + (size_t)k]);

			if (v < 0)
				return -1;
			bits = bits << 6 | (uint32_t)v;
		}
		if (pad && bits & ((1u << (8 * pad)) - 1))
			return -1;
		for (int k = 0; k < 3 - pad; k++)
			out[used++] = (uint8_t)(bits >> (16 - 8 * k));
	}
	return (int)used;
}

static const uint8_t *blob_field(struct blob *blob, size_t *len)
{
	const uint8_t *at = blob->at;

	*len = 0;
	if (blob->bad || blob->len < 4) {
		blob->bad = true;
		return NULL;
	}
	size_t n = (size_t)at[0] << 24 | (size_t)at[1] << 16 |
		   (size_t)at[2] << 8 | at[3];
	if (n > blob->len - 4) {
		blob->bad = true;
		return NULL;
	}
	blob->at += 4 + n;
	blob->len -= 4 + n;
	*len = n;
	return at + 4;
}

static void want_text(struct blob *blob, const char *text)
{
	size_t len;
	const uint8_t *at = blob_field(blob, &len);

	if (!at || len != strlen(text) || memcmp(at, text, len) != 0)
		blob->bad = true;
}

static void want_bytes(struct blob *blob, size_t want, int first)
{
	size_t len;
	const uint8_t *at = blob_field(blob, &len);

	if (!at || len != want || (first >= 0 && at[0] != first))
		blob->bad = true;
}

static void want_some(struct blob *blob)
{
	size_t len;

	if (!blob_field(blob, &len) || len == 0)
		blob->bad = true;
}

/* Bits of a positive SSH mpint in its shortest form. */
static size_t mpint_bits(struct blob *blob)
{
	size_t len, bits;
	const uint8_t *at = blob_field(blob, &len);

	if (!at || len == 0 || at[0] & 0x80 ||
	    (at[0] == 0 && (len == 1 || !(at[1] & 0x80)))) {
		blob->bad = true;
		return 0;
	}
	if (at[0] == 0) {
		at++;
		len--;
	}
	bits = len * 8;
	for (unsigned int mask = 0x80; mask && !(at[0] & mask); mask >>= 1)
		bits--;
	return bits;
}

static int read_blob(struct blob blob, size_t type, enum text_id *why)
{
	enum form form = types[type].form;
	size_t bits = RSA_LEAST;

	*why = TEXT_KEY_BLOB;
	want_text(&blob, types[type].type);
	if (form == RSA_KEY) {
		if (mpint_bits(&blob) < 2)
			blob.bad = true;
		bits = mpint_bits(&blob);
	} else if (form == ED25519 || form == SK_ED25519) {
		want_bytes(&blob, 32, -1);
	} else {
		want_text(&blob, types[type].curve);
		want_bytes(&blob, 65, 4);
	}
	if (form == SK_ED25519 || form == SK_ECDSA)
		want_some(&blob);
	if (blob.bad || blob.len != 0)
		return -1;
	if (bits < RSA_LEAST || bits > RSA_MOST) {
		*why = TEXT_KEY_SHORT;
		return -1;
	}
	return 0;
}

struct hash public_key_hash(const uint8_t *blob, size_t len)
{
	struct hash hash;

	SHA256(blob, len, hash.bytes);
	return hash;
}

int public_key_read(const char *line, struct public_key *key, enum text_id *why)
{
	uint8_t bytes[BLOB_SIZE];
	size_t type_len = strcspn(line, " \t");
	const char *base64 = line + type_len + strspn(line + type_len, " \t");
	size_t base64_len = strcspn(base64, " \t");

	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		if (strlen(types[i].type) != type_len ||
		    memcmp(types[i].type, line, type_len) != 0)
			continue;
		*why = TEXT_KEY_BLOB;
		int len = base64_read(base64, base64_len, bytes, sizeof bytes);
		if (len < 0 || read_blob((struct blob){ bytes, (size_t)len, 0 },
					 i, why) < 0)
			return -1;
		memcpy(key->type, line, type_len);
		key->type[type_len] = '\0';
		key->hash = public_key_hash(bytes, (size_t)len);
		return 0;
	}
	*why = TEXT_KEY_TYPE;
	return -1;
}
