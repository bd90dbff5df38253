/*
 * status - what a person may read of a request: status/PERMIT/ACTOR/N/
 * status.json, in policy's words.
 */
#ifndef POLICY_AIRLOCK_STORE_STATUS_H
#define POLICY_AIRLOCK_STORE_STATUS_H

#include "gateway/base/plan.h"
#include "policy/airlock/store/place.h"

struct status {
	char permit[ID_SIZE], actor[ID_SIZE];
	uint32_t request;
	const uint8_t *text;
	size_t len;
};

/* Write it, in the place of an older one: readers see the one or the other.
 * 0 or -1. */
int status_write(struct place *place, const struct status *status,
		 struct err *err);

#endif
