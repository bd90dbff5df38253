/*
 * mailbox - messages to a trusted peer that may be busy for a while.
 *
 * Processes that always run must not wait for one another: two that do, wait
 * for ever. What does not go out at once is kept, in order, and goes when the
 * peer reads (poll for POLLOUT while mailbox_waiting()).
 */
#ifndef GATEWAY_BASE_MAILBOX_H
#define GATEWAY_BASE_MAILBOX_H

#include "gateway/base/msg.h"

/* Bytes that are kept; a peer that lets this much lie is as good as gone. */
enum { MAILBOX_MAX = 64 * 1024 * 1024 };

struct mailbox {
	struct letter *first, **last;
	size_t bytes;
};

void mailbox_init(struct mailbox *mailbox);
void mailbox_clear(struct mailbox *mailbox);

/* Send m over sock now or later; descriptors in m stay the caller's. 0; -1:
 * the peer is gone, or too much lies here. */
int mailbox_send(struct mailbox *mailbox, int sock, const struct msg *m,
		 struct err *err);

/* Send what fits now. 0, or -1: the peer is gone. */
int mailbox_flush(struct mailbox *mailbox, int sock, struct err *err);

bool mailbox_waiting(const struct mailbox *mailbox);

#endif
