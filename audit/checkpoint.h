/*
 * checkpoint - a tree head as text (C2SP tlog-checkpoint): origin, size, root.
 */
#ifndef AUDIT_CHECKPOINT_H
#define AUDIT_CHECKPOINT_H

#include "audit/note.h"
#include "audit/proof.h"

/* Text, and a whole note with the cosignatures of 32 witnesses. */
enum { CHECKPOINT_TEXT = NOTE_NAME + 96, CHECKPOINT_NOTE = 8192 };

struct checkpoint {
	char origin[NOTE_NAME];
	struct proof_head head;
};

/* The text that is signed; no extension lines. */
void checkpoint_text(char out[static CHECKPOINT_TEXT],
		     const struct checkpoint *checkpoint);

/* Read such a text; extension lines are allowed and left alone. Strict: one
 * spelling of the size, canonical base64. 0 or -1. */
int checkpoint_parse(struct checkpoint *checkpoint, const char *text,
		     size_t len, struct err *err);

/* The same origin, size and root? */
bool checkpoint_same(const struct checkpoint *a, const struct checkpoint *b);

#endif
