/* EVP copies a context of its own for each hash, which costs more than the
 * node of a tree. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "audit/hash.h"

#include <string.h>

#include "audit/base64.h"

void hasher_begin(struct hasher *hasher)
{
	SHA256_Init(&hasher->running);
}

void hasher_add(struct hasher *hasher, const void *bytes, size_t len)
{
	SHA256_Update(&hasher->running, bytes, len);
}

struct hash hasher_end(struct hasher *hasher)
{
	struct hash hash;

	SHA256_Final(hash.bytes, &hasher->running);
	return hash;
}

struct hash hash_leaf(struct hasher *hasher, const void *entry, size_t len)
{
	return hash_pair(hasher, "", 1, entry, len);
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
