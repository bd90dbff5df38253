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

/* The i-th argument, "" where none is. It is the peer's. */
const char *verb_word(const struct peer *peer, unsigned int i);
/* "done", an answer without rows yet. */
void verb_done(struct server *server);
/* The answer is that it is refused, and why; first and second may be NULL. */
void verb_refuse(struct server *server, enum text_id why, const char *first,
		 const char *second);

/* Read suspensions and closings again, and decide about all sessions anew. */
int suspensions_load(struct server *server, struct err *err);
/* "in force", for whoever applied it. */
void verb_applied(struct server *server);

#endif
