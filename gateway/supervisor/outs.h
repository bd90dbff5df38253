/*
 * outs - the store's look into the /out of each session that runs.
 *
 * It has a read-only copy of the folder's mount, in which the person's files
 * are its own. The workspace cannot be unmounted before it lets go.
 */
#ifndef GATEWAY_SUPERVISOR_OUTS_H
#define GATEWAY_SUPERVISOR_OUTS_H

#include "gateway/supervisor/sessions.h"

/* Prepare the ids in which the store sees them: on disk a person's files
 * belong to one uid, and the store's is always the same. Once, early. */
int outs_open(struct gateway *gateway, struct err *err);

/* Hand over the /out of a session; the store that does not serve yet gets it
 * when it does. 0 or -1. */
int outs_give(struct session *session, struct err *err);

/* The store is new: hand over those of all sessions that run. */
void outs_give_all(struct gateway *gateway);

/* The session ends: ask for it back. */
void outs_end(struct session *session);

/* OUT_ENDED. False: malformed, or no such session gave anything. */
bool outs_ended(struct gateway *gateway, struct msg *m);

/* The store is gone, and what it held with it. */
void outs_lost(struct gateway *gateway);

/* May the store still have something of the session open? One that does not
 * let go in time is killed. */
bool outs_held(struct session *session, time_t now);

#endif
