/*
 * vault - policy's link to sekisho-vault: what stands behind commitments is
 * erased, at an operator's word or when a permit is over.
 *
 * The vault may be started again at any time; what it was asked then failed
 * with a sentence, and asked again it is done.
 */
#ifndef POLICY_VAULT_H
#define POLICY_VAULT_H

#include "policy/server.h"

/* LINK_VAULT from the supervisor: a new link replaces the old one. */
int vault_link(struct server *server, struct msg *m, struct err *err);

/* The link can be read, or written again. What is malformed ends the link. */
void vault_serve(struct server *server);

/* Have all openings of a permit erased, in the system's name; its end is in
 * the log (erase.vault). ref, at least OUTBOX_REF: closing_vault_ended() hears
 * it, or closing_vault_lost() that the link went first. False: no vault now. */
bool vault_end_permit(struct server *server, uint32_t ref, const char *permit);

#endif
