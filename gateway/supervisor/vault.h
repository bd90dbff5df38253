/*
 * vault - the supervisor's side of the vault of openings: who is linked to it.
 */
#ifndef GATEWAY_SUPERVISOR_VAULT_H
#define GATEWAY_SUPERVISOR_VAULT_H

#include "gateway/supervisor/gateway.h"
#include "gateway/supervisor/trail.h"

/* Can it be handed anything now? */
bool vault_serves(const struct gateway *gateway);

/* Give child a link to the vault under that name, in the place of an older
 * one. Without a vault or a child nothing is done: vault_started() follows. 0
 * or -1. */
int vault_link(struct gateway *gateway, struct child *child,
	       const struct trail_name *name, struct err *err);

/* The vault was started: a link for everybody who had one to the last. 0 or
 * -1. */
int vault_started(struct gateway *gateway, struct err *err);

/* A message from it: it asks for a key, one at a time. False: it may not send
 * this. */
bool vault_heard(struct gateway *gateway, struct msg *m);

/* It is gone, and with it what it asked for. */
void vault_died(struct gateway *gateway);

#endif
