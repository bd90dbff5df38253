/*
 * permit_keys - ask sekisho-keys for a permit's key, or for its end.
 *
 * Whoever is given a key hands it on, to the kernel or to the process it is
 * for, and wipes it.
 */
#ifndef GATEWAY_SUPERVISOR_PERMIT_KEYS_H
#define GATEWAY_SUPERVISOR_PERMIT_KEYS_H

#include "gateway/supervisor/asks.h"

enum { PERMIT_KEY_LEN = 32 };

enum permit_key { KEY_FAILED = 0, KEY_HERE, KEY_NONE, KEY_GONE };

/* Ask for the permit's key for a purpose of purposes.def; make one if there
 * is none. answered and owner are set. 0, or -1: it cannot be asked now. */
int permit_key_ask(struct gateway *gateway, struct ask *ask, const char *permit,
		   const char *purpose, bool make);

/* What was answered; wipes m, which may be NULL. err is set on KEY_FAILED. */
enum permit_key permit_key_read(struct msg *m,
				uint8_t key[static PERMIT_KEY_LEN],
				struct err *err);

/* Ask that the permit's key goes for good. Likewise. */
int permit_key_end(struct gateway *gateway, struct ask *ask,
		   const char *permit);

/* 0: it is gone; -1: perhaps not, ask again. */
int permit_key_ended(struct msg *m, struct err *err);

#endif
