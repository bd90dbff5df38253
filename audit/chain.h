/*
 * chain - which entry may follow: its index, and the hash of the one before.
 *
 * The hash in an entry's _p is the RFC 6962 leaf hash of the entry before it,
 * so that one hash serves the chain and the tree.
 */
#ifndef AUDIT_CHAIN_H
#define AUDIT_CHAIN_H

#include "audit/merkle.h"
#include "audit/record.h"

struct chain {
	uint64_t next;	  /* index of the next entry */
	struct hash head; /* leaf hash of the last one; zero before the first */
};

void chain_init(struct chain *chain);

/* Take in a line that we wrote; returns its leaf hash. */
struct hash chain_append(struct chain *chain, struct hasher *hasher,
			 const void *line, size_t len);

/*
 * Take in a line that was read: canonical, of the right index, following the
 * head. 0 and view filled, or -1, err, and the chain as it was.
 */
int chain_follow(struct chain *chain, struct hasher *hasher, const char *line,
		 size_t len, struct record_view *view, struct err *err);

#endif
