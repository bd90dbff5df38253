/*
 * watching - what the supervisor does so that no program starts and no
 * dataset's file opens unrecorded.
 *
 * It holds the fanotify group of each session beside the watcher: while the
 * watcher is dead or hung, opens and starts wait, for somebody still could
 * answer. The group is let go when nothing of the session lives.
 */
#ifndef GATEWAY_SUPERVISOR_WATCHING_H
#define GATEWAY_SUPERVISOR_WATCHING_H

#include "gateway/supervisor/sessions.h"

/* Take the group and the trees, the last fields of BUILT, and hand them to
 * the watcher. 0, or -1: the message was malformed. */
int watching_begin(struct session *session, struct msg *built, struct err *err);

/* Nothing of the session lives. Harmless if it was not watched. */
void watching_end(struct session *session);

/* The same, and is it to wait for what the watcher counted? Not for long, and
 * not for one that does not run. */
bool watching_held(struct session *session, time_t now);

/* A watcher is gone: freeze all sessions, for nothing of them is watched; or
 * end them, if the site is strict. */
void watching_died(struct gateway *gateway);

/* A watcher serves: give it what its predecessor had, and let all go on. */
void watching_ready(struct gateway *gateway);

/* Tell it the site's limits, as far as both are known. */
void watching_limits(struct gateway *gateway);

/* Let go of groups of sessions that are gone, and ask the watcher whether it
 * lives; one that does not say so is killed.
 * Called once a second. */
void watching_tend(struct gateway *gateway, time_t now);

/* An operator lets a session go on that was frozen for its quota. */
void watching_go_on(struct session *session);

/* From the watcher: ALIVE_IS, WATCHED, FLOODED. False: it may not send this. */
bool watching_heard(struct gateway *gateway, struct msg *m);

#endif
