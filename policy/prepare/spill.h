/*
 * spill - sort more records than memory holds.
 *
 * Records of one size, 8 to 64 bytes, compared as bytes, each kept once. What does not fit
 * goes to files without names, sorted, and is merged at the end.
 */
#ifndef POLICY_PREPARE_SPILL_H
#define POLICY_PREPARE_SPILL_H

#include "policy/prepare/bundle.h"
#include "policy/prepare/sorting.h"

enum {
	SPILL_MEMORY = 4 * 1024 * 1024,
	SPILL_MERGED = 16, /* runs that are merged to one */
	SPILL_RUNS = 64,   /* more than any disk fills by levels of 16 */
	SPILL_RECORD = SORTING_RECORD
};

struct spill_run;

struct spill {
	const struct bundle *bundle; /* whose scratch is used */
	size_t size;
	uint8_t *records;
	size_t count, room;
	uint32_t nruns;
	struct spill_run *runs[SPILL_RUNS];
	size_t at; /* next, while all fits into memory */
	bool merging;
	uint32_t nheap, heap[SPILL_RUNS]; /* runs, the smallest first */
	const uint8_t *heads[SPILL_RUNS]; /* the record each stands on */
	bool any;
	uint8_t last[SPILL_RECORD];
};

void spill_init(struct spill *spill, const struct bundle *bundle, size_t size);
/* The same for one of n that share the memory of two. */
void spill_init_share(struct spill *spill, const struct bundle *bundle,
		      size_t size, uint32_t n);
void spill_clear(struct spill *spill);

int spill_add(struct spill *spill, const void *record, struct fault *fault);
/* No more records come: read them from the first on. */
int spill_begin(struct spill *spill, struct fault *fault);
/* The next in ascending order. 1, 0: no more, -1. */
int spill_next(struct spill *spill, void *record, struct fault *fault);

#endif
