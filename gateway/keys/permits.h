/*
 * permits - answer the supervisor about keys of permits.
 */
#ifndef GATEWAY_KEYS_PERMITS_H
#define GATEWAY_KEYS_PERMITS_H

#include "gateway/base/msg.h"
#include "gateway/keys/ring.h"

/*
 * Answer PERMIT_KEY or PERMIT_KEY_END: m becomes the answer, which may hold a
 * key; the caller sends it and wipes m. 0; 1: answered, but what is on the
 * disk is no longer known, so the process must end; -1: malformed, or another
 * message.
 */
int permits_answer(struct ring *ring, struct msg *m, struct err *err);

#endif
