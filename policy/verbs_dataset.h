/*
 * verbs_dataset - deliveries of datasets, for operators: what became of them,
 * marks of custodians, erasing.
 */
#ifndef POLICY_VERBS_DATASET_H
#define POLICY_VERBS_DATASET_H

#include "policy/outbox.h"

/* What a delivery is to who might mount it, a word of gateway/desk/fields.def:
 * current, being_replaced, replaced, withdrawn, earlier, erased. */
const char *dataset_word(const struct server *server,
			 const struct delivery *delivery);
/* The last day on which a stale one is mounted. out: DAY_TEXT_SIZE bytes;
 * "": it is not stale. Returns out. */
const char *dataset_until(const struct server *server,
			  const struct delivery *delivery, char *out);
/* How many deliveries are stale, and named by the policy or mounted. */
size_t datasets_stale(const struct server *server);

/* ORDER_DONE. 1: it was an order to erase a delivery; 0: of none; -1. */
int datasets_order_done(struct server *server, uint64_t order, bool ok,
			const char *why, struct err *err);

/* Continuation (outbox.def). */
int datasets_marked(struct server *server, const struct outbox_row *row,
		    struct err *err);

#endif
