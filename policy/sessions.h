/*
 * sessions - the sandboxes that were ordered, and whether they may go on.
 */
#ifndef POLICY_SESSIONS_H
#define POLICY_SESSIONS_H

#include "policy/server.h"

/* The live session of a connection, or NULL. */
struct session *sessions_of(struct server *server, uint32_t conn);
/* What a permit gives now: the plan of a new session, or (mounted: the plan it
 * runs with) what a running one may have. */
struct plan sessions_plan(const struct server *server,
			  const struct decision *decision,
			  const struct plan *mounted);
/* A new one for a decision that allowed it; NULL: too many. */
struct session *sessions_add(struct server *server, const struct peer *peer,
			     const struct decision *decision);
struct session *sessions_find(struct server *server, const char *id);

/* An order for this session was carried out, or not: a session that never
 * ran is forgotten. */
int sessions_built(struct server *server, const char *id, bool ok,
		   struct err *err);
/* SESSION_GONE from the supervisor. */
int sessions_gone(struct server *server, struct msg *m, struct err *err);

/* SESSION_HELD from the supervisor. */
int sessions_held(struct server *server, struct msg *m, struct err *err);
/* Order that one that was frozen for its quota goes on. */
void sessions_go_on(struct server *server, struct session *session);

/* Compute every live session's plan again: what is no longer allowed, or
 * differs, is ended; connections of other roles that lost theirs too. */
void sessions_check(struct server *server);

/* Order the end of one. Its person reads why, with first and second filled in;
 * its word is for records. */
void sessions_end(struct server *server, struct session *session,
		  enum text_id why, const char *first, const char *second);

#endif
