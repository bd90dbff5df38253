/*
 * posting_runs - group in memory, write, merge.
 *
 * Runs in sekisho-prepare.
 */
#include "policy/prepare/posting_runs.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "policy/prepare/need.h"
#include "policy/prepare/sorting.h"

enum { PIECE = 64 * 1024, GROUP = 12, SLOTS = 2 * POSTING_ROWS };

static const char scratch[] = "scratch file";

struct posting_run {
	int fd;
	uint32_t level;
	uint64_t *groups; /* of each column */
	uint64_t left;	  /* of the column that is being read */
	/* the group it stands on */
	uint64_t hash;
	uint32_t rows;
	/* what is read, or (while it is made) to be written */
	uint64_t at;
	size_t used, len;
	uint8_t piece[PIECE];
};

void posting_runs_init(struct posting_runs *runs, const struct bundle *bundle,
		       uint32_t columns, uint64_t nothing)
{
	size_t room = POSTING_MEMORY / sizeof(uint64_t) / (columns + 1);

	*runs = (struct posting_runs){
		.bundle = bundle,
		.columns = columns,
		.nothing = nothing,
		.room = (uint32_t)(room < POSTING_ROWS ? room : POSTING_ROWS)
	};
	runs->hashes = need((size_t)runs->room * columns, sizeof(uint64_t));
}

static void run_free(struct posting_run *run)
{
	if (!run)
		return;
	own_close(&run->fd);
	free(run->groups);
	free(run);
}

void posting_runs_clear(struct posting_runs *runs)
{
	for (uint32_t i = 0; i < runs->nruns; i++)
		run_free(runs->runs[i]);
	free(runs->hashes);
	runs->hashes = NULL;
	runs->nruns = 0;
}

static struct posting_run *run_new(const struct posting_runs *runs,
				   struct fault *fault)
{
	int fd = bundle_scratch(runs->bundle, fault);

	if (fd < 0)
		return NULL;
	struct posting_run *run = need(1, sizeof *run);
	run->fd = fd;
	run->groups = need(runs->columns, sizeof *run->groups);
	return run;
}

/* --- Writing ------------------------------------------------------------------- */

static int run_flush(struct posting_run *run, struct fault *fault)
{
	size_t used = run->used;

	run->used = 0;
	return disk_write(run->fd, run->piece, used, scratch, fault);
}

static int run_put(struct posting_run *run, const void *bytes, size_t len,
		   struct fault *fault)
{
	const uint8_t *from = bytes;

	while (len > 0) {
		size_t n = PIECE - run->used < len ? PIECE - run->used : len;

		memcpy(run->piece + run->used, from, n);
		run->used += n;
		from += n;
		len -= n;
		if (run->used == PIECE && run_flush(run, fault) < 0)
			return -1;
	}
	return 0;
}

static int put_group(void *whose, uint64_t hash, uint64_t rows,
		     struct fault *fault)
{
	uint32_t n = (uint32_t)rows;

	return run_put(whose, &hash, sizeof hash, fault) < 0
		       ? -1
		       : run_put(whose, &n, sizeof n, fault);
}

static int put_rows(void *whose, const void *rows, uint32_t n,
		    struct fault *fault)
{
	return run_put(whose, rows, n * sizeof(uint32_t), fault);
}

/* One column's rows while they are grouped. */
struct grouping {
	uint32_t groups;
	uint32_t slots[SLOTS];	       /* group + 1; 0: free */
	uint64_t hashes[POSTING_ROWS]; /* of each group */
	uint32_t sizes[POSTING_ROWS], begins[POSTING_ROWS];
	uint32_t of_row[POSTING_ROWS], rows[POSTING_ROWS];
	/* hash, group, nothing, to be sorted */
	uint8_t order[POSTING_ROWS][16], other[POSTING_ROWS][16];
};

static uint32_t find_group(struct grouping *g, uint64_t hash)
{
	uint32_t slot = (uint32_t)hash % SLOTS;

	for (;; slot = (slot + 1) % SLOTS) {
		uint32_t group = g->slots[slot];

		if (group == 0)
			break;
		if (g->hashes[group - 1] == hash)
			return group - 1;
	}
	g->slots[slot] = g->groups + 1;
	g->hashes[g->groups] = hash;
	g->sizes[g->groups] = 0;
	return g->groups++;
}

