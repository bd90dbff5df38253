/*
 * find_settings - how the host is set up: what could leak, lack or lie.
 */
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/timex.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "gateway/host/find.h"

enum { LEAST_FILES = 16384, LEAST_PIDS = 65536, WORD = 40 };

/* A setting of the kernel's: FOUND from least on, MISSING where there is none. */
static enum found setting(const char *path, long least, char *detail)
{
	long number = find_number(path);
	const char *name = strrchr(path, '/') + 1;

	if (number < 0)
		return MISSING;
	snprintf(detail, HOST_DETAIL, "%s %ld", name, number);
	return number >= least ? FOUND : WEAK;
}

/* Of several settings the first that is too low. */
static enum found settings(const char *const *paths, size_t n, long least,
			   char *detail)
{
	for (size_t i = 0; i < n; i++) {
		enum found found = setting(paths[i], least, detail);

		if (found != FOUND)
			return found;
	}
	return FOUND;
}

enum found find_clock(const struct host *host, char *detail)
{
	struct timex is = { .modes = 0 };

	(void)host;
	if (adjtimex(&is) < 0 || is.status & STA_UNSYNC) {
		snprintf(detail, HOST_DETAIL, "not synchronised");
		return MISSING;
	}
	snprintf(detail, HOST_DETAIL, "within %ld ms", is.maxerror / 1000);
	return FOUND;
}

enum found find_random(const struct host *host, char *detail)
{
	char byte;

	(void)host;
	(void)detail;
	return find_when(getrandom(&byte, 1, GRND_NONBLOCK) == 1);
}

enum found find_files(const struct host *host, char *detail)
{
	struct rlimit limit;

	(void)host;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return MISSING;
	snprintf(detail, HOST_DETAIL, "%llu a process",
		 (unsigned long long)limit.rlim_max);
	return limit.rlim_max >= LEAST_FILES ? FOUND : WEAK;
}

enum found find_processes(const struct host *host, char *detail)
{
	static const char *const paths[] = { "/proc/sys/kernel/pid_max",
					     "/proc/sys/kernel/threads-max" };

	(void)host;
	return settings(paths, ARRAY_LEN(paths), LEAST_PIDS, detail);
}

/* One line is the heading. */
enum found find_swap(const struct host *host, char *detail)
{
	char text[4096], *line;

	(void)host;
	find_text("/proc/swaps", text, sizeof text);
	line = strchr(text, '\n');
	if (!line || !line[1])
		return FOUND;
	snprintf(detail, HOST_DETAIL, "%.*s", (int)strcspn(line + 1, " \t"),
		 line + 1);
	return WEAK;
}

/* A pipe or socket takes the memory of whatever crashes to a program of root's. */
enum found find_core(const struct host *host, char *detail)
{
	char pattern[64];

	(void)host;
	find_text("/proc/sys/kernel/core_pattern", pattern, sizeof pattern);
	pattern[strcspn(pattern, "\n")] = '\0';
	snprintf(detail, HOST_DETAIL, "%s", pattern);
	return find_when(pattern[0] != '|' && pattern[0] != '@');
}

enum found find_ptrace(const struct host *host, char *detail)
{
	(void)host;
	return setting("/proc/sys/kernel/yama/ptrace_scope", 1, detail);
}

enum found find_pointers(const struct host *host, char *detail)
{
	static const char *const paths[] = {
		"/proc/sys/kernel/kptr_restrict",
		"/proc/sys/kernel/dmesg_restrict"
	};

	(void)host;
	return settings(paths, ARRAY_LEN(paths), 1, detail);
}

enum found find_bpf(const struct host *host, char *detail)
{
	static const char path[] = "/proc/sys/kernel/unprivileged_bpf_disabled";

	(void)host;
	/* a kernel without bpf() has no such file */
	return access(path, F_OK) < 0 ? FOUND : setting(path, 1, detail);
}

/* Where systemd is PID 1 it owns the control groups: the unit must say that
 * ours are its own (Delegate=). */
enum found find_systemd(const struct host *host, char *detail)
{
	static const char *const units[] = {
		"/etc/systemd/system/sekishod.service",
		"/usr/lib/systemd/system/sekishod.service",
		"/lib/systemd/system/sekishod.service",
	};

	(void)host;
	if (access("/run/systemd/system", F_OK) < 0) {
		snprintf(detail, HOST_DETAIL, "not PID 1 here");
		return FOUND;
	}
	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		if (access(units[i], F_OK) == 0) {
			snprintf(detail, HOST_DETAIL, "%s", units[i]);
			return find_word(units[i], "Delegate=yes") ? FOUND
								   : WEAK;
		}
	snprintf(detail, HOST_DETAIL, "no sekishod.service");
	return MISSING;
}
