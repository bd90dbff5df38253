/*
 * doctor - look at what this host offers, and say what it means.
 *
 * Runs in sekishoctl, by anybody; looks only, changes nothing. What needs
 * root to be seen is judged as far as it can be seen.
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
#include "gateway/ctl/ctl.h"

enum found { MISSING = 0, WEAK, FOUND };
enum { DETAIL = 128, LANDLOCK_FLOOR = 2 };

static enum found when(bool there)
{
	return there ? FOUND : MISSING;
}

/* The beginning of a file of the kernel's; empty if it cannot be read. */
static void read_text(const char *path, char *out, size_t size)
{
	AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, out, size - 1);

	out[n > 0 ? n : 0] = '\0';
}

static bool has_word(const char *text, const char *word)
{
	static const char between[] = " \t\n";
	size_t len = strlen(word);

	for (const char *at = text; *at; at += strcspn(at, between)) {
		at += strspn(at, between);
		if (strcspn(at, between) == len && strncmp(at, word, len) == 0)
			return true;
	}
	return false;
}

static bool file_has(const char *path, const char *word)
{
	char text[16384];

	read_text(path, text, sizeof text);
	return has_word(text, word);
}

static enum found find_kernel(char *detail)
{
	struct utsname name;
	char *end;

	if (uname(&name) < 0)
		return MISSING;
	snprintf(detail, DETAIL, "%.100s", name.release);
	long major = strtol(name.release, &end, 10);
	long minor = *end == '.' ? strtol(end + 1, NULL, 10) : 0;
	return when(major > 6 || (major == 6 && minor >= 1));
}

static enum found find_namespaces(char *detail)
{
	static const char *const names[] = { "user", "pid", "net",   "ipc",
					     "mnt",  "uts", "cgroup" };
	char path[64], most[32];

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		snprintf(path, sizeof path, "/proc/self/ns/%s", names[i]);
		if (access(path, F_OK) < 0) {
			snprintf(detail, DETAIL, "%s", names[i]);
			return MISSING;
		}
	}
	read_text("/proc/sys/user/max_user_namespaces", most, sizeof most);
	snprintf(detail, DETAIL, "%ld", strtol(most, NULL, 10));
	return when(strtol(most, NULL, 10) > 0);
}

/* A pipe or socket takes the memory of whatever crashes to a program of root's. */
static enum found find_core(char *detail)
{
	char pattern[64];

	read_text("/proc/sys/kernel/core_pattern", pattern, sizeof pattern);
	pattern[strcspn(pattern, "\n")] = '\0';
	snprintf(detail, DETAIL, "%s", pattern);
	return when(pattern[0] != '|' && pattern[0] != '@');
}

static enum found find_landlock(char *detail)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
			   LANDLOCK_CREATE_RULESET_VERSION);

	if (abi < 0)
		return MISSING;
	snprintf(detail, DETAIL, "ABI %ld", abi);
	return abi >= LANDLOCK_FLOOR ? FOUND : WEAK;
}

static enum found find_seccomp(char *detail)
{
	static const char path[] = "/proc/sys/kernel/seccomp/actions_avail";
	bool kill = file_has(path, "kill_process");
	bool notify = file_has(path, "user_notif");

	snprintf(detail, DETAIL, "%s%s", kill ? "kill_process " : "",
		 notify ? "user_notif" : "");
	return when(kill && notify);
}

/* Where cgroup v2 is mounted; false if nowhere. */
static bool cgroup2_folder(char *out, size_t size)
{
	static char mounts[65536];
	char *rest = mounts, *line;

	read_text("/proc/self/mounts", mounts, sizeof mounts);
	while ((line = strsep(&rest, "\n"))) {
		char *device = strsep(&line, " ");
		char *folder = strsep(&line, " ");
		char *type = strsep(&line, " ");

		if (device && folder && type && strcmp(type, "cgroup2") == 0) {
			snprintf(out, size, "%s", folder);
			return true;
		}
	}
	return false;
}

static enum found find_cgroup_tree(char *detail)
{
	char folder[DETAIL] = "";
	bool there = cgroup2_folder(folder, sizeof folder);

	snprintf(detail, DETAIL, "%s", folder);
	return when(there);
}

static enum found find_controller(const char *name, char *detail)
{
	char folder[DETAIL], path[DETAIL + 32];