/* Groups in the order of their hashes: where the rows of each begin. */
static void order_groups(struct grouping *g)
{
	uint32_t begin = 0;

	memset(g->order, 0, g->groups * sizeof g->order[0]);
	for (uint32_t i = 0; i < g->groups; i++) {
		uint64_t hash = htobe64(g->hashes[i]);

		memcpy(g->order[i], &hash, sizeof hash);
		memcpy(g->order[i] + sizeof hash, &i, sizeof i);
	}
	sort_records(g->order[0], g->groups, sizeof g->order[0], g->other[0]);
	for (uint32_t i = 0; i < g->groups; i++) {
		uint32_t group;

		memcpy(&group, g->order[i] + sizeof(uint64_t), sizeof group);
		g->begins[group] = begin;
		begin += g->sizes[group];
	}
}

static int put_column(const struct posting_runs *runs, struct grouping *g,
		      uint32_t column, struct posting_run *run,
		      struct fault *fault)
{
	const uint64_t *hashes = runs->hashes + (size_t)column * runs->room;

	g->groups = 0;
	memset(g->slots, 0, sizeof g->slots);
	for (uint32_t i = 0; i < runs->rows; i++) {
		g->of_row[i] = UINT32_MAX;
		if (hashes[i] == runs->nothing)
			continue;
		g->of_row[i] = find_group(g, hashes[i]);
		g->sizes[g->of_row[i]]++;
	}
	order_groups(g);
	for (uint32_t i = 0; i < runs->rows; i++)
		if (g->of_row[i] != UINT32_MAX)
			g->rows[g->begins[g->of_row[i]]++] = runs->first + i;
	for (uint32_t i = 0, begin = 0; i < g->groups; i++) {
		uint32_t group;

		memcpy(&group, g->order[i] + sizeof(uint64_t), sizeof group);
		if (put_group(run, g->hashes[group], g->sizes[group], fault) <
			    0 ||
		    put_rows(run, g->rows + begin, g->sizes[group], fault) < 0)
			return -1;
		begin += g->sizes[group];
	}
	run->groups[column] = g->groups;
	return 0;
}

/* --- Merging ------------------------------------------------------------------- */

/* At least `least` bytes that follow; NULL: they cannot be read. */
static const uint8_t *run_read(struct posting_run *run, size_t least,
			       struct fault *fault)
{
	if (run->len - run->used < least) {
		size_t left = run->len - run->used;

		memmove(run->piece, run->piece + run->used, left);
		run->used = 0;
		run->len = left;
		while (run->len < least) {
			ssize_t n = pread(run->fd, run->piece + run->len,
					  PIECE - run->len, (off_t)run->at);

			if (n <= 0) {
				fault_sys(fault, scratch);
				return NULL;
			}
			run->at += (uint64_t)n;
			run->len += (size_t)n;
		}
	}
	return run->piece + run->used;
}

/* Stand on the next group of the column. 1, 0: there is none, -1. */
static int run_next(struct posting_run *run, struct fault *fault)
{
	const uint8_t *group;

	if (run->left == 0)
		return 0;
	run->left--;
	group = run_read(run, GROUP, fault);
	if (!group)
		return -1;
	memcpy(&run->hash, group, sizeof run->hash);
	memcpy(&run->rows, group + sizeof run->hash, sizeof run->rows);
	run->used += GROUP;
	return 1;
}

/* The rows of the group it stands on. */
static int run_rows(struct posting_run *run, const struct posting_sink *sink,
		    struct fault *fault)
{
	enum { AT_ONCE = PIECE / 2 / sizeof(uint32_t) };

	while (run->rows > 0) {
		uint32_t n = run->rows < AT_ONCE ? run->rows : AT_ONCE;
		const uint8_t *rows = run_read(run, n * sizeof n, fault);

		if (!rows || sink->rows(sink->whose, rows, n, fault) < 0)
			return -1;
		run->used += n * sizeof n;
		run->rows -= n;
	}
	return 0;
}

/* Of equal values the earlier run comes first: its rows do. */
static bool is_before(const struct posting_runs *runs, uint32_t a, uint32_t b)
{
	uint64_t x = runs->runs[a]->hash, y = runs->runs[b]->hash;

	return x < y || (x == y && a < b);
}

static void sink_down(struct posting_runs *runs, uint32_t at)
{
	uint32_t *heap = runs->heap, n = runs->nheap, run = heap[at];

	for (uint32_t child; (child = 2 * at + 1) < n; at = child) {
		child += child + 1 < n &&
			 is_before(runs, heap[child + 1], heap[child]);
		if (!is_before(runs, heap[child], run))
			break;
		heap[at] = heap[child];
	}
	heap[at] = run;
}

/* Take the first run off the heap; it stays the caller's to put back. */
static uint32_t pop(struct posting_runs *runs)
{
	uint32_t first = runs->heap[0];

	runs->heap[0] = runs->heap[--runs->nheap];
	if (runs->nheap > 0)
		sink_down(runs, 0);
	return first;
}

