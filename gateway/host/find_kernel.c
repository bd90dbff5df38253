/*
 * find_kernel - what the kernel itself can do.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "gateway/host/find.h"

enum { LANDLOCK_FLOOR = 2, LEAST_NAMESPACES = 1024 };

enum found find_kernel(const struct host *host, char *detail)
{
	struct utsname name;
	char *end;

	(void)host;
	if (uname(&name) < 0)
		return MISSING;
	snprintf(detail, HOST_DETAIL, "%.100s", name.release);
	long major = strtol(name.release, &end, 10);
	long minor = *end == '.' ? strtol(end + 1, NULL, 10) : 0;
	return find_when(major > 6 || (major == 6 && minor >= 1));
}

/* Each is asked for something that no kernel does. */
enum found find_calls(const struct host *host, char *detail)
{
	static const struct {
		long number;
		const char *name;
	} calls[] = {
		{ SYS_openat2, "openat2" },
		{ SYS_clone3, "clone3" },
		{ SYS_pidfd_open, "pidfd_open" },
		{ SYS_pidfd_send_signal, "pidfd_send_signal" },
		{ SYS_close_range, "close_range" },
		{ SYS_open_tree, "open_tree" },
		{ SYS_move_mount, "move_mount" },
		{ SYS_fsopen, "fsopen" },
		{ SYS_mount_setattr, "mount_setattr (idmapped mounts)" },
	};

	(void)host;
	for (size_t i = 0; i < ARRAY_LEN(calls); i++)
		if (syscall(calls[i].number, -1L, NULL, -1L, -1L, -1L) < 0 &&
		    errno == ENOSYS) {
			snprintf(detail, HOST_DETAIL, "%s", calls[i].name);
			return MISSING;
		}
	return FOUND;
}

enum found find_namespaces(const struct host *host, char *detail)
{
	static const char *const names[] = { "user", "pid", "net",   "ipc",
					     "mnt",  "uts", "cgroup" };
	char path[64];
	long most = find_number("/proc/sys/user/max_user_namespaces");

	(void)host;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		snprintf(path, sizeof path, "/proc/self/ns/%s", names[i]);
		if (access(path, F_OK) < 0) {
			snprintf(detail, HOST_DETAIL, "%s", names[i]);
			return MISSING;
		}
	}
	snprintf(detail, HOST_DETAIL, "max_user_namespaces %ld", most);
	return most <= 0 ? MISSING : most < LEAST_NAMESPACES ? WEAK : FOUND;
}

enum found find_landlock(const struct host *host, char *detail)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
			   LANDLOCK_CREATE_RULESET_VERSION);

	(void)host;
	if (abi >= 0)
		snprintf(detail, HOST_DETAIL, "ABI %ld", abi);
	return find_when(abi >= LANDLOCK_FLOOR);
}

enum found find_seccomp(const struct host *host, char *detail)
{
	static const char path[] = "/proc/sys/kernel/seccomp/actions_avail";
	bool kill = find_word(path, "kill_process");
	bool notify = find_word(path, "user_notif");

	(void)host;
	snprintf(detail, HOST_DETAIL, "%s%s", kill ? "kill_process " : "",
		 notify ? "user_notif" : "");
	return find_when(kill && notify);
}

/* Only root may try; for others, a refusal shows that the call is there. A
 * mark on no folder: the kernel looks at the mask first. */
enum found find_fanotify(const struct host *host, char *detail)
{
	AUTO_FD int fd =
		fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC |
				      FAN_REPORT_PIDFD | FAN_UNLIMITED_QUEUE,
			      O_RDONLY | O_CLOEXEC);

	(void)host;
	if (fd < 0)
		return find_when(errno == EPERM && geteuid() != 0);
	if (fanotify_mark(fd, FAN_MARK_ADD | FAN_MARK_FILESYSTEM,
			  FAN_OPEN_PERM | FAN_OPEN_EXEC_PERM, -1, NULL) < 0 &&
	    errno == EBADF)
		return FOUND;
	snprintf(detail, HOST_DETAIL, "no permission events");
	return MISSING;
}

/* In the bounding set: what root of this host or container can have. */
enum found find_capabilities(const struct host *host, char *detail)
{
	static const struct {
		unsigned int number;
		const char *name;
	} needed[] = {
		{ CAP_SYS_ADMIN, "sys_admin" },
		{ CAP_SYS_PTRACE, "sys_ptrace" },
		{ CAP_SETUID, "setuid" },
		{ CAP_SETGID, "setgid" },
		{ CAP_SETPCAP, "setpcap" },
		{ CAP_SYS_CHROOT, "sys_chroot" },
		{ CAP_CHOWN, "chown" },
		{ CAP_DAC_OVERRIDE, "dac_override" },
		{ CAP_FOWNER, "fowner" },
		{ CAP_KILL, "kill" },
	};
	char status[8192];

	(void)host;
	find_text("/proc/self/status", status, sizeof status);
	const char *line = strstr(status, "\nCapBnd:");
	uint64_t set =
		line ? strtoull(line + strlen("\nCapBnd:"), NULL, 16) : 0;
	for (size_t i = 0; i < ARRAY_LEN(needed); i++)
		if (!(set >> needed[i].number & 1)) {
			snprintf(detail, HOST_DETAIL, "%s", needed[i].name);
			return MISSING;
		}
	return FOUND;
}
