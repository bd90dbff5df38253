/*
 * verbs_requests - what outbox.def needs of the researcher's verbs.
 */
#ifndef POLICY_VERBS_REQUESTS_H
#define POLICY_VERBS_REQUESTS_H

#include "policy/outbox.h"

/* Continuation: a withdrawal is durable. */
int requests_withdrawn(struct server *server, const struct outbox_row *row,
		       struct err *err);

#endif
