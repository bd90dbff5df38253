/*
 * prepare - from a recipe and its sources to a signed bundle.
 */
#ifndef POLICY_PREPARE_PREPARE_H
#define POLICY_PREPARE_PREPARE_H

#include "policy/prepare/bundle.h"
#include "policy/problems.h"

struct order {
	const char *recipe, *keys, *permit, *out; /* paths */
	const char *report;			  /* custodian's; NULL: none */
	int32_t today;				  /* policy/day.h */
	uint32_t threads;			  /* 1 to PASS_THREADS */
};

/* Carry it out. 0 and the manifest's SHA-256; or -1 and a fault, with the
 * problems of the recipe or permit file where it is one of those. */
int prepare(const struct order *order, char hash[static HASH_HEX],
	    struct problems *problems, struct fault *fault);

/* An invented dataset of the recipe's shape; keys and permit are not asked
 * for. note: what its data/README says. */
int prepare_dummy(const struct order *order, const char *note,
		  struct problems *problems, struct fault *fault);

#endif
