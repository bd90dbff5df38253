/*
 * watch_session - the sessions whose denied calls arrive, and their counts.
 *
 * A session has a listener for each of its shells. It stays known until its
 * last count is reported, also after its last listener is gone.
 */
#ifndef SANDBOX_WATCH_SESSION_H
#define SANDBOX_WATCH_SESSION_H

#include "gateway/base/plan.h"
#include "sandbox/watch_tally.h"
#include "sandbox/watch_trail.h"

struct watch_session {
	char session[ID_SIZE], permit[ID_SIZE], actor[ID_SIZE];
	unsigned int listeners;
	int64_t next; /* earliest end of a count; 0: none */
	struct watch_tally tally;
	struct watch_session *after;
};

/* The name of a system call of watch_calls.def, or "unlisted". */
const char *watch_call_name(int number);

/*
 * The session of that name with one more listener; made if it is new, put at
 * *list, which owns it. NULL: no memory.
 */
struct watch_session *watch_session_get(struct watch_session **list,
					const char *session, const char *permit,
					const char *actor);

/* One attempt: reports it now or counts it. The trail has room. 0 or -1. */
int watch_session_attempt(struct watch_session *s, int number, int64_t now,
			  struct watch_trail *trail, struct err *err);

/*
 * Report every count that is due, as far as the trail has room, and forget
 * sessions that are over. *wait: ms until the next count is due, -1: none.
 * 0 or -1.
 */
int watch_session_report(struct watch_session **list, int64_t now,
			 struct watch_trail *trail, int *wait, struct err *err);

#endif
