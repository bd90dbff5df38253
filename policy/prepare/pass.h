/*
 * pass - a source from its first byte to its last, by several threads.
 *
 * A thread reads the next block under a lock, works on it alone, and writes
 * its result when all earlier blocks are written: the result does not depend
 * on how many threads there are, and of several faults the first is said.
 */
#ifndef POLICY_PREPARE_PASS_H
#define POLICY_PREPARE_PASS_H

#include "policy/prepare/worker.h"

enum { PASS_THREADS = 16 };

struct pass {
	struct ground *ground;
	enum pass_kind kind;
	int out; /* where PASS_WRITE writes; stays the caller's */
	uint32_t nworkers;
	struct worker workers[PASS_THREADS];
	struct input input;
	pthread_mutex_t reading, writing;
	pthread_cond_t turn;
	uint64_t next;	/* block to be written */
	uint64_t lines; /* of the blocks before it */
	bool failed;
	struct fault fault;
	uint64_t sum; /* the same in two passes over the same bytes */
};

/* Run it to the end. The workers hold what they counted; the caller calls
 * pass_clear in any case. */
int pass_run(struct pass *pass, struct ground *ground, enum pass_kind kind,
	     int out, struct fault *fault);
void pass_clear(struct pass *pass);

#endif
