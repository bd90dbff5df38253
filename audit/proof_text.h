/*
 * proof_text - an inclusion proof as text (C2SP tlog-proof): index, hashes and
 * the checkpoint that they lead to. A proof that is read may come from an
 * enemy.
 */
#ifndef AUDIT_PROOF_TEXT_H
#define AUDIT_PROOF_TEXT_H

#include "audit/checkpoint.h"

enum { PROOF_TEXT = 64 + PROOF_MAX * HASH_BASE64_SIZE + CHECKPOINT_NOTE };

struct proof_text {
	uint64_t index;
	struct proof proof;
	const char *checkpoint; /* a signed note */
	size_t checkpoint_len;
};

/* Write it, with a final NUL; no extra line. The length, or -1: no room. */
long proof_text_write(char *out, size_t size, const struct proof_text *text);

/* Take one apart; an extra line is allowed and left alone, as it proves
 * nothing. Points into bytes. 0 or -1: malformed. */
int proof_text_read(struct proof_text *text, const char *bytes, size_t len,
		    struct err *err);

#endif
