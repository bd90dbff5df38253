/*
 * watch_session - the sessions that are watched: who they are, which trees
 * their programs and files come from, and what was counted.
 *
 * A session has a fanotify group, and a listener for each of its shells. It
 * stays known until its last count is reported, also after these are gone.
 */
#ifndef SANDBOX_WATCH_SESSION_H
#define SANDBOX_WATCH_SESSION_H

#include "gateway/base/plan.h"
#include "sandbox/build.h"
#include "sandbox/watch_quota.h"
#include "sandbox/watch_tally.h"
#include "sandbox/watch_trail.h"

/* What the watcher waits for. */
struct watch_source {
	enum watch_kind {
		AT_LINK,
		AT_AUDIT,
		AT_VAULT,
		AT_LISTENER,
		AT_GROUP
	} kind;
	int fd; /* owned; -1: none */
	struct watch_session *session;
};

struct watch_session {
	char session[ID_SIZE], permit[ID_SIZE], actor[ID_SIZE];
	unsigned int listeners;
	int64_t next; /* earliest end of a count; 0: none */
	struct watch_tally tally;
	struct watch_source group;
	uint64_t opened_files, opened_bytes; /* of datasets, as recorded */
	int64_t rest; /* ms, until when its events wait; 0: they do not */
	struct watch_rate rate;
	struct watch_account *account;
	bool spent; /* its person's number a day is; its events wait */
	unsigned int nplaces;
	struct watch_place {
		char at[TREE_PATH]; /* as in struct tree */
		uint64_t mount;
	} places[TREES];
	struct watch_session *after;
};

/* The name of a system call of watch_calls.def, or "unlisted". */
const char *watch_call_name(int number);

/* Take session, permit and actor out of a message, and what is known of that
 * session: made if it is new, put at *list, which owns it. NULL: no memory. */
struct watch_session *watch_session_get(struct watch_session **list,
					struct msg *m);

/* The session of that name, or NULL. */
struct watch_session *watch_session_find(struct watch_session *list,
					 const char *session);

/* A record of it was made at now (ms), which is on that day: until when it
 * rests, and whether its number a day is spent. */
void watch_session_charge(struct watch_session *s,
			  const struct watch_limits *limits, int64_t now,
			  int64_t day);

/* Begin a record about a session. */
void watch_session_record(const struct watch_session *s, const char *event,
			  enum audit_result result,
			  struct audit_record *record);

/* The tree that has this mount, or NULL. */
const struct watch_place *watch_session_place(const struct watch_session *s,
					      uint64_t mount);

/* One attempt: reports it now or counts it. The trail has room. 0 or -1. */
int watch_session_attempt(struct watch_session *s, int number, int64_t now,
			  struct watch_trail *trail, struct err *err);

/*
 * Report every count that is due, as far as the trail has room, and forget
 * sessions that are over. *wait: ms until the next count or the end of a rest
 * is due, -1: none. 0 or -1.
 */
int watch_session_report(struct watch_session **list, int64_t now,
			 struct watch_trail *trail, int *wait, struct err *err);

#endif