	if (cgroup2_folder(folder, sizeof folder)) {
		snprintf(path, sizeof path, "%s/cgroup.controllers", folder);
		if (file_has(path, name)) {
			snprintf(detail, DETAIL, "v2");
			return FOUND;
		}
	}
	snprintf(path, sizeof path, "/sys/fs/cgroup/%s/cgroup.procs", name);
	if (access(path, F_OK) < 0)
		return MISSING;
	snprintf(detail, DETAIL, "v1");
	return FOUND;
}

static enum found find_cgroup_memory(char *detail)
{
	return find_controller("memory", detail);
}

static enum found find_cgroup_pids(char *detail)
{
	return find_controller("pids", detail);
}

static enum found find_cgroup_cpu(char *detail)
{
	return find_controller("cpu", detail);
}

static enum found find_erofs(char *detail)
{
	(void)detail;
	return when(file_has("/proc/filesystems", "erofs"));
}

static enum found find_overlay(char *detail)
{
	(void)detail;
	return when(file_has("/proc/filesystems", "overlay"));
}

static enum found find_loop(char *detail)
{
	snprintf(detail, DETAIL, "/dev/loop-control");
	return when(access("/dev/loop-control", F_OK) == 0);
}

/* Only root may try; for others, a refusal shows that the call is there. */
static enum found find_fanotify(char *detail)
{
	AUTO_FD int fd = fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC |
					       FAN_REPORT_PIDFD,
				       O_RDONLY | O_CLOEXEC);

	(void)detail;
	return when(fd >= 0 || (errno == EPERM && geteuid() != 0));
}

static enum found find_fscrypt(char *detail)
{
	snprintf(detail, DETAIL, "ext4");
	return when(access("/sys/fs/ext4/features/encryption", F_OK) == 0);
}

/* In the bounding set: what root of this host or container can have. */
static enum found find_capabilities(char *detail)
{
	static const struct {
		unsigned int number;
		const char *name;
	} needed[] = {
		{ CAP_SYS_ADMIN, "sys_admin" },
		{ CAP_SETUID, "setuid" },
		{ CAP_SETGID, "setgid" },
		{ CAP_SYS_CHROOT, "sys_chroot" },
		{ CAP_CHOWN, "chown" },
		{ CAP_KILL, "kill" },
	};
	char status[8192];

	read_text("/proc/self/status", status, sizeof status);
	const char *line = strstr(status, "\nCapBnd:");
	uint64_t set =
		line ? strtoull(line + strlen("\nCapBnd:"), NULL, 16) : 0;
	for (size_t i = 0; i < ARRAY_LEN(needed); i++)
		if (!(set >> needed[i].number & 1)) {
			snprintf(detail, DETAIL, "%s", needed[i].name);
			return MISSING;
		}
	return FOUND;
}

static const struct {
	const char *name;
	enum found (*find)(char *detail);
	bool needed;
	enum text_id meaning;
} checks[] = {
#define CHECK(name, needed, meaning)                                           \
	{ #name, find_##name, needed, TEXT_DOCTOR_##meaning },
#include "gateway/ctl/doctor.def"
#undef CHECK
};

void ctl_doctor(const struct ctl *ctl, struct result *result)
{
	static const char *const words[] = { "missing", "weak", "found" };
	char lacking[256] = "";

	result_begin(result, RESULT_LIST, TEXT_DOCTOR_TITLE);
	result_column(result, "check", RESULT_ID);
	result_column(result, "found", RESULT_STATE);
	result_column(result, "detail", RESULT_ID);
	result_column(result, "meaning", RESULT_TEXT);
	for (size_t i = 0; i < ARRAY_LEN(checks); i++) {
		char detail[DETAIL] = "";
		enum found found = checks[i].find(detail);
		size_t used = strlen(lacking);

		result_row(result);
		result_text(result, checks[i].name);
		result_text(result, words[found]);
		result_text(result, detail);
		result_text(result, text(ctl->lang, checks[i].meaning));
		if (found != FOUND && checks[i].needed)
			snprintf(lacking + used, sizeof lacking - used, "%s%s",
				 used > 0 ? ", " : "", checks[i].name);
	}
	if (!*lacking) {
		result_note(result, TEXT_DOCTOR_SAFE, NULL, NULL, NULL);
		return;
	}
	result_note(result, TEXT_DOCTOR_UNSAFE, lacking, NULL, NULL);
	result->exit = RESULT_FAILED;
}
