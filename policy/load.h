/*
 * load - a whole policy from its files, or everything that is wrong with it.
 */
#ifndef POLICY_LOAD_H
#define POLICY_LOAD_H

#include "policy/closure.h"
#include "policy/model.h"
#include "policy/problems.h"

/*
 * Read every file of closure into *policy and check each against the others.
 * Pure: no files, no clock. Problems are added to those already noted. 0 if
 * there are none at all; else -1, and *policy holds nothing. The caller calls
 * policy_clear when done.
 */
int policy_load(const struct closure *closure, struct policy *policy,
		struct problems *problems);

/* The same from a folder: closure_read and policy_load in one; for
 * `sekishoctl policy check`. *policy may be NULL. */
int policy_check_folder(int folder, struct policy *policy,
			struct problems *problems);

#endif
