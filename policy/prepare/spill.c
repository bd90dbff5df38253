#include "policy/prepare/spill.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "policy/prepare/need.h"

enum { PIECE = 64 * 1024 };

struct spill_run {
	int fd;
	uint64_t at; /* in the file, of the next piece */
	size_t used, len;
	uint8_t piece[PIECE];
};

void spill_init(struct spill *spill, const struct bundle *bundle, size_t size)
{
	*spill = (struct spill){ .bundle = bundle,
				 .size = size,
				 .room = SPILL_MEMORY / size };
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

static int compare(const void *a, const void *b, void *size)
{
	return memcmp(a, b, *(const size_t *)size);
}

/* Sort what is in memory and keep each record once. */
static void sort(struct spill *spill)
{
	size_t size = spill->size, kept = 0;

	qsort_r(spill->records, spill->count, size, compare, &size);
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
	if (run->used + size > run->len) {
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

/* The smallest record of all runs. 1, 0: no more, -1. */
static int merge_next(struct spill *spill, uint8_t *record, struct fault *fault)
{
	const uint8_t *best = NULL;
	struct spill_run *from = NULL;
	bool failed = false;

	for (uint32_t i = 0; i < spill->nruns; i++) {
		const uint8_t *one =
			run_peek(spill->runs[i], spill->size, &failed);

		if (one && (!best || memcmp(one, best, spill->size) < 0)) {
			best = one;
			from = spill->runs[i];
		}
	}
	if (failed)
		return fault_sys(fault, "scratch file");
	if (!best)
		return 0;
	memcpy(record, best, spill->size);
	from->used += spill->size;
	return 1;
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

/* All runs become one, so that there is room for more. */
static int merge_all(struct spill *spill, struct fault *fault)
{
	struct spill_run *merged = run_new(spill, fault);
	AUTO_FREE uint8_t *piece = need(PIECE, 1);
	size_t used = 0;
	int more = merged ? 1 : -1;

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
	if (more < 0) {
		run_free(merged);
		return -1;
	}
	for (uint32_t i = 0; i < spill->nruns; i++)
		run_free(spill->runs[i]);
	spill->runs[0] = merged;
	spill->nruns = 1;
	return 0;
}

static int write_run(struct spill *spill, struct fault *fault)
{
	sort(spill);
	if (spill->nruns == SPILL_RUNS && merge_all(spill, fault) < 0)
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
	memcpy(spill->records + spill->count++ * spill->size, record,
	       spill->size);
	return 0;
}

int spill_begin(struct spill *spill, struct fault *fault)
{
	spill->at = 0;
	spill->any = false;
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
