/*
 * copies - policy's link to sekisho-store, which holds what was frozen.
 *
 * The store decides nothing and may be started again at any time: what it is
 * asked is asked again, or fails with a sentence.
 */
#ifndef POLICY_COPIES_H
#define POLICY_COPIES_H

#include "policy/server.h"

/* LINK_STORE from the supervisor: a new link replaces the old one. */
int copies_link(struct server *server, struct msg *m, struct err *err);

/* The link can be read, or written again. What is malformed ends the link, not policy. */
int copies_serve(struct server *server, struct err *err);

/* Ask for a copy of the check's next file. False: there is no store. */
bool copies_freeze(struct server *server, struct check *check);

/* Perhaps nothing stands on this copy any more; copies_tend looks. */
void copies_drop(struct server *server, const struct hash *sha256);
void copies_drop_all(struct server *server, const struct request_files *files);

/* Tell the store that a release has run out. */
void copies_expire(struct server *server, const struct request *request);

/* What the store is to hear by now: what to keep, to drop, and how requests
 * stand. 1: there is more to tell at once; 0; or -1: policy cannot go on. */
int copies_tend(struct server *server, struct err *err);

#endif
