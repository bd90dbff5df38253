/*
 * datasets - what a session's plan names under DATASETS, and whether it still
 * is what the permit was approved for.
 */
#ifndef GATEWAY_SUPERVISOR_DATASETS_H
#define GATEWAY_SUPERVISOR_DATASETS_H

#include "gateway/supervisor/sessions.h"

/*
 * Have the store compare every dataset of the plan with its manifest, one
 * after the other, put each answer on record, and when the last one is
 * durable build the session; or end it.
 */
void datasets_check(struct session *session);

/* O_PATH descriptor of what sandboxes see of a dataset: its data folder, and
 * nothing beside. Or -1. */
int datasets_data(const struct gateway *gateway, const char *name,
		  struct err *err);

/* The pseudonyms of a dataset, for reading, as one check needs them. Or -1. */
int datasets_pseudonyms(const struct gateway *gateway, const char *name,
			struct err *err);

#endif
