/*
 * rare - which values of a column fewer than k share.
 *
 * A pass counts pairs of a value and a subject (rare_table.h); they come here
 * as sorted spill files, so that neither the values nor the subjects need to
 * fit into memory. A value is known by a digest under a key of this process.
 * Deciding is pure; what is rare is kept in a sorted scratch file.
 */
#ifndef POLICY_PREPARE_RARE_H
#define POLICY_PREPARE_RARE_H

#include "policy/prepare/prf.h"
#include "policy/prepare/recipe.h"
#include "policy/prepare/sorted.h"

enum {
	RARE_DIGEST = SORTED_KEY,
	RARE_PAIR = RARE_DIGEST + 8,
	RARE_MOST = 1000
};

/* A subject in a pair that stands for k different ones. */
#define RARE_MANY UINT64_MAX

enum fate { FATE_UNKNOWN = 0, FATE_KEEP, FATE_LABEL, FATE_DELETE };

/* Subjects that share one value: their hashes while they are fewer than k. */
struct sharers {
	uint32_t n, room;
	uint64_t *hashes;
};

struct rare {
	const struct action *action;
	struct prf digest;
	bool decided;
	struct sorted rares; /* digests of what fewer than k share */
	enum fate below;     /* what becomes of these */
	uint32_t share;	     /* how many share the label, up to k */
	bool folds;	     /* one more value has the label */
	uint8_t folded[RARE_DIGEST];
};

/* The caller calls rare_clear. */
void rare_init(struct rare *rare, const struct action *action);
void rare_clear(struct rare *rare);

void rare_digest(const struct rare *rare, const char *at, size_t len,
		 uint8_t out[static RARE_DIGEST]);
/* What becomes of a value. 0 or -1. Any thread. */
int rare_fate(const struct rare *rare, const char *at, size_t len,
	      enum fate *fate, struct fault *fault);

/*
 * What becomes of each value. pairs: all that was counted, ready to be read.
 * 1: decided; 0: fold needs exact counts; -1: E_OTHER_SMALL.
 */
int rare_decide(struct rare *rare, struct spill *pairs, struct fault *fault);
/* The next rarest value has the label too. exact: a pair for each subject of
 * each value that stays. 1: it is found; 0: several are equally rare: those in
 * *tied, of which the first in byte order is to be given to rare_fold_to;
 * -1. */
int rare_fold(struct rare *rare, struct spill *exact, struct sorted *tied,
	      struct fault *fault);
void rare_fold_to(struct rare *rare, const uint8_t digest[static RARE_DIGEST]);

/* After the writing: does any value that is there have fewer than k? 0 or -1.
 * shown: the pairs of what was written; label: who shares the label. */
int rare_check(const struct rare *rare, struct spill *shown,
	       const struct sharers *label, struct fault *fault);

/* Add a subject to sharers unless there are k or it is among them. */
void sharers_add(struct sharers *sharers, uint32_t k, uint64_t subject);
void sharers_merge(struct sharers *into, uint32_t k,
		   const struct sharers *from);
void sharers_clear(struct sharers *sharers);

#endif
