/*
 * erase - take the files of an old delivery of a dataset away.
 */
#ifndef GATEWAY_SUPERVISOR_ERASE_H
#define GATEWAY_SUPERVISOR_ERASE_H

#include "gateway/supervisor/gateway.h"

/*
 * Remove DATASETS/NAME/MANIFEST and all in it, durably; one that is not there
 * is removed. 0; or -1: a session has it mounted, or something of it cannot be
 * taken away.
 */
int erase_delivery(struct gateway *gateway, const struct plan_dataset *dataset,
		   struct err *err);

#endif
