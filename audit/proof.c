#include "audit/proof.h"

/* The largest power of two below n, n > 1. */
static uint64_t split(uint64_t n)
{
	return UINT64_C(1) << (63 - __builtin_clzll(n - 1));
}

int proof_range(const struct proof_source *source, struct hasher *hasher,
		const uint64_t range[static 2], struct hash *out)
{
	uint64_t begin = range[0], n = range[1] - range[0];

	if (range[1] <= begin)
		return -1;
	if ((n & (n - 1)) == 0 && begin % n == 0) {
		unsigned int level = (unsigned int)__builtin_ctzll(n);

		return source->node(source->context, level, begin >> level,
				    out);
	}
	uint64_t middle = begin + split(n);
	struct hash left, right;
	if (proof_range(source, hasher, (uint64_t[]){ begin, middle }, &left) <
		    0 ||
	    proof_range(source, hasher, (uint64_t[]){ middle, range[1] },
			&right) < 0)
		return -1;
	*out = hash_node(hasher, &left, &right);
	return 0;
}

/* Add the root of [begin, end) to the proof. */
static int add(const struct proof_source *source, struct hasher *hasher,
	       uint64_t begin, uint64_t end, struct proof *proof)
{
	if (proof->n == PROOF_MAX)
		return -1;
	return proof_range(source, hasher, (uint64_t[]){ begin, end },
			   &proof->hashes[proof->n++]);
}

/* RFC 6962 2.1.1 from the top down; the hashes are wanted from below, so the
 * way down is remembered and then walked back. */
int proof_inclusion(const struct proof_source *source, struct hasher *hasher,
		    uint64_t index, uint64_t size, struct proof *proof)
{
	struct {
		uint64_t begin, end;
	} sibling[PROOF_MAX];
	unsigned int depth = 0;
	uint64_t begin = 0, end = size;

	proof->n = 0;
	if (index >= size)
		return -1;
	while (end - begin > 1) {
		uint64_t middle = begin + split(end - begin);

		if (index < middle) {
			sibling[depth].begin = middle;
			sibling[depth++].end = end;
			end = middle;
		} else {
			sibling[depth].begin = begin;
			sibling[depth++].end = middle;
			begin = middle;
		}
	}
	while (depth-- > 0)
		if (add(source, hasher, sibling[depth].begin,
			sibling[depth].end, proof) < 0)
			return -1;
	return 0;
}

/* RFC 6962 2.1.2: the same walk towards the old tree's last subtree. */
int proof_consistency(const struct proof_source *source, struct hasher *hasher,
		      uint64_t old, uint64_t size, struct proof *proof)
{
	struct {
		uint64_t begin, end;
	} sibling[PROOF_MAX];
	unsigned int depth = 0;
	uint64_t begin = 0, end = size;

	proof->n = 0;
	if (old == 0 || old > size)
		return -1;
	while (end != old) {
		uint64_t middle = begin + split(end - begin);

		if (old <= middle) {
			sibling[depth].begin = middle;
			sibling[depth++].end = end;
			end = middle;
		} else {
			sibling[depth].begin = begin;
			sibling[depth++].end = middle;
			begin = middle;
		}
	}
	if (begin > 0 && add(source, hasher, begin, end, proof) < 0)
		return -1;
	while (depth-- > 0)
		if (add(source, hasher, sibling[depth].begin,
			sibling[depth].end, proof) < 0)
			return -1;
	return 0;
}

/* RFC 9162 2.1.3.2 */
bool proof_check_inclusion(struct hasher *hasher, const struct proof *proof,
			   uint64_t index, const struct hash *leaf,
			   const struct proof_head *head)
{
	uint64_t fn = index, sn = head->size - 1;
	struct hash r = *leaf;

	if (index >= head->size)
		return false;
	for (unsigned int i = 0; i < proof->n; i++) {
		const struct hash *p = &proof->hashes[i];

		if (sn == 0)
			return false;
		if ((fn & 1) || fn == sn) {
			r = hash_node(hasher, p, &r);
			while (!(fn & 1) && fn != 0) {
				fn >>= 1;
				sn >>= 1;
			}
		} else {
			r = hash_node(hasher, &r, p);
		}
		fn >>= 1;
		sn >>= 1;
	}
	return sn == 0 && hash_equal(&r, &head->root);
}

/* RFC 9162 2.1.4.2, from step 5 on: first is the first hash to fold. */
static bool fold(struct hasher *hasher, const struct proof *proof,
		 unsigned int from, const struct hash *first,
		 const struct proof_head heads[static 2])
{
	uint64_t fn = heads[0].size - 1, sn = heads[1].size - 1;
	struct hash fr = *first, sr = *first;

	while (fn & 1) {
		fn >>= 1;
		sn >>= 1;
	}
	for (unsigned int i = from; i < proof->n; i++) {
		const struct hash *c = &proof->hashes[i];

		if (sn == 0)
			return false;
		if ((fn & 1) || fn == sn) {
			fr = hash_node(hasher, c, &fr);
			sr = hash_node(hasher, c, &sr);
			while (!(fn & 1) && fn != 0) {
				fn >>= 1;
				sn >>= 1;
			}
		} else {
			sr = hash_node(hasher, &sr, c);
		}
		fn >>= 1;
		sn >>= 1;
	}
	return sn == 0 && hash_equal(&fr, &heads[0].root) &&
	       hash_equal(&sr, &heads[1].root);
}

bool proof_check_consistency(struct hasher *hasher, const struct proof *proof,
			     const struct proof_head *old,
			     const struct proof_head *head)
{
	struct proof_head heads[2] = { *old, *head };

	if (old->size == 0 || old->size > head->size)
		return false;
	if (old->size == head->size)
		return proof->n == 0 && hash_equal(&old->root, &head->root);
	if ((old->size & (old->size - 1)) == 0)
		return fold(hasher, proof, 0, &old->root, heads);
	if (proof->n == 0)
		return false;
	return fold(hasher, proof, 1, &proof->hashes[0], heads);
}
