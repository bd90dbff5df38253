/*
 * report - when something about witnesses and time stamps goes on record.
 *
 * A record makes a new checkpoint, which asks for new cosignatures: so only a
 * change is told, and once a day how it stands. Pure.
 */
#ifndef AUDIT_COSIGN_REPORT_H
#define AUDIT_COSIGN_REPORT_H

#include <stdint.h>

#include "audit/cosign/witness.h"

enum {
	REPORT_DAY = 86400,
	REPORT_PAUSE = 60, /* seconds between two of a subject that wavers */
	REPORT_HASTY = 3   /* changes that are told without a pause */
};

/* What was told of one subject. */
struct report {
	enum reason told; /* NONE: nothing yet */
	int64_t when;	  /* seconds of a clock that never goes back */
	unsigned int hasty;
};

/* Is reason to be told now? Then it counts as told. daily: also unchanged,
 * once a day. */
bool report_due(struct report *report, enum reason reason, int64_t now,
		bool daily);

#endif
