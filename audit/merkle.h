/*
 * merkle - the RFC 6962 tree over the log's entries, as its right edge.
 *
 * Appending needs only the roots of the perfect subtrees that make up the
 * tree, one for each bit of its size. Pure: no files.
 */
#ifndef AUDIT_MERKLE_H
#define AUDIT_MERKLE_H

#include "audit/hash.h"

enum {
	MERKLE_LEVELS = 64,
	MERKLE_TILE = 8, /* levels between two stored ones */
	MERKLE_DENSE = 8 /* stored levels: 0, 8, 16, ... 56 */
};

struct merkle {
	uint64_t size;
	struct hash edge[MERKLE_LEVELS]; /* [l] counts if bit l of size is 1 */
};

void merkle_init(struct merkle *tree);

/*
 * Append a leaf hash. Returns for how many dense levels a hash was completed:
 * made[0] is the leaf, made[1] the root of the last 256 leaves, made[2] of
 * the last 65,536, and so on.
 */
unsigned int merkle_append(struct merkle *tree, struct hasher *hasher,
			   const struct hash *leaf,
			   struct hash made[static MERKLE_DENSE]);

/* Append the root of a perfect subtree of 2^level leaves to a tree whose size
 * is a multiple of 2^level. */
void merkle_append_perfect(struct merkle *tree, struct hasher *hasher,
			   unsigned int level, const struct hash *root);

/* The root; of an empty tree SHA-256 of nothing. */
struct hash merkle_root(const struct merkle *tree, struct hasher *hasher);

/*
 * The root of the tree that continues tree by a subtree of fewer leaves than
 * the lowest bit of its size, whose root is right; NULL: by nothing.
 */
struct hash merkle_root_with(const struct merkle *tree, struct hasher *hasher,
			     const struct hash *right);

#endif
