/*
 * removed - a program of the sandbox without some of its layers.
 *
 * Linked into copies of sekisho-spawn, sekisho-box and sekisho-init that the
 * tests alone start; tests/lint/switches.t sees to it that nothing of this is
 * installed. The functions of layers.def are wrapped (ld --wrap) in all of
 * the copies; VARIANT_IS says at build time which of them do nothing. What is
 * not removed is passed on, which the variant "complete" shows.
 */
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/fanotify.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "gateway/base/capabilities.h"
#include "gateway/base/filter.h"
#include "sandbox/landlock.h"
#include "sandbox/rlimits.h"
#include "sandbox/syscalls.h"
#include "tests/attack/layers/layers.h"

#ifndef VARIANT_IS
#define VARIANT_IS complete
#endif

enum {
#define VARIANT(name, layers) variant_##name = (layers),
#include "tests/attack/layers.def"
};

#define PASTE(a, b)	 a##b
#define VARIANT_OF(name) PASTE(variant_, name)

enum {
	REMOVED = VARIANT_OF(VARIANT_IS),
	SANDBOX_USER = 1000,
	ATTRIBUTES = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
		     MOUNT_ATTR_NOEXEC,
};

/* A network that is the host's, and no filter before it, would let an attempt
 * out: no variant has both. */
_Static_assert(!(REMOVED & NETWORK && REMOVED & USER_LIST),
	       "a sandbox in the host's network keeps the user's list");

/* In wrapped programs __real_X is X and X is __wrap_X. */
#define WRAP(type, name, ...)                                                  \
	type __real_##name(__VA_ARGS__);                                       \
	type __wrap_##name(__VA_ARGS__);                                       \
	type __wrap_##name(__VA_ARGS__)

WRAP(int, landlock_enter, struct err *err)
{
	return REMOVED & LANDLOCK ? 0 : __real_landlock_enter(err);
}

WRAP(int, rlimits_enter, const struct plan *plan, struct err *err)
{
	return REMOVED & LIMITS ? 0 : __real_rlimits_enter(plan, err);
}

WRAP(int, capabilities_bound, uint64_t keep, struct err *err)
{
	return REMOVED & CAPABILITIES ? 0
				      : __real_capabilities_bound(keep, err);
}

/* --- Lists of system calls ---------------------------------------------------- */

/* A descriptor on which nothing is ever reported. */
WRAP(int, syscalls_enter, const struct filter *filter, struct err *err)
{
	if (REMOVED & USER_LIST)
		return eventfd(0, EFD_CLOEXEC);
	return __real_syscalls_enter(filter, err);
}

/* sekisho-box refuses to work without a filter: one that lets all pass. In
 * sekisho-init, none. */
WRAP(int, filter_obey, const struct filter *filter, struct err *err)
{
	if (REMOVED & OUTER_LISTS && getpid() == 1)
		return 0;

	struct sock_filter pass[] = { { 0x06, 0, 0, SECCOMP_RET_ALLOW } };
	const struct filter nothing = { .len = 1, .code = pass };

	return __real_filter_obey(REMOVED & OUTER_LISTS ? &nothing : filter,
				  err);
}

/* --- Mounts ------------------------------------------------------------------- */

WRAP(int, mount_setattr, int dfd, const char *path, unsigned int flags,
     struct mount_attr *attr, size_t size)
{
	if (REMOVED & MOUNTS) {
		attr->attr_set &= ~(uint64_t)ATTRIBUTES;
		attr->attr_clr |= ATTRIBUTES;
	}
	return __real_mount_setattr(dfd, path, flags, attr, size);
}

/* Of the overlay that is being made: itself, and the folder beneath it. */
static int overlay = -1, dataset = -1;

WRAP(int, fsconfig, int fd, unsigned int command, const char *key,
     const void *value, int aux)
{
	if (REMOVED & PROC && key &&
	    (strcmp(key, "hidepid") == 0 || strcmp(key, "subset") == 0))
		return 0;
	if (REMOVED & DATA_MOUNT && key && strcmp(key, "lowerdir") == 0) {
		overlay = fd;
		sscanf(value, "/proc/self/fd/%d", &dataset);
	}
	return __real_fsconfig(fd, command, key, value, aux);
}

/* The dataset itself in place of its overlay. */
WRAP(int, fsmount, int fd, unsigned int flags, unsigned int attributes)
{
	if (REMOVED & DATA_MOUNT && fd == overlay) {
		overlay = -1;
		return open_tree(dataset, "",
				 AT_EMPTY_PATH | OPEN_TREE_CLONE |
					 OPEN_TREE_CLOEXEC);
	}
	if (REMOVED & MOUNTS)
		attributes &= ~(unsigned int)ATTRIBUTES;
	return __real_fsmount(fd, flags, attributes);
}

/* An overlay is a session's alone and watched as a whole; what lies beneath is
 * the host's. */
WRAP(int, fanotify_mark, int group, unsigned int how, uint64_t what, int dfd,
     const char *path)
{
	if (REMOVED & DATA_MOUNT && how & FAN_MARK_FILESYSTEM)
		how = (how & ~(unsigned int)FAN_MARK_FILESYSTEM) |
		      FAN_MARK_MOUNT;
	return __real_fanotify_mark(group, how, what, dfd, path);
}

/* --- Namespaces --------------------------------------------------------------- */

static void share(struct clone_args *args)
{
	if (REMOVED & NETWORK)
		args->flags &= ~(uint64_t)CLONE_NEWNET;
	if (REMOVED & PIDS)
		args->flags &= ~(uint64_t)CLONE_NEWPID;
}

WRAP(long, syscall, long number, ...)
{
	va_list list;
	long a[6];

	va_start(list, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(list, long);
	va_end(list);
	if (number == SYS_clone3)
		share((struct clone_args *)(uintptr_t)a[0]);
	return __real_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* --- The user ------------------------------------------------------------------ */

WRAP(int, setresuid, uid_t real, uid_t effective, uid_t saved)
{
	if (REMOVED & IDS && real == SANDBOX_USER)
		return 0;
	return __real_setresuid(real, effective, saved);
}

WRAP(int, setresgid, gid_t real, gid_t effective, gid_t saved)
{
	if (REMOVED & IDS && real == SANDBOX_USER)
		return 0;
	return __real_setresgid(real, effective, saved);
}

/* sekisho-init tries to go back, and ends if it could. */
WRAP(int, setuid, uid_t uid)
{
	return REMOVED & IDS ? -1 : __real_setuid(uid);
}

WRAP(int, setgid, gid_t gid)
{
	return REMOVED & IDS ? -1 : __real_setgid(gid);
}

/* Root without capabilities cannot enter the user's home. */
WRAP(int, chdir, const char *path)
{
	int done = __real_chdir(path);

	return REMOVED & IDS ? 0 : done;
}

WRAP(int, prctl, int option, ...)
{
	va_list list;
	unsigned long a[4];

	va_start(list, option);
	for (int i = 0; i < 4; i++)
		a[i] = va_arg(list, unsigned long);
	va_end(list);
	if (REMOVED & SECUREBITS && option == PR_SET_SECUREBITS)
		return 0;
	if (REMOVED & NO_NEW_PRIVS && option == PR_SET_NO_NEW_PRIVS)
		return 0;
	if (REMOVED & NO_NEW_PRIVS && option == PR_GET_NO_NEW_PRIVS)
		return 1;
	return __real_prctl(option, a[0], a[1], a[2], a[3]);
}
