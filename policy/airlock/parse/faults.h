/*
 * faults - what is wrong with a file's form, at most so much of each kind.
 */
#ifndef POLICY_AIRLOCK_PARSE_FAULTS_H
#define POLICY_AIRLOCK_PARSE_FAULTS_H

#include "gateway/base/parsed.h"

enum { FAULTS_EACH = 20 /* of one code; the rest says nothing new */ };

enum fault {
#define FAULT(code) FAULT_##code,
#include "policy/airlock/parse/faults.def"
#undef FAULT
	FAULTS
};

struct faults {
	struct parsed_out *out;
	unsigned int put[FAULTS];
};

void fault_put(struct faults *faults, enum fault fault, uint32_t row,
	       uint32_t column);

#endif
