/*
 * nodes - the tree's stored hashes, from the folder hash/, for proofs.
 *
 * What is read is not trusted: a proof that is made of it is checked against
 * a signed head before anybody is given it.
 */
#ifndef AUDIT_NODES_H
#define AUDIT_NODES_H

#include "audit/proof.h"
#include "gateway/base/err.h"

struct nodes {
	int levels[MERKLE_DENSE]; /* hash/<L>; -1: not there */
	struct hasher *hasher;	  /* the caller's */
};

/* hash: the folder, the caller's. 0 or -1. */
int nodes_open(struct nodes *nodes, int hash, struct hasher *hasher,
	       struct err *err);
void nodes_close(struct nodes *nodes);

/* For proof_*(); valid as long as nodes is. */
struct proof_source nodes_source(struct nodes *nodes);

#endif