static void push(struct posting_runs *runs, uint32_t run)
{
	uint32_t at = runs->nheap++, *heap = runs->heap;

	for (; at > 0 && is_before(runs, run, heap[(at - 1) / 2]);
	     at = (at - 1) / 2)
		heap[at] = heap[(at - 1) / 2];
	heap[at] = run;
}

/* The value that comes first, with its rows out of all runs that have it. */
static int merge_value(struct posting_runs *runs,
		       const struct posting_sink *sink, struct fault *fault)
{
	uint64_t hash = runs->runs[runs->heap[0]]->hash, rows = 0;
	uint32_t have[POSTING_RUNS], n = 0;

	while (runs->nheap > 0 && runs->runs[runs->heap[0]]->hash == hash) {
		have[n] = pop(runs);
		rows += runs->runs[have[n++]]->rows;
	}
	if (sink->value(sink->whose, hash, rows, fault) < 0)
		return -1;
	for (uint32_t i = 0; i < n; i++) {
		struct posting_run *run = runs->runs[have[i]];

		if (run_rows(run, sink, fault) < 0)
			return -1;
		int more = run_next(run, fault);
		if (more < 0)
			return -1;
		if (more > 0)
			push(runs, have[i]);
	}
	return 0;
}

/* One column of the runs from `from` on. Returns the values, or -1. */
static int64_t merge_column(struct posting_runs *runs, uint32_t column,
			    const struct posting_sink *sink,
			    struct fault *fault)
{
	int64_t values = 0;

	runs->nheap = 0;
	for (uint32_t i = runs->from; i < runs->nruns; i++) {
		runs->runs[i]->left = runs->runs[i]->groups[column];
		int more = run_next(runs->runs[i], fault);
		if (more < 0)
			return -1;
		if (more > 0)
			push(runs, i);
	}
	for (; runs->nheap > 0; values++)
		if (merge_value(runs, sink, fault) < 0)
			return -1;
	return values;
}

/* The runs from `from` on become one. */
static int merge_runs(struct posting_runs *runs, uint32_t from,
		      struct fault *fault)
{
	struct posting_run *merged = run_new(runs, fault);
	const struct posting_sink sink = { merged, put_group, put_rows };
	int64_t values = merged ? 0 : -1;

	runs->from = from;
	for (uint32_t i = 0; values >= 0 && i < runs->columns; i++) {
		values = merge_column(runs, i, &sink, fault);
		merged->groups[i] = (uint64_t)values;
	}
	if (values < 0 || run_flush(merged, fault) < 0) {
		run_free(merged);
		return -1;
	}
	merged->level = runs->runs[from]->level + 1;
	for (uint32_t i = from; i < runs->nruns; i++)
		run_free(runs->runs[i]);
	runs->runs[from] = merged;
	runs->nruns = from + 1;
	return 0;
}

/* Runs of one level become one of the next (as in spill). */
static int merge_level(struct posting_runs *runs, struct fault *fault)
{
	for (uint32_t from; runs->nruns > 0;) {
		uint32_t level = runs->runs[runs->nruns - 1]->level;

		for (from = runs->nruns;
		     from > 0 && runs->runs[from - 1]->level == level;)
			from--;
		if (runs->nruns - from < POSTING_MERGED)
			break;
		if (merge_runs(runs, from, fault) < 0)
			return -1;
	}
	return 0;
}

/* What is in memory becomes a run. */
static int write_run(struct posting_runs *runs, struct fault *fault)
{
	AUTO_FREE struct grouping *g = NULL;

	if (runs->rows == 0)
		return 0;
	if (merge_level(runs, fault) < 0)
		return -1;
	struct posting_run *run = run_new(runs, fault);
	int done = run ? 0 : -1;
	g = need(1, sizeof *g);
	for (uint32_t i = 0; done == 0 && i < runs->columns; i++)
		done = put_column(runs, g, i, run, fault);
	if (done < 0 || run_flush(run, fault) < 0) {
		run_free(run);
		return -1;
	}
	runs->runs[runs->nruns++] = run;
	runs->first += runs->rows;
	runs->rows = 0;
	return 0;
}

uint64_t *posting_runs_row(struct posting_runs *runs, struct fault *fault)
{
	if (runs->rows == runs->room && write_run(runs, fault) < 0)
		return NULL;
	return runs->hashes + runs->rows++;
}

int posting_runs_end(struct posting_runs *runs, struct fault *fault)
{
	runs->from = 0;
	return write_run(runs, fault);
}

int posting_runs_column(struct posting_runs *runs, uint32_t column,
			const struct posting_sink *sink, struct fault *fault)
{
	return merge_column(runs, column, sink, fault) < 0 ? -1 : 0;
}
