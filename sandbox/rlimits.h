/*
 * rlimits - resource limits of every process in a sandbox, beside its cgroup.
 *
 * Set in the sandbox's first process and inherited by all.
 */
#ifndef SANDBOX_RLIMITS_H
#define SANDBOX_RLIMITS_H

#include "gateway/base/plan.h"

/* Never raises a limit above what is in force. 0 or -1. */
int rlimits_enter(const struct plan *plan, struct err *err);

#endif
