/*
 * keyring - the keys that a log has had, in the order in which it names them:
 * the first in log.genesis, each further one in a log.key entry.
 *
 * Pure. Used by the writer, which must hold the newest, and by the verifier,
 * for which it says which key had to sign which size.
 */
#ifndef AUDIT_KEYRING_H
#define AUDIT_KEYRING_H

#include "audit/note.h"
#include "audit/record.h"

enum { KEYRING_MAX = 16 };

struct keyring {
	unsigned int n;
	struct keyring_key {
		uint64_t index; /* of the entry that names it */
		char vkey[NOTE_VKEY];
	} keys[KEYRING_MAX];
};

/* Does this entry of audit name a key? true and which. */
bool keyring_named(const struct record_view *view, char vkey[static NOTE_VKEY]);

/* Add one. 0, or -1: there are too many. */
int keyring_add(struct keyring *ring, uint64_t index, const char *vkey);

/* Which key is in force for a log of size entries, size > 0; the newest that
 * an entry among them names. */
unsigned int keyring_active(const struct keyring *ring, uint64_t size);

/* All of them, a line each, as in key.pub. */
enum { KEYRING_TEXT = KEYRING_MAX * (NOTE_VKEY + 1) + 1 };
void keyring_text(char out[static KEYRING_TEXT], const struct keyring *ring);

#endif
