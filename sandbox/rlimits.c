#include "sandbox/rlimits.h"

#include <sys/resource.h>

static int lower(__rlimit_resource_t resource, rlim_t value, struct err *err)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit) < 0)
		return err_sys(err, "read resource limit %d", (int)resource);
	/* RLIM_INFINITY is the largest value. */
	if (limit.rlim_max > value)
		limit.rlim_max = value;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(resource, &limit) < 0)
		return err_sys(err, "set resource limit %d", (int)resource);
	return 0;
}

/*
 * Core files: one byte, not none. No file is that short; and for a host whose
 * kernel.core_pattern is a pipe, zero says nothing (the memory of a sandbox
 * would go to a program of the host's root), but one says "no dump": kernel,
 * fs/coredump.c. The user's filter keeps it at one.
 */
int rlimits_enter(const struct plan *plan, struct err *err)
{
	const struct {
		__rlimit_resource_t resource;
		rlim_t value;
	} limits[] = {
		{ RLIMIT_CORE, 1 },
		{ RLIMIT_NOFILE, 4096 },
		{ RLIMIT_NPROC, plan->processes },
		{ RLIMIT_FSIZE, plan->workspace_bytes },
		{ RLIMIT_MEMLOCK, 64 * 1024 },
		{ RLIMIT_SIGPENDING, 1024 },
		{ RLIMIT_MSGQUEUE, 0 },
		{ RLIMIT_RTPRIO, 0 },
		{ RLIMIT_NICE, 0 },
	};

	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
		if (lower(limits[i].resource, limits[i].value, err) < 0)
			return -1;
	return 0;
}
