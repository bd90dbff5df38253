/*
 * capabilities - parts of root's power, given up for good.
 */
#ifndef GATEWAY_BASE_CAPABILITIES_H
#define GATEWAY_BASE_CAPABILITIES_H

#include <linux/capability.h>
#include <stdint.h>

#include "gateway/base/err.h"

#define CAPABILITY(number) (UINT64_C(1) << (number))

/* No program that is started from here on has more than these. 0 or -1. */
int capabilities_bound(uint64_t keep, struct err *err);

/* The same, and this process itself has no more either. 0 or -1. */
int capabilities_keep(uint64_t keep, struct err *err);

/* What is permitted is in effect again, as after a change of the effective uid
 * by who was root. 0 or -1. */
int capabilities_resume(struct err *err);

#endif
