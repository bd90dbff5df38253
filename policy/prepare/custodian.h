/*
 * custodian - a person among the custodians, by a key of their own.
 *
 * The key's file is what they have; the passphrase that opens it is what they
 * know. The list of custodians is a file of verifier keys (audit/note.h), one
 * a line.
 */
#ifndef POLICY_PREPARE_CUSTODIAN_H
#define POLICY_PREPARE_CUSTODIAN_H

#include "audit/note.h"
#include "policy/prepare/fault.h"

enum { CUSTODIANS = 32 };

struct custodians {
	uint32_t n;
	struct note_key key[CUSTODIANS];
};

/* Make a key for name in a new file; vkey: the line for the list. */
int custodian_make(const char *file, const char *name, const char *passphrase,
		   char vkey[static NOTE_VKEY], struct fault *fault);
/* Open it to sign. note_key_clear() is the caller's, after a 0. */
int custodian_open(struct note_key *key, const char *file, const char *name,
		   const char *passphrase, struct fault *fault);

/* Read the list. A name or a key that stands there twice is refused: it would
 * be one person twice. The caller calls custodians_clear in any case. */
int custodians_read(struct custodians *list, int folder, const char *path,
		    struct fault *fault);
void custodians_clear(struct custodians *list);
/* NULL: nobody of that name. */
const struct note_key *custodians_find(const struct custodians *list,
				       const char *name);

#endif
