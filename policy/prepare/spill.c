#include "policy/prepare/spill.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "policy/prepare/need.h"
#include "policy/prepare/sorting.h"

enum { PIECE = 64 * 1024 };

struct spill_run {
	int fd;
	uint32_t level; /* how often its records have been merged */
	uint64_t at;	/* in the file, of the next piece */
	size_t used, len;
	uint8_t piece[PIECE];
};

void spill_init(struct spill *spill, const struct bundle *bundle, size_t size)
{
	*spill = (struct spill){ .bundle = bundle,
				 .size = size,
				 .room = SPILL_MEMORY / size };
}

void spill_init_share(struct spill *spill, const struct bundle *bundle,
		      size_t size, uint32_t n)
{
	spill_init(spill, bundle, size);
	if (n > 2)
		spill->room = spill->room * 2 / n;
}

static void run_free(struct spill_run *run)
{
	if (!run)
		return;
	own_close(&run->fd);
	free(run);
}

void spill_clear(struct spill *spill)
{
	for (uint32_t i = 0; i < spill->nruns; i++)
		run_free(spill->runs[i]);
	free(spill->records);
	spill->records = NULL;
	spill->nruns = 0;
	spill->count = 0;
}

/* Sort what is in memory and keep each record once. */
static void sort(struct spill *spill)
{
	size_t size = spill->size, kept = 0;

	AUTO_FREE uint8_t *other = need(spill->count, size);
	sort_records(spill->records, spill->count, size, other);
	for (size_t i = 0; i < spill->count; i++) {
		uint8_t *one = spill->records + i * size;

		if (kept > 0 &&
		    memcmp(one, spill->records + (kept - 1) * size, size) == 0)
			continue;
		if (kept != i)
			memcpy(spill->records + kept * size, one, size);
		kept++;
	}
	spill->count = kept;
}

/* The record a run stands on, or NULL at its end; *failed on an error. */
static const uint8_t *run_peek(struct spill_run *run, size_t size, bool *failed)
{
	if (__builtin_expect(run->used + size > run->len, 0)) {
		size_t left = run->len - run->used;

		memmove(run->piece, run->piece + run->used, left);
		ssize_t n = pread(run->fd, run->piece + left, PIECE - left,
				  (off_t)run->at);
		*failed |= n < 0;
		run->at += n > 0 ? (uint64_t)n : 0;
		run->len = left + (n > 0 ? (size_t)n : 0);
		run->used = 0;
		if (run->len < size)
			return NULL;
	}
	return run->piece + run->used;
}

static bool run_less(const struct spill *spill, uint32_t a, uint32_t b)
{
	return record_less(spill->heads[a], spill->heads[b], spill->size);
}

