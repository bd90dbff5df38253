/*
 * ask - verbs: who may ask what, and one answer for each.
 */
#ifndef POLICY_ASK_H
#define POLICY_ASK_H

#include "policy/server.h"

/* Request ASK of a desk or of sekishoctl (requests.def). */
int on_ask(struct server *server, struct peer *peer, struct msg *m,
	   struct err *err);

/* Answer the peer's ASK with server->result; it may ask again. */
void ask_answer(struct server *server, struct peer *peer);

/* The record of a peer's command is durable: do it, and answer; if a policy is
 * being applied, once it is. */
int ask_recorded(struct server *server, struct peer *peer, struct err *err);

/* A policy was applied: answer whoever asked for it, and do what waited for it.
 * 0 or -1. */
int ask_applied(struct server *server, struct err *err);

#endif
