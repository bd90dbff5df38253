/*
 * room - whether the log has room for what is to be written, and that the
 * supervisor knows.
 *
 * While there is none nothing is written or acknowledged, and the supervisor
 * freezes the sessions, which would have to be recorded.
 */
#ifndef AUDIT_ROOM_H
#define AUDIT_ROOM_H

#include "audit/ledger.h"

struct room {
	bool full;  /* records wait for room */
	bool asked; /* the supervisor waits for LOG_IS */
};

/* Is there room for the batch and the checkpoint behind it? When the disk is
 * nearly full, the batch's is kept for it. */
bool room_there(const struct ledger *ledger);

/* Answer the supervisor over its link, if it waits for that and there is room
 * in it. 0 or -1. */
int room_tell(struct room *room, int link, struct err *err);

/* It came or went: note it, and tell the supervisor. 0 or -1. */
int room_change(struct room *room, int link, bool full, struct err *err);

#endif
