/*
 * shelf - the folder of one person's releases under one permit,
 * released/PERMIT/ACTOR, and the releases in it.
 *
 * A release is a folder of mode 0550 with files of mode 0440. It is built in
 * new/ and moved to its number when all of it is on the disk; nothing changes
 * in it after that.
 */
#ifndef POLICY_AIRLOCK_STORE_SHELF_H
#define POLICY_AIRLOCK_STORE_SHELF_H

#include "policy/airlock/store/place.h"

/* LOOSE: this release, of which the disk is not sure. */
enum shelf_found { SHELF_OTHER = 0, SHELF_EMPTY, SHELF_SAME, SHELF_LOOSE };

/* Open PERMIT/ACTOR beneath folder, made (0750) where it is missing, and
 * durable. The caller's, or -1. */
int shelf_open(int folder, const char *permit, const char *actor,
	       struct err *err);

/* What stands at the number: nothing, a release with this receipt, or
 * something else. One with this receipt is made as a release must be. */
enum shelf_found shelf_look(int shelf, const char *number, const char *receipt,
			    size_t len);

/* Give the copy a name in the folder of a release, below folders that are
 * made where they are missing. 0 or -1. */
int shelf_link(const struct place *place, int folder, const char *name,
	       const uint8_t hash[static NAMES_HASH], struct err *err);

/* Sync the folder, which is NAME of new/, and move it to its number. SAME: it
 * stands, durable; EMPTY: it is still NAME, and err says why; LOOSE: it stands
 * and cannot be taken back. */
enum shelf_found shelf_put(const struct place *place, const char *name,
			   int shelf, const char *number, struct err *err);

/* Take the release PERMIT/ACTOR/NUMBER away. Durable when this returns 0, also
 * where there was none; or -1. */
int shelf_clear(struct place *place, const char *permit, const char *actor,
		const char *number, struct err *err);

#endif
