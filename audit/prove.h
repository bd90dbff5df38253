/*
 * prove - one entry of a log's folder with the proof that it is in the log.
 */
#ifndef AUDIT_PROVE_H
#define AUDIT_PROVE_H

#include "audit/canonical.h"
#include "audit/proof_text.h"

/* Where to look; all of it the caller's. */
struct prove_log {
	int seg, hash;		/* folders */
	struct proof_head head; /* of the checkpoint */
	const char *checkpoint; /* a signed note, with a NUL */
	struct hasher *hasher;
};

struct prove_found {
	char entry[CANONICAL_MAX + 1]; /* without its LF, with a NUL */
	size_t entry_len;
	char text[PROOF_TEXT]; /* a tlog-proof */
	size_t text_len;
};

/*
 * Find entry index and make its proof, checked before it is given out. 0; or
 * -1 and err: not under the checkpoint, not there, or the files do not match
 * what the checkpoint says.
 */
int prove_entry(const struct prove_log *log, uint64_t index,
		struct prove_found *found, struct err *err);

#endif
