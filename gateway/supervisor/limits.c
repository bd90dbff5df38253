/*
 * limits - see limits.h. Runs in the supervisor, once.
 */
#include "gateway/supervisor/limits.h"

#include <linux/capability.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "gateway/base/own.h"

/* What building sandboxes and starting confined processes takes. */
static const int kept[] = {
	CAP_CHOWN,	CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH,	CAP_FOWNER,
	CAP_FSETID,	CAP_KILL,	  CAP_SETGID,		CAP_SETUID,
	CAP_SETPCAP,	CAP_MKNOD,	  CAP_SYS_ADMIN,	CAP_SYS_CHROOT,
	CAP_SYS_PTRACE, CAP_SYS_RESOURCE, CAP_NET_BIND_SERVICE,
};

static bool is_kept(int capability)
{
	for (size_t i = 0; i < ARRAY_LEN(kept); i++)
		if (kept[i] == capability)
			return true;
	return false;
}

int limits_drop(struct err *err)
{
	struct rlimit none = { 0, 0 };
	struct rlimit files;

	for (int i = 0; prctl(PR_CAPBSET_READ, i, 0, 0, 0) >= 0; i++)
		if (!is_kept(i) && prctl(PR_CAPBSET_DROP, i, 0, 0, 0) < 0)
			return err_sys(err, "drop a capability");
	if (setrlimit(RLIMIT_CORE, &none) < 0)
		return err_sys(err, "forbid core dumps");
	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return err_sys(err, "getrlimit");
	files.rlim_cur = files.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &files) < 0)
		return err_sys(err, "setrlimit");
	return 0;
}
