/*
 * sessions - sandboxes: ordered, built, used by shells, ended, swept.
 *
 * A session is BUILDING until its datasets are found to be what the permit
 * says and its box has built it, RUNNING while shells come and go, ENDING
 * until nothing of it is left; only then its end is recorded.
 */
#ifndef GATEWAY_SUPERVISOR_SESSIONS_H
#define GATEWAY_SUPERVISOR_SESSIONS_H

#include "audit/client.h"
#include "gateway/base/text.h"
#include "gateway/supervisor/store.h"
#include "sandbox/build.h"

/* What is asked of a shell. An empty command is a login shell. */
struct shell_order {
	uint64_t order;
	uint32_t conn, channel;
	bool tty;
	bool first; /* the session begins with it; else it must be there */
	uint32_t cols, rows;
	char term[64];
	char command[4096];
};

/* A tree of its sandbox, as the box marked it for the watcher. */
struct watched_tree {
	char at[TREE_PATH];
	uint64_t mount;
};

/* What the store has of its /out. */
enum out_state { OUT_NONE = 0, OUT_GIVEN, OUT_ENDING };

/* What it opened of its datasets, which the watcher counts. */
enum tally_state { TALLY_NONE = 0, TALLY_ASKED, TALLY_KNOWN, TALLY_LOST };

enum session_state { SESSION_BUILDING, SESSION_RUNNING, SESSION_ENDING };

struct session {
	struct session *next;
	struct gateway *gateway;
	struct plan plan;
	enum session_state state;
	uint32_t uid; /* of the lease: uid is root inside, uid + 1 the person */
	struct cgroup cgroup;
	bool has_cgroup, has_workspace;
	bool encrypted; /* its workspace is */
	struct child box;
	struct child desk;
	int pidfd;    /* init; -1: none runs */
	int control;  /* init's control socket */
	int group;    /* of fanotify; the watcher has it too */
	bool watched; /* the watcher that runs has it */
	struct watched_tree trees[TREES];
	uint32_t ntrees;
	unsigned int holds; /* why it is frozen: bits; 0: it is not */
	time_t held;	    /* since when, by a bounded one */
	struct watch init_watch, control_watch;
	struct shell *shells;
	uint32_t conn; /* whose session it is */
	time_t idle;   /* since when it has no shell; 0: it has one */
	enum out_state out;
	time_t out_deadline; /* of OUT_ENDING */
	enum tally_state tally;
	bool uncounted; /* a watcher died, and with it a part of the tally */
	time_t tally_deadline; /* of TALLY_ASKED */
	uint64_t opened_files, opened_bytes;
	struct ask ask;		      /* about a dataset, then the key */
	uint32_t ndatasets;	      /* so many were checked */
	uint32_t datasets_ref;	      /* of the record of the last one */
	char toolset[HASH_TEXT_SIZE]; /* SHA-256 of its image; "": unknown */
	char why[160];
	char told[400];	 /* what people are told instead, in their language */
	time_t deadline; /* of building, then of ending */
};

/* Start a shell in the plan's session, which is built if it is not there.
 * order_done() follows. 0, or -1 and nothing was started. */
int sessions_shell(struct gateway *gateway, const struct plan *plan,
		   const struct shell_order *order, struct err *err);

/* The session of that name, or NULL. */
struct session *sessions_find(struct gateway *gateway, const char *name);

/* Begin a record about a session. */
void session_record(const struct session *session, const char *event,
		    enum audit_result result, struct audit_record *record);

/* Its datasets are in order, and on record: build it. */
void session_build(struct session *session);

/* The last shell has ended. While its connection lives the session waits a
 * moment for another one. */
void session_idle(struct session *session);

/* The connection is gone: what waited for another shell of it ends. */
void sessions_hung_up(struct gateway *gateway, uint32_t conn);

/* End a session: kill all of it now, sweep when it is dead. */
void session_end(struct session *session, const char *why);

/* The same; why is for the record, told is what its person reads before, in
 * their language ("": nothing). */
void session_end_told(struct session *session, const char *why,
		      const char *told);

/* The same with a text; first fills in {1}. */
void session_refuse(struct session *session, const char *why, enum text_id told,
		    const char *first);

/* End the named session, or all of a permit and person ("": any). */
void sessions_end_matching(struct gateway *gateway, const char *session,
			   const char *permit, const char *person,
			   const char *why, const char *told);
void sessions_end_all(struct gateway *gateway, const char *why);

/* Sweep what is dead; called once a second and when something died. */
void sessions_tend(struct gateway *gateway, time_t now);

/* Our records up to this one are durable: build what waited for it. */
void sessions_recorded(struct gateway *gateway, uint32_t ref);

/* Is pid a process that a session waits for? */
bool sessions_own(const struct gateway *gateway, pid_t pid);

#endif
