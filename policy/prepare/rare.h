/*
 * rare - which values of a column fewer than k share.
 *
 * Counts distinct subjects (or rows) of each value up to k; once a value has k
 * it needs no more memory. Deciding is pure. Subjects are known by a hash.
 */
#ifndef POLICY_PREPARE_RARE_H
#define POLICY_PREPARE_RARE_H

#include "policy/prepare/interned.h"
#include "policy/prepare/recipe.h"
#include "policy/prepare/spill.h"

enum { RARE_VALUES = 200000 }; /* more different values are a fault */

enum fate { FATE_KEEP = 0, FATE_LABEL, FATE_DELETE };

/* Subjects that share one value: their hashes while they are fewer than k. */
struct sharers {
	uint32_t n, room;
	uint64_t *hashes;
};

struct rare {
	const struct action *action;
	struct interned values;
	struct sharers *sharers; /* by number of the value */
	uint8_t *fates;		 /* likewise, once decided */
	uint32_t room;
};

void rare_init(struct rare *rare, const struct action *action);
void rare_clear(struct rare *rare);

/* One more row of a value. 0, or -1: too many values. */
int rare_count(struct rare *rare, const char *at, size_t len, uint64_t subject,
	       struct fault *fault);
/* Count value by its number, which is in rare already. */
void rare_count_number(struct rare *rare, uint32_t number, uint64_t subject);
/* Add all that another thread counted. */
int rare_merge(struct rare *into, const struct rare *from, struct fault *fault);

/*
 * What becomes of each value. exact: subjects of each value without the bound
 * of k, by number; may be NULL. 1: decided; 0: exact is needed; -1:
 * E_OTHER_SMALL.
 */
int rare_decide(struct rare *rare, const uint64_t *exact, struct fault *fault);

/* After the writing: does any value that is there have fewer than k? 0 or -1.
 * shown: counts of what was written, by the numbers of decided; label: those
 * of the label. */
int rare_check(const struct rare *decided, const struct sharers *shown,
	       const struct sharers *label, struct fault *fault);

/* Add a subject to sharers unless there are k or it is among them. */
void sharers_add(struct sharers *sharers, uint32_t k, uint64_t subject,
		 bool rows);
void sharers_merge(struct sharers *into, uint32_t k, const struct sharers *from,
		   bool rows);
void sharers_clear(struct sharers *sharers, uint32_t n);

#endif
