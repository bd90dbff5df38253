/*
 * birth - the first process of a sandbox, from clone3 to the exec of init.
 *
 * Runs in sekisho-box. Any step that fails ends the child before it has run
 * anything, and the reason comes back.
 */
#ifndef SANDBOX_BIRTH_H
#define SANDBOX_BIRTH_H

#include "sandbox/trees.h"

struct birth {
	int pid;     /* in the host's pid namespace; a child of our parent */
	int pidfd;   /* owned */
	int control; /* the supervisor's end of init's control socket; owned */
};

/*
 * Make the child in namespaces of its own, map its ids, let it enter its
 * trees and exec sekisho-init. 0 when init runs; else -1 and the child is
 * dead.
 */
int birth_give(struct birth *birth, const struct build *build,
	       const struct trees *trees, struct err *err);

#endif
