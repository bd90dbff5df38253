/*
 * hash - SHA-256 the way the log needs it: leaves, nodes, files.
 *
 * RFC 6962 2.1: a leaf is SHA-256(0x00 || entry), a node SHA-256(0x01 || left
 * || right). A hasher is room for one hash that is being made; it belongs to
 * one thread, and needs no beginning or end of its own.
 */
#ifndef AUDIT_HASH_H
#define AUDIT_HASH_H

#include <openssl/sha.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HASH_SIZE = 32, HASH_HEX_SIZE = 65, HASH_BASE64_SIZE = 45 };

struct hash {
	uint8_t bytes[HASH_SIZE];
};

struct hasher {
	SHA256_CTX running;
};

struct hash hash_leaf(struct hasher *hasher, const void *entry, size_t len);
struct hash hash_node(struct hasher *hasher, const struct hash *left,
		      const struct hash *right);
/* Plain SHA-256, and the same in two parts (a may be NULL if a_len is 0). */
struct hash hash_bytes(struct hasher *hasher, const void *bytes, size_t len);
struct hash hash_pair(struct hasher *hasher, const void *a, size_t a_len,
		      const void *b, size_t b_len);

/* Plain SHA-256 of what comes in pieces: begin, add as often as wanted, end. */
void hasher_begin(struct hasher *hasher);
void hasher_add(struct hasher *hasher, const void *bytes, size_t len);
struct hash hasher_end(struct hasher *hasher);

bool hash_equal(const struct hash *a, const struct hash *b);
void hash_hex(char out[static HASH_HEX_SIZE], const struct hash *hash);
void hash_base64(char out[static HASH_BASE64_SIZE], const struct hash *hash);
/* Exactly 64 lowercase digits. */
bool hash_from_hex(struct hash *hash, const char *text, size_t len);
/* Exactly 44 characters of standard base64 as hash_base64() writes them. */
bool hash_from_base64(struct hash *hash, const char *text, size_t len);

#endif
