/*
 * landlock - the sandbox's files, said a second way.
 *
 * Runs in sekisho-init before its first session, so that all sessions of one
 * sandbox are in one domain and can signal each other, and init is in it too.
 */
#ifndef SANDBOX_LANDLOCK_H
#define SANDBOX_LANDLOCK_H

#include "gateway/base/err.h"

enum { LANDLOCK_FLOOR = 2 };

/*
 * Restrict this process and all it starts to landlock.def, with as many
 * rights handled as this kernel knows. no_new_privs must be set. -1 also
 * where the kernel's ABI is below LANDLOCK_FLOOR.
 */
int landlock_enter(struct err *err);

#endif
