/*
 * record_trail - tell audit of each finished piece of a recording.
 *
 * Asynchronous: some pieces may wait for their acknowledgement; when
 * record_trail_full(), the relay stops until audit has caught up.
 */
#ifndef SANDBOX_RECORD_TRAIL_H
#define SANDBOX_RECORD_TRAIL_H

#include "sandbox/recording.h"

enum { TRAIL_WAITING = 16 };

struct record_trail {
	int link; /* to audit */
	char session[ID_SIZE], permit[ID_SIZE], actor[ID_SIZE];
	uint32_t shell;
	uint32_t first, next; /* pieces first..next-1 are not yet durable */
};

/* Hand over one finished piece. 0 or -1. */
int record_trail_piece(struct record_trail *trail, const struct piece *piece,
		       struct err *err);

/* Read one answer of audit; the link was readable. 0, or -1: it is gone, or
 * refused, and nothing may be relayed any more. */
int record_trail_answer(struct record_trail *trail, struct err *err);

/* Wait until all pieces are durable, at most ms milliseconds. 0 or -1. */
int record_trail_wait(struct record_trail *trail, int ms, struct err *err);

bool record_trail_full(const struct record_trail *trail);

#endif
