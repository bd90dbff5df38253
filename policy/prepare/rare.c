#include "policy/prepare/rare.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "gateway/base/err.h"
#include "gateway/base/own.h"
#include "policy/prepare/need.h"

void sharers_clear(struct sharers *sharers)
{
	free(sharers->hashes);
	*sharers = (struct sharers){ .n = 0 };
}

void sharers_add(struct sharers *sharers, uint32_t k, uint64_t subject)
{
	if (sharers->n >= k)
		return;
	for (uint32_t i = 0; i < sharers->n; i++)
		if (sharers->hashes[i] == subject)
			return;
	if (sharers->n == sharers->room) {
		sharers->room = sharers->room ? sharers->room * 2 : 2;
		sharers->hashes = need_more(sharers->hashes, sharers->room,
					    sizeof *sharers->hashes);
	}
	sharers->hashes[sharers->n++] = subject;
	if (sharers->n < k)
		return;
	sharers_clear(sharers); /* who they are is not asked any more */
	sharers->n = k;
}

void sharers_merge(struct sharers *into, uint32_t k, const struct sharers *from)
{
	if (from->n >= k) {
		sharers_clear(into);
		into->n = k;
		return;
	}
	for (uint32_t i = 0; i < from->n; i++)
		sharers_add(into, k, from->hashes[i]);
}

void rare_init(struct rare *rare, const struct action *action)
{
	uint8_t key[PRF_KEY];

	*rare = (struct rare){ .action = action,
			       .rares = { .fd = -1 },
			       .below = FATE_LABEL };
	if (getrandom(key, sizeof key, 0) != sizeof key)
		die("no random bytes");
	prf_init(&rare->digest, key, "rare", "");
}

void rare_clear(struct rare *rare)
{
	sorted_clear(&rare->rares);
	prf_clear(&rare->digest);
}

void rare_digest(const struct rare *rare, const char *at, size_t len,
		 uint8_t out[static RARE_DIGEST])
{
	uint8_t mac[32];

	prf_value(&rare->digest, at, len, mac);
	memcpy(out, mac, RARE_DIGEST);
}

int rare_fate(const struct rare *rare, const char *at, size_t len,
	      enum fate *fate, struct fault *fault)
{
	uint8_t digest[RARE_DIGEST];
	uint64_t number;

	rare_digest(rare, at, len, digest);
	*fate = FATE_KEEP;
	if (rare->folds && memcmp(digest, rare->folded, RARE_DIGEST) == 0)
		*fate = FATE_LABEL;
	if (rare->rares.count == 0)
		return 0;
	int found = sorted_find(&rare->rares, digest, &number, NULL, fault);
	if (found > 0)
		*fate = rare->below;
	return found < 0 ? -1 : 0;
}

/* --- Pairs, value by value ----------------------------------------------------- */

/* One value of a sorted spill: how many different subjects it has, and who the
 * first are. */
struct group {
	struct spill *spill;
	bool any; /* pair is the first of the next group */
	uint8_t pair[RARE_PAIR];
	uint8_t digest[RARE_DIGEST];
	uint64_t n; /* RARE_MANY: k at least */
	uint32_t kept;
	uint64_t subjects[RARE_MOST];
};

static int group_begin(struct group *group, struct spill *spill,
		       struct fault *fault)
{
	group->spill = spill;
	if (spill_begin(spill, fault) < 0)
		return -1;
	int more = spill_next(spill, group->pair, fault);
	group->any = more > 0;
	return more < 0 ? -1 : 0;
}

/* The next value. 1, 0: there is none, -1. */
static int group_next(struct group *group, struct fault *fault)
{
	int more = 1;

	if (!group->any)
		return 0;
	memcpy(group->digest, group->pair, RARE_DIGEST);
	group->n = group->kept = 0;
	while (more > 0 &&
	       memcmp(group->digest, group->pair, RARE_DIGEST) == 0) {
		uint64_t subject;

		memcpy(&subject, group->pair + RARE_DIGEST, sizeof subject);
		if (subject == RARE_MANY || group->n == RARE_MANY)
			group->n = RARE_MANY;
		else
			group->n++;
		if (group->kept < RARE_MOST)
			group->subjects[group->kept++] = subject;
		more = spill_next(group->spill, group->pair, fault);
	}
	group->any = more > 0;
	return more < 0 ? -1 : 1;
}

/* --- Deciding ------------------------------------------------------------------- */

static int too_small(uint64_t count, struct fault *fault)
{
	fault_set(fault, FAULT_OTHER_SMALL);
	fault->count = count;
	return -1;
}

