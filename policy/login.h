/*
 * login - first a key, then a code, then a word of welcome on record.
 */
#ifndef POLICY_LOGIN_H
#define POLICY_LOGIN_H

#include "policy/server.h"

/* Requests of a connection (requests.def). 0, or -1: policy cannot go on. */
int on_key(struct server *server, struct peer *peer, struct msg *m,
	   struct err *err);
int on_code(struct server *server, struct peer *peer, struct msg *m,
	    struct err *err);
int on_refused_request(struct server *server, struct peer *peer, struct msg *m,
		       struct err *err);

/* A peer's pause is over. */
int login_wake(struct server *server, struct peer *peer, struct err *err);
/* A peer's login is on record: tell it, and the supervisor. */
int login_recorded(struct server *server, struct peer *peer, struct err *err);
/* A connection that had offered a key ended. */
void login_ended(struct server *server, const struct peer *peer);

#endif
