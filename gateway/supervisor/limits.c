/*
 * limits - see limits.h. Runs in the guard, once, for all.
 */
#include "gateway/supervisor/limits.h"

#include <sys/resource.h>

#include "gateway/base/capabilities.h"

/* What building sandboxes and starting confined processes takes. */
static const uint64_t kept =
	CAPABILITY(CAP_CHOWN) | CAPABILITY(CAP_DAC_OVERRIDE) |
	CAPABILITY(CAP_DAC_READ_SEARCH) | CAPABILITY(CAP_FOWNER) |
	CAPABILITY(CAP_FSETID) | CAPABILITY(CAP_KILL) | CAPABILITY(CAP_SETGID) |
	CAPABILITY(CAP_SETUID) | CAPABILITY(CAP_SETPCAP) |
	CAPABILITY(CAP_MKNOD) | CAPABILITY(CAP_SYS_ADMIN) |
	CAPABILITY(CAP_SYS_CHROOT) | CAPABILITY(CAP_SYS_PTRACE) |
	CAPABILITY(CAP_SYS_RESOURCE) | CAPABILITY(CAP_NET_BIND_SERVICE);

int limits_drop(struct err *err)
{
	struct rlimit none = { 1, 1 }; /* no pipe either: sandbox/rlimits.c */
	struct rlimit files;

	if (capabilities_keep(kept, err) < 0)
		return -1;
	if (setrlimit(RLIMIT_CORE, &none) < 0)
		return err_sys(err, "forbid core dumps");
	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return err_sys(err, "getrlimit");
	files.rlim_cur = files.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &files) < 0)
		return err_sys(err, "setrlimit");
	return 0;
}
