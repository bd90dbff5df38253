/*
 * signer - the log's signing key, kept in a folder of its own.
 */
#ifndef AUDIT_SIGNER_H
#define AUDIT_SIGNER_H

#include "audit/note.h"

/*
 * Load the key for origin from the key folder. 1: loaded; 0: there is none;
 * -1: damaged, or of another origin.
 */
int signer_load(int dir, const char *origin, struct note_key *key,
		struct err *err);

/* Make one, durably, and load it. 0 or -1. */
int signer_create(int dir, const char *origin, struct note_key *key,
		  struct err *err);

/*
 * The key that is to take over: made if root put an empty file "rotate" into
 * the folder, or the one that an earlier start made and did not come to the
 * end of. 1: loaded; 0: none is to take over; -1.
 */
int signer_next(int dir, const char *origin, struct note_key *key,
		struct err *err);

/* It has taken over: the old key is gone for good. 0 or -1. */
int signer_take_over(int dir, struct err *err);

#endif
