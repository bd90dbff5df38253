/*
 * verbs - the handlers of verbs.def.
 *
 * Each fills server->result from the arguments in peer->words. They return 0,
 * or -1 if policy itself cannot go on.
 */
#ifndef POLICY_VERBS_H
#define POLICY_VERBS_H

#include "policy/server.h"

#define VERB(name, usage, who, on_record, least, most, handler)                \
	int handler(struct server *server, struct peer *peer, struct err *err);
#include "policy/verbs.def"
#undef VERB

/* The problems of server->problems as rows of the answer. */
void verb_problems(struct server *server);
/* Read suspensions and closings again, and decide about all sessions anew. */
int suspensions_load(struct server *server, struct err *err);
/* "in force", for whoever applied it. */
void verb_applied(struct server *server);

#endif
