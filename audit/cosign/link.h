/*
 * link - what sekisho-anchor says to audit.
 *
 * One question at a time; audit answers at once, for it is asked of what is
 * published. Any -1 means that audit is gone, or the link: exit.
 */
#ifndef AUDIT_COSIGN_LINK_H
#define AUDIT_COSIGN_LINK_H

#include "audit/checkpoint.h"
#include "audit/cosign/witness.h"

struct link_told {
	enum reason reason;
	const char *witness; /* its name in the policy; "" none */
	uint64_t size;	     /* of the checkpoint */
	unsigned int cosigned, witnesses;
};

/* The published checkpoint, with a NUL; length 0: none is. */
int link_head(int audit, char note[static CHECKPOINT_NOTE], size_t *len,
	      struct err *err);

/* The proof that size continues old. */
int link_growth(int audit, uint64_t old, uint64_t size, struct proof *proof,
		struct err *err);

/* Hand over a checkpoint with cosignatures (token NULL), or a token. */
struct link_said {
	const char *note;
	size_t len;
	const uint8_t *token;
	size_t token_len;
};
int link_said(int audit, const struct link_said *said, struct err *err);

/* Record log.anchor. */
int link_tell(int audit, const struct link_told *told, struct err *err);

/* Hear what came unasked: acknowledgements. 0 or -1. */
int link_drain(int audit, struct err *err);

#endif
