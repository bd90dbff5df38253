/*
 * limits - what even the supervisor gives up.
 */
#ifndef GATEWAY_SUPERVISOR_LIMITS_H
#define GATEWAY_SUPERVISOR_LIMITS_H

#include "gateway/base/err.h"

/* Take the capabilities that no part of the gateway needs out of the bounding
 * set for good, allow no core dumps, and raise the number of descriptors to
 * its hard limit. 0 or -1. */
int limits_drop(struct err *err);

#endif
