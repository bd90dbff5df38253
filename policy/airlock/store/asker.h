/*
 * asker - who asks the store, and what it has not taken yet of our answers.
 *
 * Services do not wait for one another: what a busy asker has no time for is
 * kept, in order and bounded.
 */
#ifndef POLICY_AIRLOCK_STORE_ASKER_H
#define POLICY_AIRLOCK_STORE_ASKER_H

#include <poll.h>

#include "gateway/base/mailbox.h"

enum asker_id { ASKER_SUPERVISOR, ASKER_POLICY, ASKERS };

struct asker {
	int link;  /* -1: nobody; what is sent goes nowhere */
	bool lost; /* it is gone, or takes nothing: the caller drops it */
	struct mailbox mailbox;
};

void asker_init(struct asker *asker, int link);
/* Close the link and forget what was to be sent. */
void asker_clear(struct asker *asker);

/* Send m now or later. */
void asker_send(struct asker *asker, const struct msg *m);

/* What to poll for, and what was found: is there something to receive? */
struct pollfd asker_poll(const struct asker *asker, bool reads);
bool asker_readable(struct asker *asker, const struct pollfd *found);

#endif
