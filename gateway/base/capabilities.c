#include "gateway/base/capabilities.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int capabilities_bound(uint64_t keep, struct err *err)
{
	for (unsigned long i = 0; i < 64; i++) {
		if (keep & CAPABILITY(i))
			continue;
		if (prctl(PR_CAPBSET_DROP, i, 0, 0, 0) < 0) {
			/* Past the kernel's last capability. */
			if (errno == EINVAL && i > CAP_AUDIT_READ)
				return 0;
			return err_sys(err, "drop capability %lu", i);
		}
	}
	return 0;
}

/* What is kept is permitted and in effect, the rest neither. */
static int limit(uint64_t keep, struct err *err)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &header, sets) < 0)
		return err_sys(err, "capget");
	for (unsigned int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		sets[i].permitted &= (uint32_t)(keep >> (32 * i));
		sets[i].effective = sets[i].permitted;
		sets[i].inheritable = 0;
	}
	if (syscall(SYS_capset, &header, sets) < 0)
		return err_sys(err, "capset");
	return 0;
}

/* What is not there is not gained: a container may have given us less. */
int capabilities_keep(uint64_t keep, struct err *err)
{
	if (capabilities_bound(keep, err) < 0)
		return -1;
	return limit(keep, err);
}

int capabilities_resume(struct err *err)
{
	return limit(~UINT64_C(0), err);
}
