/*
 * rare_table - what one thread of a pass counts of a column with rare.
 *
 * A table of the values met lately, each with its subjects up to k. When it is
 * full, all of it goes as pairs to a spill that the threads share, and the
 * table begins anew: memory is bounded whatever the number of values.
 */
#ifndef POLICY_PREPARE_RARE_TABLE_H
#define POLICY_PREPARE_RARE_TABLE_H

#include <pthread.h>

#include "policy/prepare/interned.h"
#include "policy/prepare/rare.h"

enum { RARE_MEMORY = 8 * 1024 * 1024 }; /* bytes of all tables of a pass */

/* Where the threads of a pass put their pairs. */
struct rare_pairs {
	pthread_mutex_t lock;
	struct spill spill;
};

struct rare_table {
	const struct rare *rare;
	struct rare_pairs *pairs;
	struct interned values;
	struct sharers *sharers; /* by number of the value */
	uint32_t room;
	size_t used, most; /* bytes, roughly */
};

/* n: how many there are of them, which share memory. */
void rare_pairs_init(struct rare_pairs *pairs, const struct bundle *bundle,
		     uint32_t n);
void rare_pairs_clear(struct rare_pairs *pairs);

/* most: bytes that it may use. The caller calls rare_table_clear. */
void rare_table_init(struct rare_table *table, const struct rare *rare,
		     struct rare_pairs *pairs, size_t most);
void rare_table_clear(struct rare_table *table);

/* The number of a value, good until this is called again for another value.
 * *anew: all numbers before it are void. 0 or -1. */
int rare_table_number(struct rare_table *table, const char *at, size_t len,
		      uint32_t *number, bool *anew, struct fault *fault);
/* One more row of a value. */
void rare_table_count(struct rare_table *table, uint32_t number,
		      uint64_t subject);
/* Hand over all of it. 0 or -1. */
int rare_table_flush(struct rare_table *table, struct fault *fault);

#endif
