/*
 * closing - a permit is closed: what it leaves behind is ended in its time.
 *
 * permit.close and the closed permit are one transaction; from it on nobody
 * can begin anything under the permit, whatever the policy says later. Each
 * class of gateway/base/retention.def is then ordered to end when its days are
 * over, and again until the supervisor says that it did; the key, until the
 * vault says so too of what it sealed.
 */
#ifndef POLICY_CLOSING_H
#define POLICY_CLOSING_H

#include "policy/outbox.h"

/* Order what is due. At start, each minute, and after a closing. 0 or -1. */
int closing_tend(struct server *server, struct err *err);

/* ORDER_DONE. 1: it was the order of an erasure; 0: of none; -1. */
int closing_order_done(struct server *server, uint64_t order, bool ok,
		       const char *why, struct err *err);

/* The vault has erased what VAULT_END with this reference named; its link is
 * gone, with whatever it had not answered. */
void closing_vault_ended(struct server *server, uint32_t ref);
void closing_vault_lost(struct server *server);

/* Continuation (outbox.def). */
int closing_recorded(struct server *server, const struct outbox_row *row,
		     struct err *err);

#endif
