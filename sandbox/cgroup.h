/*
 * cgroup - limits of one sandbox, and the handle to stop all of it.
 *
 * Runs in the supervisor. Limits are set in cgroup v2 where it owns the
 * controller, else in v1; freezing and killing are always v2, which works
 * there without any controller. Processes inside have no access to any of it.
 */
#ifndef SANDBOX_CGROUP_H
#define SANDBOX_CGROUP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "gateway/base/plan.h"

struct cgroup {
	char name[128]; /* sekisho-INSTANCE/NAME, below each root */
	int v2;		/* folders, owned; -1: none */
	int v1[4];
	unsigned int nv1;
};

/*
 * Make the group NAME of this instance (both as id_valid() wants) in every
 * hierarchy that is needed. limits NULL sets none. 0, or -1 with nothing left
 * behind.
 */
int cgroup_open(struct cgroup *g, const char *instance, const char *name,
		const struct plan *limits, struct err *err);

/*
 * Open the cgroup.procs files; a process that writes "0" to each is inside,
 * with all that it forks from then on. How many descriptors, the caller's; 0:
 * err says why.
 */
unsigned int cgroup_procs(const struct cgroup *g, int fds[8], struct err *err);

/* Put a process inside. 0 or -1. */
int cgroup_add(const struct cgroup *g, pid_t pid, struct err *err);

/*
 * Stop (or resume) all inside and do not wait. What is in the kernel just now,
 * such as an open that waits for the watcher's answer, comes back to its
 * program only when it is resumed. 0 or -1.
 */
int cgroup_halt(const struct cgroup *g, bool on, struct err *err);

/* Stop (or resume) all inside, and wait until it has happened: at most two
 * seconds. 0 or -1. */
int cgroup_freeze(const struct cgroup *g, bool on, struct err *err);

/* SIGKILL to all inside, frozen or not, at once. Does not wait. */
int cgroup_kill(const struct cgroup *g, struct err *err);

/* Is any process left inside? An unreadable answer counts as yes. */
bool cgroup_populated(const struct cgroup *g);

/* Processor time in microseconds and peak memory in bytes; 0: not known. */
void cgroup_usage(const struct cgroup *g, uint64_t *cpu_us,
		  uint64_t *peak_bytes);

/* The first processes inside, at most so many. How many. */
unsigned int cgroup_members(const struct cgroup *g, pid_t *pids,
			    unsigned int most);

/* "file value", a line for each limit of each hierarchy, as the kernel has
 * it now. */
void cgroup_limits(const struct cgroup *g, char *text, size_t size);

/*
 * Under systemd: into a folder of its own in the unit, so that the unit can
 * hand its controllers down (no process may be in a folder that does). Does
 * nothing elsewhere. 0 or -1.
 */
int cgroup_step_aside(struct err *err);

/* Close and remove. -1 if somebody is still inside; the group stays then. */
int cgroup_remove(struct cgroup *g, struct err *err);

/* Kill and remove every group of the instance; waits at most five seconds. */
int cgroup_sweep(const char *instance, struct err *err);

#endif
