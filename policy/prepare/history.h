/*
 * history - which number a person had first.
 *
 * From a file of pairs new,old. Each number leads to the oldest; a circle, or
 * a new number with two old ones, is a fault. Kept in scratch files, found by
 * a keyed digest.
 */
#ifndef POLICY_PREPARE_HISTORY_H
#define POLICY_PREPARE_HISTORY_H

#include "policy/prepare/prf.h"
#include "policy/prepare/recipe.h"
#include "policy/prepare/sorted.h"

enum { HISTORY_NUMBER = 255 }; /* bytes of one number */

struct history {
	bool any;
	struct prf digest;
	struct sorted pairs; /* digest of new, place of old in texts */
	int texts;
	uint64_t used;
};

/* Read source->history in folder, if there is one. The caller calls
 * history_clear in any case. */
int history_read(struct history *history, int folder,
		 const struct source *source, const struct bundle *bundle,
		 struct fault *fault);
void history_clear(struct history *history);

/* The oldest number of *len bytes at *at, in out[HISTORY_NUMBER] where it is
 * another. 0 or -1. */
int history_oldest(const struct history *history, const char **at, size_t *len,
		   char out[static HISTORY_NUMBER], struct fault *fault);

#endif
