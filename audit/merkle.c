#include "audit/merkle.h"

#include "gateway/base/err.h"

void merkle_init(struct merkle *tree)
{
	tree->size = 0;
}

/* Carry node up from level, as in adding one to a binary number. */
static unsigned int carry(struct merkle *tree, struct hasher *hasher,
			  unsigned int level, struct hash node,
			  struct hash *made)
{
	unsigned int dense = 0;

	for (;; level++) {
		if (made && level % MERKLE_TILE == 0)
			made[dense++] = node;
		if (!(tree->size >> level & 1))
			break;
		node = hash_node(hasher, &tree->edge[level], &node);
	}
	tree->edge[level] = node;
	return dense;
}

unsigned int merkle_append(struct merkle *tree, struct hasher *hasher,
			   const struct hash *leaf,
			   struct hash made[static MERKLE_DENSE])
{
	if (tree->size >> (MERKLE_LEVELS - 2))
		die("the tree is full");
	unsigned int dense = carry(tree, hasher, 0, *leaf, made);
	tree->size++;
	return dense;
}

void merkle_append_perfect(struct merkle *tree, struct hasher *hasher,
			   unsigned int level, const struct hash *root)
{
	uint64_t leaves = UINT64_C(1) << level;

	if (tree->size % leaves != 0 || tree->size >> (MERKLE_LEVELS - 2))
		die("a subtree that does not fit the tree");
	carry(tree, hasher, level, *root, NULL);
	tree->size += leaves;
}

struct hash merkle_root_with(const struct merkle *tree, struct hasher *hasher,
			     const struct hash *right)
{
	struct hash root;
	bool any = right != NULL;

	if (right)
		root = *right;
	for (unsigned int l = 0; l < MERKLE_LEVELS; l++) {
		if (!(tree->size >> l & 1))
			continue;
		root = any ? hash_node(hasher, &tree->edge[l], &root)
			   : tree->edge[l];
		any = true;
	}
	return any ? root : hash_bytes(hasher, NULL, 0);
}

struct hash merkle_root(const struct merkle *tree, struct hasher *hasher)
{
	return merkle_root_with(tree, hasher, NULL);
}
