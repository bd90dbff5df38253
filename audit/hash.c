#include "audit/hash.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "audit/base64.h"

/* The context of a digest that was begun with these bytes, or NULL. */
static EVP_MD_CTX *begin(const struct hasher *hasher, const void *bytes,
			 size_t len)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();

	if (context && EVP_DigestInit_ex2(context, hasher->digest, NULL) == 1 &&
	    EVP_DigestUpdate(context, bytes, len) == 1)
		return context;
	EVP_MD_CTX_free(context);
	return NULL;
}

int hasher_init(struct hasher *hasher, struct err *err)
{
	memset(hasher, 0, sizeof *hasher);
	hasher->digest = EVP_MD_fetch(NULL, "SHA256", NULL);
	if (hasher->digest) {
		hasher->context = EVP_MD_CTX_new();
		hasher->begun = begin(hasher, NULL, 0);
		hasher->leaf = begin(hasher, "", 1);
	}
	if (!hasher->context || !hasher->begun || !hasher->leaf) {
		hasher_clear(hasher);
		return err_set(err, "OpenSSL offers no SHA-256");
	}
	return 0;
}

void hasher_clear(struct hasher *hasher)
{
	EVP_MD_CTX_free(hasher->context);
	EVP_MD_CTX_free(hasher->begun);
	EVP_MD_CTX_free(hasher->leaf);
	EVP_MD_free(hasher->digest);
	memset(hasher, 0, sizeof *hasher);
}

static void go_on_from(struct hasher *hasher, const EVP_MD_CTX *begun)
{
	if (EVP_MD_CTX_copy_ex(hasher->context, begun) != 1)
		die("SHA-256 failed");
}

void hasher_begin(struct hasher *hasher)
{
	go_on_from(hasher, hasher->begun);
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

struct hash hash_leaf(struct hasher *hasher, const void *entry, size_t len)
{
	go_on_from(hasher, hasher->leaf);
	hasher_add(hasher, entry, len);
	return hasher_end(hasher);
}

struct hash hash_node(struct hasher *hasher, const struct hash *left,
		      const struct hash *right)
{
	uint8_t bytes[1 + 2 * HASH_SIZE];

	bytes[0] = 1;
	memcpy(bytes + 1, left->bytes, HASH_SIZE);
	memcpy(bytes + 1 + HASH_SIZE, right->bytes, HASH_SIZE);
	return hash_bytes(hasher, bytes, sizeof bytes);
}

struct hash hash_bytes(struct hasher *hasher, const void *bytes, size_t len)
{
	hasher_begin(hasher);
	hasher_add(hasher, bytes, len);
	return hasher_end(hasher);
}

struct hash hash_pair(struct hasher *hasher, const void *a, size_t a_len,
		      const void *b, size_t b_len)
{
	hasher_begin(hasher);
	hasher_add(hasher, a, a_len);
	hasher_add(hasher, b, b_len);
	return hasher_end(hasher);
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
