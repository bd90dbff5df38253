/*
 * whose - the pseudonym that an id of a source becomes in the result.
 *
 * The same road as a preparation's: the oldest number, one spelling, the
 * permit's key. For tracing pseudonyms back and for lists of opt-outs.
 */
#ifndef POLICY_PREPARE_WHOSE_H
#define POLICY_PREPARE_WHOSE_H

#include "policy/prepare/history.h"

struct whose {
	const struct source *source;
	const struct action *action; /* pseudonym of the subject's column */
	struct history history;
	struct prf prf;
};

/* The action that makes the subject's pseudonym; NULL: the result has none,
 * or one of more than the subject's own id. */
const struct action *whose_action(const struct source *source);

/* key: the permit's. folder: the recipe's. bundle: for scratch. The caller
 * calls whose_clear in any case. */
int whose_init(struct whose *whose, const struct source *source,
	       const uint8_t key[static PRF_KEY], int folder,
	       const struct bundle *bundle, struct fault *fault);
void whose_clear(struct whose *whose);

/* The 32 bytes of which the pseudonym is the first 16. 1; 0: no id; -1. */
int whose_value(const struct whose *whose, const char *at, size_t len,
		uint8_t mac[static 32], struct fault *fault);

#endif
