/*
 * worker - one thread's part of a pass: blocks of a source in, bytes of the
 * result out, and counts.
 */
#ifndef POLICY_PREPARE_WORKER_H
#define POLICY_PREPARE_WORKER_H

#include "policy/prepare/classes.h"
#include "policy/prepare/input.h"
#include "policy/prepare/members.h"
#include "policy/prepare/rows.h"
#include "policy/prepare/transform.h"

/* Rows of a source, by what became of them. */
struct tally {
	uint64_t in, out;
	uint64_t opted_out, outside_cohort, filtered, deleted, quarantined;
};

/* What all workers of a source share; made before the first pass. */
struct ground {
	const struct preparation *preparation;
	const struct source *source;
	struct scheme scheme;
	struct rows rows;
	struct history history;
	struct members optout, cohort;
	/* one for each rare of the scheme */
	struct rare *decided;
	struct rare_pairs *pairs; /* what is counted in this pass */
	struct spill *exact;	  /* PASS_EXACT */
	struct sorted *tied;	  /* PASS_TIED */
	struct classes classes;
	uint32_t nquasi, nsensitive;
	uint32_t quasi[CLASS_COLUMNS], sensitive[CLASS_COLUMNS]; /* columns */
	/* A pass has seen that all of it is text. That a later one reads the
	 * same bytes is checked at its end, before anything has a name. */
	bool is_text;
	pthread_mutex_t pseudonyms_lock;
};

/* What the lists say of a subject. */
enum standing {
	STANDS_OUT = 0, /* opted out */
	STANDS_BESIDE,	/* not of the cohort */
	STANDS_IN
};

struct worker {
	struct ground *ground;
	struct transform *transform;
	struct csv csv;
	struct csv_field *fields;
	struct view *values; /* of the record, by column of the result */
	struct block block;
	char *out;
	size_t used, room;
	enum standing standing; /* of the subject at work */
	struct tally tally;
	struct column_tally *columns;
	struct classes_cache *classes_cache;
	uint64_t sum; /* of the blocks' bytes, to tell two passes apart */
	uint8_t batch[256][PSEUDONYM_BYTES];
	uint32_t nbatch;
};

void worker_init(struct worker *worker, struct ground *ground,
		 enum pass_kind pass);
void worker_clear(struct worker *worker);

/* Work on worker->block; the bytes of the result are then in out[0..used). A
 * fault says where, by the line in the block; csv.line - 1 lines are in it. */
int worker_block(struct worker *worker, const struct input *input,
		 struct fault *fault);
/* No more blocks come: hand over what is kept back. */
int worker_end(struct worker *worker, struct fault *fault);

/* Is this fault one of a row's values, which a quarantine bears? */
bool is_row_fault(enum fault_code code);

#endif
