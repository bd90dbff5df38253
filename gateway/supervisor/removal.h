/*
 * removal - take the files of an old delivery of a dataset away (REMOVE).
 *
 * Nothing is overwritten: what a closed permit leaves is erased by erasures.h.
 */
#ifndef GATEWAY_SUPERVISOR_REMOVAL_H
#define GATEWAY_SUPERVISOR_REMOVAL_H

#include "gateway/supervisor/gateway.h"

/*
 * Remove DATASETS/NAME/MANIFEST and all in it, durably; one that is not there
 * is removed. 0; or -1: a session has it mounted, or something of it cannot be
 * taken away.
 */
int removal_carry_out(struct gateway *gateway,
		      const struct plan_dataset *dataset, struct err *err);

#endif
