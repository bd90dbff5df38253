#include "policy/prepare/rare.h"

#include <stdlib.h>
#include <string.h>

#include "policy/prepare/need.h"

void rare_init(struct rare *rare, const struct action *action)
{
	*rare = (struct rare){ .action = action };
}

void sharers_clear(struct sharers *sharers, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		free(sharers[i].hashes);
		sharers[i].hashes = NULL;
	}
}

void rare_clear(struct rare *rare)
{
	sharers_clear(rare->sharers, rare->values.count);
	free(rare->sharers);
	free(rare->fates);
	interned_clear(&rare->values);
	rare->sharers = NULL;
	rare->fates = NULL;
}

void sharers_add(struct sharers *sharers, uint32_t k, uint64_t subject,
		 bool rows)
{
	if (sharers->n >= k)
		return;
	for (uint32_t i = 0; !rows && i < sharers->n; i++)
		if (sharers->hashes[i] == subject)
			return;
	if (!rows && sharers->n == sharers->room) {
		sharers->room = sharers->room ? sharers->room * 2 : 2;
		sharers->hashes = need_more(sharers->hashes, sharers->room,
					    sizeof *sharers->hashes);
	}
	if (!rows)
		sharers->hashes[sharers->n] = subject;
	sharers->n++;
	if (sharers->n == k) {
		free(sharers->hashes);
		sharers->hashes = NULL;
		sharers->room = 0;
	}
}

void sharers_merge(struct sharers *into, uint32_t k, const struct sharers *from,
		   bool rows)
{
	if (from->n >= k) { /* who they are is not known any more */
		free(into->hashes);
		*into = (struct sharers){ .n = k };
		return;
	}
	for (uint32_t i = 0; i < from->n; i++)
		sharers_add(into, k, rows ? 0 : from->hashes[i], rows);
}

static bool by_rows(const struct rare *rare)
{
	return rare->action->count == COUNT_ROWS;
}

void rare_count_number(struct rare *rare, uint32_t number, uint64_t subject)
{
	sharers_add(&rare->sharers[number], rare->action->k, subject,
		    by_rows(rare));
}

/* The number of a value that is there from now on. */
static int number_of(struct rare *rare, const char *at, size_t len,
		     uint32_t *number, struct fault *fault)
{
	*number = interned_add(&rare->values, at, len);
	if (rare->values.count > RARE_VALUES)
		return fault_set(fault, FAULT_RARE_VALUES);
	if (*number >= rare->room) {
		uint32_t room = rare->room ? rare->room * 2 : 256;

		rare->sharers =
			need_more(rare->sharers, room, sizeof *rare->sharers);
		memset(rare->sharers + rare->room, 0,
		       (room - rare->room) * sizeof *rare->sharers);
		rare->room = room;
	}
	return 0;
}

int rare_count(struct rare *rare, const char *at, size_t len, uint64_t subject,
	       struct fault *fault)
{
	uint32_t number;

	if (number_of(rare, at, len, &number, fault) < 0)
		return -1;
	rare_count_number(rare, number, subject);
	return 0;
}

int rare_merge(struct rare *into, const struct rare *from, struct fault *fault)
{
	for (uint32_t i = 0; i < from->values.count; i++) {
		uint32_t number;

		if (number_of(into, interned_text(&from->values, i),
			      from->values.lengths[i], &number, fault) < 0)
			return -1;
		sharers_merge(&into->sharers[number], into->action->k,
			      &from->sharers[i], by_rows(into));
	}
	return 0;
}

/* How many share the label: everybody of the rare values, and of a value that
 * is called as the label is. Up to k. */
static uint32_t share_label(const struct rare *rare)
{
	struct sharers all = { 0 };
	uint32_t k = rare->action->k;

	for (uint32_t i = 0; i < rare->values.count; i++)
		if (rare->fates[i] == FATE_LABEL)
			sharers_merge(&all, k, &rare->sharers[i],
				      by_rows(rare));
	free(all.hashes);
	return all.n;
}

/* Of the values that stay, that which the fewest share; ties in byte order.
 * INTERNED_NONE: none stays. */
static long next_rarest(const struct rare *rare, const uint64_t *exact)
{
	long best = INTERNED_NONE;

	for (uint32_t i = 0; i < rare->values.count; i++) {
		if (rare->fates[i] != FATE_KEEP)
			continue;
		if (best < 0 || exact[i] < exact[best] ||
		    (exact[i] == exact[best] &&
		     strcmp(interned_text(&rare->values, i),
			    interned_text(&rare->values, (uint32_t)best)) < 0))
			best = i;
	}
	return best;
}

static int too_small(uint32_t count, struct fault *fault)
{
	fault_set(fault, FAULT_OTHER_SMALL);
	fault->count = count;
	return -1;
}

int rare_decide(struct rare *rare, const uint64_t *exact, struct fault *fault)
{
	const struct action *action = rare->action;
	const char *label = action->label;

	free(rare->fates);
	rare->fates = need(rare->values.count, 1);
	for (uint32_t i = 0; i < rare->values.count; i++)
		if (rare->sharers[i].n < action->k ||
		    strcmp(interned_text(&rare->values, i), label) == 0)
			rare->fates[i] = FATE_LABEL;
	uint32_t share = share_label(rare);
	if (share == 0 || share >= action->k)
		return 1;
	if (action->small == SMALL_ERROR)
		return too_small(share, fault);
	if (action->small == SMALL_DELETE) {
		for (uint32_t i = 0; i < rare->values.count; i++)
			if (rare->fates[i] == FATE_LABEL)
				rare->fates[i] = FATE_DELETE;
		return 1;
	}
	if (!exact)
		return 0;
	/* a value that stays has k, so one is enough */
	long more = next_rarest(rare, exact);
	if (more < 0)
		return too_small(share, fault);
	rare->fates[more] = FATE_LABEL;
	return 1;
}

int rare_check(const struct rare *decided, const struct sharers *shown,
	       const struct sharers *label, struct fault *fault)
{
	uint32_t k = decided->action->k;

	if (label->n > 0 && label->n < k)
		return too_small(label->n, fault);
	for (uint32_t i = 0; i < decided->values.count; i++)
		if (shown[i].n > 0 && shown[i].n < k)
			return too_small(shown[i].n, fault);
	return 0;
}
