#include "audit/hash.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "audit/base64.h"

int hasher_init(struct hasher *hasher, struct err *err)
{
	hasher->digest = EVP_MD_fetch(NULL, "SHA256", NULL);
	hasher->context = EVP_MD_CTX_new();
	if (!hasher->digest || !hasher->context) {
		hasher_clear(hasher);
		return err_set(err, "OpenSSL offers no SHA-256");
	}
	return 0;
}

void hasher_clear(struct hasher *hasher)
{
	EVP_MD_CTX_free(hasher->context);
	EVP_MD_free(hasher->digest);
	hasher->context = NULL;
	hasher->digest = NULL;
}

struct hash hash_pair(struct hasher *hasher, const void *a, size_t a_len,
		      const void *b, size_t b_len)
{
	EVP_MD_CTX *context = hasher->context;
	struct hash hash;

	if (EVP_DigestInit_ex2(context, hasher->digest, NULL) != 1 ||
	    EVP_DigestUpdate(context, a, a_len) != 1 ||
	    EVP_DigestUpdate(context, b, b_len) != 1 ||
	    EVP_DigestFinal_ex(context, hash.bytes, NULL) != 1)
		die("SHA-256 failed");
	return hash;
}

struct hash hash_leaf(struct hasher *hasher, const void *entry, size_t len)
{
	return hash_pair(hasher, "\0", 1, entry, len);
}

struct hash hash_node(struct hasher *hasher, const struct hash *left,
		      const struct hash *right)
{
	uint8_t bytes[1 + 2 * HASH_SIZE];

	bytes[0] = 1;
	memcpy(bytes + 1, left->bytes, HASH_SIZE);
	memcpy(bytes + 1 + HASH_SIZE, right->bytes, HASH_SIZE);
	return hash_pair(hasher, bytes, sizeof bytes, NULL, 0);
}

struct hash hash_bytes(struct hasher *hasher, const void *bytes, size_t len)
{
	return hash_pair(hasher, bytes, len, NULL, 0);
}

void hasher_begin(struct hasher *hasher)
{
	if (EVP_DigestInit_ex2(hasher->context, hasher->digest, NULL) != 1)
		die("SHA-256 failed");
}

void hasher_add(struct hasher *hasher, const void *bytes, size_t len)
{
	if (EVP_DigestUpdate(hasher->context, bytes, len) != 1)
		die("SHA-256 failed");
}

struct hash hasher_end(struct hasher *hasher)
{
	struct hash hash;

	if (EVP_DigestFinal_ex(hasher->context, hash.bytes, NULL) != 1)
		die("SHA-256 failed");
	return hash;
}

bool hash_equal(const struct hash *a, const struct hash *b)
{
	return memcmp(a->bytes, b->bytes, HASH_SIZE) == 0;
}

void hash_hex(char out[static HASH_HEX_SIZE], const struct hash *hash)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < HASH_SIZE; i++) {
		out[2 * i] = digits[hash->bytes[i] >> 4];
		out[2 * i + 1] = digits[hash->bytes[i] & 15];
	}
	out[HASH_HEX_SIZE - 1] = '\0';
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool hash_from_hex(struct hash *hash, const char *text, size_t len)
{
	if (len != HASH_HEX_SIZE - 1)
		return false;
	for (size_t i = 0; i < HASH_SIZE; i++) {
		int high = hex_digit(text[2 * i]);
		int low = hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		hash->bytes[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

void hash_base64(char out[static HASH_BASE64_SIZE], const struct hash *hash)
{
	base64_encode(out, HASH_BASE64_SIZE, hash->bytes, HASH_SIZE);
}

bool hash_from_base64(struct hash *hash, const char *text, size_t len)
{
	return len == HASH_BASE64_SIZE - 1 &&
	       base64_decode(hash->bytes, HASH_SIZE, text, len) == HASH_SIZE;
}
