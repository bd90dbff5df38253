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

/* Is this the SHA-256 of a manifest: 64 lower-case hex digits? */
bool datasets_hash(const char *text);

/*
 * A delivery of a dataset lies in DATASETS/NAME/MANIFEST, under the SHA-256 of
 * its manifest; earlier ones stay beside it until they are removed.
 *
 * O_PATH descriptor of what sandboxes see of one: its data folder, and nothing
 * beside. Or -1.
 */
int datasets_data(const struct gateway *gateway,
		  const struct plan_dataset *dataset, struct err *err);

/* Its pseudonyms, for reading, as one check needs them. Or -1. */
int datasets_pseudonyms(const struct gateway *gateway,
			const struct plan_dataset *dataset, struct err *err);

#endif
