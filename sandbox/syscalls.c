#include "sandbox/syscalls.h"

#include <linux/seccomp.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

int syscalls_enter(const struct filter *filter, struct err *err)
{
	struct sock_fprog program = {
		.len = filter->len,
		.filter = (struct sock_filter *)(uintptr_t)filter->code,
	};
	long listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
				SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);

	if (listener < 0)
		return err_sys(err, "load the user's system-call filter");
	return (int)listener;
}
