/*
 * trace - find the persons behind pseudonyms, for a request that two custodians
 * signed.
 *
 * No table of who is who exists: every id of the recipe's sources goes through
 * the permit's key once more, and those that meet a pseudonym are written,
 * encrypted to the regulator's key alone.
 */
#ifndef POLICY_PREPARE_TRACE_H
#define POLICY_PREPARE_TRACE_H

#include "policy/prepare/inquiry.h"
#include "policy/prepare/keys.h"
#include "policy/problems.h"

struct trace_order {
	const char *note, *recipe, *keys, *out; /* paths */
	uint64_t now;				/* seconds since 1970 */
};

struct trace_result {
	struct inquiry inquiry;
	char approved_by[NOTE_NAME];
	uint32_t met;	     /* pseudonyms of which a person was found */
	uint64_t ids;	     /* numbers that were written */
	char head[HASH_HEX]; /* of the journal, after the last act */
	uint64_t lines;	     /* of the journal */
};

/* Carry it out. The list of custodians is the file `custodians` in the folder
 * of keys; a request is carried out once. */
int trace(const struct trace_order *order, struct trace_result *result,
	  struct problems *problems, struct fault *fault);

#endif
