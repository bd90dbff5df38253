/*
 * builds - everything a box needs to build one sandbox, as descriptors.
 */
#ifndef GATEWAY_SUPERVISOR_BUILDS_H
#define GATEWAY_SUPERVISOR_BUILDS_H

#include "gateway/supervisor/sessions.h"

/* Take a lease, make the cgroups, mount and open what the plan names, start
 * the box and tell it. 0, or -1: the session must be ended. */
int build_begin(struct session *session, const uint8_t *key, struct err *err);

#endif
