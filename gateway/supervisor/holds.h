/*
 * holds - sessions that are frozen until something is as it should be again.
 *
 * While the log takes no records, or nobody watches, nothing of a session may
 * go on and nothing new starts (design §10, "hold"). A frozen session loses
 * nothing: it goes on when the reason is gone, and is ended if that takes
 * longer than the site allows. A site with log_down: strict ends its sessions
 * instead.
 */
#ifndef GATEWAY_SUPERVISOR_HOLDS_H
#define GATEWAY_SUPERVISOR_HOLDS_H

#include "gateway/supervisor/sessions.h"

enum hold {
#define HOLD(id, word, text, bounded) HOLD_##id,
#include "gateway/supervisor/holds.def"
#undef HOLD
	HOLDS
};

/* Freeze a running session and say so: on record, on its terminals, to
 * policy. Once for each reason; harmless if it does not run. */
void hold_session(struct session *session, enum hold hold);

/* One reason is gone; without another one the session goes on. */
void thaw_session(struct session *session, enum hold hold);

/* The same for all sessions. One that is still being built is ended, and so
 * are all at a strict site; why is for those. */
void holds_all(struct gateway *gateway, enum hold hold, const char *why);
void holds_over(struct gateway *gateway, enum hold hold);

/* Does the log take no records? Then nobody can log in. */
bool holds_log_down(const struct gateway *gateway);

/* May something new start? 0, or -1 and a sentence for the client in lang. */
int holds_allow(const struct gateway *gateway, const char *lang,
		struct err *err);

/* End what was frozen for too long; called once a second. */
void holds_tend(struct gateway *gateway, time_t now);

#endif
