/*
 * proof - inclusion and consistency proofs of the RFC 6962 tree.
 *
 * Made from stored nodes, checked from nothing but the proof. A proof lists
 * its hashes from the lowest level up, as RFC 6962 and C2SP write them.
 */
#ifndef AUDIT_PROOF_H
#define AUDIT_PROOF_H

#include "audit/merkle.h"

enum { PROOF_MAX = 64 };

struct proof {
	unsigned int n;
	struct hash hashes[PROOF_MAX];
};

/* Where stored nodes come from: the root of the perfect subtree number index
 * of 2^level leaves. node returns 0 or -1. */
struct proof_source {
	void *context;
	int (*node)(void *context, unsigned int level, uint64_t index,
		    struct hash *out);
};

/* The root of leaves [begin, end), 0 <= begin < end. 0 or -1. */
int proof_range(const struct proof_source *source, struct hasher *hasher,
		const uint64_t range[static 2], struct hash *out);

/* index < size; 0 < old <= size. 0, or -1: out of range or a node missing. */
int proof_inclusion(const struct proof_source *source, struct hasher *hasher,
		    uint64_t index, uint64_t size, struct proof *proof);
int proof_consistency(const struct proof_source *source, struct hasher *hasher,
		      uint64_t old, uint64_t size, struct proof *proof);

/* A tree head. */
struct proof_head {
	uint64_t size;
	struct hash root;
};

/* Does the proof show leaf at index in head; head as a continuation of old? */
bool proof_check_inclusion(struct hasher *hasher, const struct proof *proof,
			   uint64_t index, const struct hash *leaf,
			   const struct proof_head *head);
bool proof_check_consistency(struct hasher *hasher, const struct proof *proof,
			     const struct proof_head *old,
			     const struct proof_head *head);

#endif
