/*
 * permit_keys - the key of each permit, as sekisho-keys derives it for the
 * vault (gateway/keys/ring.h). The supervisor is asked for it and passes it on.
 *
 * Rows of a permit end with its key, also those that a backup has of them. It
 * stands in memory alone, for some permits at a time.
 */
#ifndef AUDIT_VAULT_PERMIT_KEYS_H
#define AUDIT_VAULT_PERMIT_KEYS_H

#include <stdbool.h>

#include "audit/vault/seal.h"
#include "gateway/base/msg.h"
#include "gateway/base/plan.h"

enum {
	PERMIT_KEYS = 64,      /* at hand */
	PERMIT_KEYS_MS = 15000 /* how long sekisho-keys may be away */
};

/* Under whose key stands what is no permit's: no permit may be called so, for
 * an id in a policy begins with a letter or a digit. */
#define PERMIT_KEYS_NOBODY "_"

struct permit_keys {
	int link; /* to the supervisor */
	void *owner;
	/* Something else that the supervisor said meanwhile. 0 or -1. */
	int (*other)(void *owner, struct msg *m, struct err *err);
	struct permit_key {
		char permit[ID_SIZE]; /* "": none */
		uint8_t key[SEAL_KEY];
	} at_hand[PERMIT_KEYS];
	struct msg m;
};

/*
 * The key of a permit ("-": of what is no permit's), made if make and it has
 * none. Waits for sekisho-keys. 1; 0: it has none, or had one; -1: no answer,
 * and the vault must end (who waits for it keeps what it sent).
 */
int permit_keys_get(struct permit_keys *keys, const char *permit, bool make,
		    uint8_t key[SEAL_KEY], struct err *err);

/* Forget the key of a permit that is at hand. */
void permit_keys_forget(struct permit_keys *keys, const char *permit);

#endif
