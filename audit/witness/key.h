/*
 * key - the witness's own key, in its folder.
 */
#ifndef AUDIT_WITNESS_KEY_H
#define AUDIT_WITNESS_KEY_H

#include "audit/note.h"

/* Load it; its file also says its name. 1: loaded; 0: there is none; -1:
 * damaged or unreadable. */
int key_load(int dir, struct note_key *key, struct err *err);

/* Make one, durably, and load it. 0 or -1. */
int key_create(int dir, const char *name, struct note_key *key,
	       struct err *err);

#endif
