/*
 * outs - the /out of each session that runs, as the supervisor gave it.
 */
#ifndef POLICY_AIRLOCK_STORE_OUTS_H
#define POLICY_AIRLOCK_STORE_OUTS_H

#include <stddef.h>

#include "gateway/base/plan.h"

enum { OUTS_MAX = 1024 };

struct outs {
	size_t n;
	struct {
		char session[ID_SIZE];
		int folder;
	} at[OUTS_MAX];
};

/* Take the folder, also on failure; it replaces an earlier one of the
 * session. 0, or -1: there are too many. */
int outs_add(struct outs *outs, const char *session, int folder);
/* The folder, which stays here; -1: no such session. */
int outs_find(const struct outs *outs, const char *session);
/* Close it. One that is not there is closed already. */
void outs_remove(struct outs *outs, const char *session);

#endif