/* Let the run at a place of the heap sink to where it belongs. */
static void sink(struct spill *spill, uint32_t at)
{
	uint32_t *heap = spill->heap, n = spill->nheap, run = heap[at];

	for (;;) {
		uint32_t child = 2 * at + 1;

		if (child >= n)
			break;
		if (child + 1 < n &&
		    run_less(spill, heap[child + 1], heap[child]))
			child++;
		if (!run_less(spill, heap[child], run))
			break;
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = run;
}

/* Begin with the runs from `from` on. */
static void begin_merge(struct spill *spill, uint32_t from, bool *failed)
{
	spill->nheap = 0;
	for (uint32_t i = from; i < spill->nruns; i++) {
		spill->heads[i] = run_peek(spill->runs[i], spill->size, failed);
		if (spill->heads[i])
			spill->heap[spill->nheap++] = i;
	}
	for (uint32_t i = spill->nheap; i-- > 0;)
		sink(spill, i);
	spill->merging = true;
}

/* The smallest record of the runs that are merged. 1, 0: no more, -1. */
static int merge_next(struct spill *spill, uint8_t *record, struct fault *fault)
{
	bool failed = false;

	if (!spill->merging)
		begin_merge(spill, 0, &failed);
	if (spill->nheap == 0)
		return failed ? fault_sys(fault, "scratch file") : 0;
	uint32_t run = spill->heap[0];
	record_copy(record, spill->heads[run], spill->size);
	spill->runs[run]->used += spill->size;
	spill->heads[run] = run_peek(spill->runs[run], spill->size, &failed);
	if (!spill->heads[run])
		spill->heap[0] = spill->heap[--spill->nheap];
	if (spill->nheap > 0)
		sink(spill, 0);
	return failed ? fault_sys(fault, "scratch file") : 1;
}

static struct spill_run *run_new(const struct spill *spill, struct fault *fault)
{
	int fd = bundle_scratch(spill->bundle, fault);
	struct spill_run *run = fd < 0 ? NULL : need(1, sizeof *run);

	if (run) {
		run->fd = fd;
		run->at = 0;
		run->used = run->len = 0;
	}
	return run;
}

/* The runs from `from` on become one. */
static int merge_runs(struct spill *spill, uint32_t from, struct fault *fault)
{
	struct spill_run *merged = run_new(spill, fault);
	AUTO_FREE uint8_t *piece = need(PIECE, 1);
	size_t used = 0;
	bool failed = false;
	int more = merged ? 1 : -1;

	if (merged)
		begin_merge(spill, from, &failed);
	while (more > 0) {
		more = merge_next(spill, piece + used, fault);
		used += more > 0 ? spill->size : 0;
		if ((more == 0 || used + spill->size > PIECE) && used > 0) {
			if (disk_write(merged->fd, piece, used, "scratch file",
				       fault) < 0)
				more = -1;
			used = 0;
		}
	}
	spill->merging = false;
	if (more < 0 || failed) {
		run_free(merged);
		return failed ? fault_sys(fault, "scratch file") : -1;
	}
	merged->level = spill->runs[from]->level + 1;
	for (uint32_t i = from; i < spill->nruns; i++)
		run_free(spill->runs[i]);
	spill->runs[from] = merged;
	spill->nruns = from + 1;
	return 0;
}

/* Make room: runs of one level become one of the next, so that a record is
 * written again only as often as there are levels. */
static int merge_level(struct spill *spill, struct fault *fault)
{
	for (;;) {
		uint32_t from = spill->nruns;

		while (from > 0 && spill->runs[from - 1]->level ==
					   spill->runs[spill->nruns - 1]->level)
			from--;
		if (spill->nruns - from < SPILL_MERGED &&
		    spill->nruns < SPILL_RUNS)
			return 0;
		if (merge_runs(spill, spill->nruns - from < 2 ? 0 : from,
			       fault) < 0)
			return -1;
	}
}

static int write_run(struct spill *spill, struct fault *fault)
{
	sort(spill);
	if (spill->nruns > 0 && merge_level(spill, fault) < 0)
		return -1;
	struct spill_run *run = run_new(spill, fault);
	if (!run)
		return -1;
	if (disk_write(run->fd, spill->records, spill->count * spill->size,
		       "scratch file", fault) < 0) {
		run_free(run);
		return -1;
	}
	spill->runs[spill->nruns++] = run;
	spill->count = 0;
	return 0;
}

int spill_add(struct spill *spill, const void *record, struct fault *fault)
{
	if (!spill->records)
		spill->records = need(spill->room, spill->size);
	if (spill->count == spill->room && write_run(spill, fault) < 0)
		return -1;
	record_copy(spill->records + spill->count++ * spill->size, record,
		    spill->size);
	return 0;
}

int spill_begin(struct spill *spill, struct fault *fault)
{
	spill->at = 0;
	spill->any = spill->merging = false;
	if (spill->nruns > 0)
		return write_run(spill, fault);
	if (spill->records)
		sort(spill);
	return 0;
}

int spill_next(struct spill *spill, void *record, struct fault *fault)
{
	int more = 1;

	if (spill->nruns == 0) {
		if (spill->at == spill->count)
			return 0;
		memcpy(record, spill->records + spill->at++ * spill->size,
		       spill->size);
		return 1;
	}
	while (more > 0) {
		more = merge_next(spill, record, fault);
		if (more > 0 && spill->any &&
		    memcmp(record, spill->last, spill->size) == 0)
			continue;
		break;
	}
	if (more > 0) {
		memcpy(spill->last, record, spill->size);
		spill->any = true;
	}
	return more;
}
