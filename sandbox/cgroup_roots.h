/*
 * cgroup_roots - where the control group hierarchies are mounted.
 *
 * Read from /proc/self/mountinfo, in the supervisor.
 */
#ifndef SANDBOX_CGROUP_ROOTS_H
#define SANDBOX_CGROUP_ROOTS_H

#include <stdbool.h>

#include "gateway/base/err.h"

/* Controllers that we set limits with. */
enum cgroup_controller { CGROUP_MEMORY, CGROUP_PIDS, CGROUP_CPU, CGROUP_N };

struct cgroup_roots {
	int v2; /* O_PATH folder, owned */
	/* This process runs in sekishod's own systemd unit (sekishod*.service,
	 * Delegate=yes), and v2 is that: the tree above is systemd's alone. */
	bool in_unit;
	int v1[CGROUP_N]; /* the same, -1 where v2 owns the controller */
};

/* Find and open them. -1 if a controller or the v2 tree is missing. */
int cgroup_roots_open(struct cgroup_roots *roots, struct err *err);
void cgroup_roots_clear(struct cgroup_roots *roots);

const char *cgroup_controller_name(enum cgroup_controller controller);

#endif
