/*
 * classes - how many subjects share each combination of quasi-identifiers.
 *
 * A row adds its class and its subject, and each sensitive value, as hashes to
 * scratch files that are sorted at the end.
 */
#ifndef POLICY_PREPARE_CLASSES_H
#define POLICY_PREPARE_CLASSES_H

#include <pthread.h>

#include "policy/prepare/spill.h"

enum { CLASS_COLUMNS = 32, CLASS_SIZES = 8 };

struct classes {
	pthread_mutex_t lock;
	struct spill subjects; /* class, subject */
	uint32_t nsensitive;
	struct spill sensitive[CLASS_COLUMNS]; /* class, value */
};

struct classes_result {
	uint64_t classes, subjects; /* subjects: in all classes together */
	uint64_t alone, below;	    /* in classes of one; of fewer than k */
	uint64_t least_k, least_l;  /* 0: there is no class, or nothing asked */
	/* subjects by the size of their class: 1, 2 to 4, 5 to 9, 10 to 19, 20
	 * to 49, 50 to 99, 100 to 999, more */
	uint64_t sizes[CLASS_SIZES];
};

/* The least size of a group of sizes. */
uint64_t class_size(int group);

void classes_init(struct classes *classes, const struct bundle *bundle,
		  uint32_t nsensitive);
void classes_clear(struct classes *classes);

/* What one thread saw lately, so that a subject's many rows count cheaply. */
struct classes_cache {
	uint64_t seen[32768];
};

/* values: one hash for each sensitive column. Any thread. */
int classes_add(struct classes *classes, struct classes_cache *cache,
		uint64_t class, uint64_t subject, const uint64_t *values,
		struct fault *fault);
/* All rows are added: count. k: what `below` means. */
int classes_count(struct classes *classes, uint32_t k,
		  struct classes_result *result, struct fault *fault);

#endif
