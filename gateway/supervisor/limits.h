/*
 * limits - what even guard and supervisor give up.
 */
#ifndef GATEWAY_SUPERVISOR_LIMITS_H
#define GATEWAY_SUPERVISOR_LIMITS_H

#include "gateway/base/filter.h"

/* Made from supervisor.filter and from the lists of all that it starts. */
extern const struct filter supervisor_filter;

/* Give up the capabilities that no part of the gateway needs, for good; allow
 * no core dumps; raise the number of descriptors to its hard limit. 0 or -1. */
int limits_drop(struct err *err);

#endif
