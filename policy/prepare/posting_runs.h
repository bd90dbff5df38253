/*
 * posting_runs - sort the rows of each value of each column, more than memory
 * holds.
 *
 * Rows are taken in order, some ten thousand at a time; of these each column's
 * rows are grouped by value, sorted by the value's hash, and written to a file
 * without a name: a run. Runs are ranges of rows in order, so merging two of
 * them puts the rows of a value one behind the other.
 *
 * A run holds its columns in order; of each, its groups: u64 hash, u32 how
 * many rows, u32 each row, as this processor writes them.
 */
#ifndef POLICY_PREPARE_POSTING_RUNS_H
#define POLICY_PREPARE_POSTING_RUNS_H

#include "policy/prepare/bundle.h"

enum {
	POSTING_ROWS = 65536,		  /* of a run, at most */
	POSTING_MEMORY = 8 * 1024 * 1024, /* for their hashes */
	POSTING_MERGED = 16,
	POSTING_RUNS = 64 /* as a spill's */
};

struct posting_run;

struct posting_runs {
	const struct bundle *bundle;
	uint64_t nothing; /* the hash of what is left out */
	uint32_t columns;
	uint32_t rows, room; /* in memory: rows, of at most room */
	uint32_t first;	     /* row */
	uint64_t *hashes;    /* column after column, room for each */
	uint32_t nruns;
	struct posting_run *runs[POSTING_RUNS];
	uint32_t from, nheap, heap[POSTING_RUNS]; /* while they are merged */
};

/* Where the groups of a column go: first the value with how many rows it has,
 * then these, in one or more pieces. 0 or -1. */
struct posting_sink {
	void *whose;
	int (*value)(void *whose, uint64_t hash, uint64_t rows,
		     struct fault *fault);
	int (*rows)(void *whose, const void *rows, uint32_t n,
		    struct fault *fault);
};

/* nothing: the hash of values that are left out. The caller calls
 * posting_runs_clear. */
void posting_runs_init(struct posting_runs *runs, const struct bundle *bundle,
		       uint32_t columns, uint64_t nothing);
void posting_runs_clear(struct posting_runs *runs);

/* Where the hashes of the next row go, one for each column i at
 * [i * runs->room]. NULL: fault. */
uint64_t *posting_runs_row(struct posting_runs *runs, struct fault *fault);
/* No more rows come. */
int posting_runs_end(struct posting_runs *runs, struct fault *fault);
/* Hand over a column; the first is 0, and none is left out. */
int posting_runs_column(struct posting_runs *runs, uint32_t column,
			const struct posting_sink *sink, struct fault *fault);

#endif