/* How many share the label: everybody of the rare values, and of a value that
 * is called as the label is. */
static int find_rares(struct rare *rare, struct group *group,
		      struct spill *rares, struct fault *fault)
{
	struct sharers all = { 0 };
	uint32_t k = rare->action->k;
	uint8_t label[RARE_DIGEST];
	int more;

	rare_digest(rare, rare->action->label, strlen(rare->action->label),
		    label);
	while ((more = group_next(group, fault)) > 0) {
		if (group->n >= k &&
		    memcmp(group->digest, label, RARE_DIGEST) != 0)
			continue;
		if (spill_add(rares, group->digest, fault) < 0) {
			more = -1;
			break;
		}
		const struct sharers these = { .n = group->n < k
							    ? (uint32_t)group->n
							    : k,
					       .hashes = group->subjects };
		sharers_merge(&all, k, &these);
	}
	rare->share = all.n;
	sharers_clear(&all);
	return more;
}

int rare_decide(struct rare *rare, struct spill *pairs, struct fault *fault)
{
	const struct action *action = rare->action;
	AUTO_FREE struct group *group = need(1, sizeof *group);
	struct spill rares;

	spill_init(&rares, pairs->bundle, RARE_DIGEST);
	int done = group_begin(group, pairs, fault);
	if (done == 0)
		done = find_rares(rare, group, &rares, fault);
	if (done == 0)
		done = spill_begin(&rares, fault);
	if (done == 0)
		done = sorted_make(&rare->rares, &rares, fault);
	spill_clear(&rares);
	if (done < 0)
		return -1;
	rare->decided = true;
	if (rare->share == 0 || rare->share >= action->k)
		return 1;
	if (action->small == SMALL_ERROR)
		return too_small(rare->share, fault);
	if (action->small == SMALL_FOLD)
		return 0;
	rare->below = FATE_DELETE;
	return 1;
}

void rare_fold_to(struct rare *rare, const uint8_t digest[static RARE_DIGEST])
{
	memcpy(rare->folded, digest, RARE_DIGEST);
	rare->folds = true;
}

/* Which values have the fewest subjects? Each time there is one with fewer,
 * those before it do not count any more. */
static int find_rarest(struct group *group, struct spill *tied, uint64_t *count,
		       uint8_t digest[static RARE_DIGEST], struct fault *fault)
{
	const struct bundle *bundle = tied->bundle;
	uint64_t least = 0;
	int more;

	*count = 0;
	while ((more = group_next(group, fault)) > 0) {
		if (*count > 0 && group->n > least)
			continue;
		if (group->n < least || *count == 0) {
			spill_clear(tied);
			spill_init(tied, bundle, RARE_DIGEST);
			*count = 0;
			least = group->n;
		}
		(*count)++;
		memcpy(digest, group->digest, RARE_DIGEST);
		if (spill_add(tied, digest, fault) < 0)
			return -1;
	}
	return more;
}

int rare_fold(struct rare *rare, struct spill *exact, struct sorted *tied,
	      struct fault *fault)
{
	AUTO_FREE struct group *group = need(1, sizeof *group);
	uint8_t digest[RARE_DIGEST];
	struct spill rarest;
	uint64_t count = 0;

	spill_init(&rarest, exact->bundle, RARE_DIGEST);
	int done = group_begin(group, exact, fault);
	if (done == 0)
		done = find_rarest(group, &rarest, &count, digest, fault);
	if (done == 0 && count > 1) {
		done = spill_begin(&rarest, fault);
		if (done == 0)
			done = sorted_make(tied, &rarest, fault);
	}
	spill_clear(&rarest);
	if (done < 0)
		return -1;
	if (count == 0)
		return too_small(rare->share, fault);
	if (count == 1) /* a value that stays has k, so one is enough */
		rare_fold_to(rare, digest);
	return count == 1;
}

int rare_check(const struct rare *rare, struct spill *shown,
	       const struct sharers *label, struct fault *fault)
{
	AUTO_FREE struct group *group = need(1, sizeof *group);
	uint64_t k = rare->action->k, least = k;
	int more = group_begin(group, shown, fault);

	while (more == 0 && (more = group_next(group, fault)) > 0) {
		least = group->n < least ? group->n : least;
		more = 0;
	}
	if (more < 0)
		return -1;
	if (label->n > 0 && label->n < least)
		least = label->n;
	return least < k ? too_small(least, fault) : 0;
}
