/*
 * syscalls - the last layer: what user code may ask of the kernel.
 *
 * Runs in a session child, just before exec. The list is user.filter, compiled
 * at build time; refused calls of the dangerous set go to a listener.
 */
#ifndef SANDBOX_SYSCALLS_H
#define SANDBOX_SYSCALLS_H

#include "gateway/base/filter.h"

/* Made from sandbox/user.filter. */
extern const struct filter user_filter;

/*
 * Obey the filter from now on; no_new_privs must be set. The listener, the
 * caller's, close-on-exec, or -1 and err says why.
 */
int syscalls_enter(const struct filter *filter, struct err *err);

#endif
