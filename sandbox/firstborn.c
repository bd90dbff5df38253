#include "sandbox/firstborn.h"

#include <fcntl.h>
#include <grp.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/capabilities.h"
#include "gateway/base/own.h"
#include "gateway/base/process.h"
#include "sandbox/rlimits.h"

static const char host_name[] = "sekisho";

static int wait_release(const struct firstborn *self, struct err *err)
{
	char byte;

	if (read(self->release, &byte, 1) != 1)
		return err_set(err, "sekisho-box ended first");
	return 0;
}

static int become_root(struct err *err)
{
	if (setresgid(0, 0, 0) < 0 || setgroups(0, NULL) < 0 ||
	    setresuid(0, 0, 0) < 0)
		return err_sys(err, "become root of the sandbox");
	if (sethostname(host_name, sizeof host_name - 1) < 0)
		return err_sys(err, "name the sandbox");
	return 0;
}

/* What init needs to make sessions of uid 1000, and to end them. */
static int keep_few(struct err *err)
{
	return capabilities_bound(
		CAPABILITY(CAP_SETUID) | CAPABILITY(CAP_SETGID) |
			CAPABILITY(CAP_SETPCAP) | CAPABILITY(CAP_KILL),
		err);
}

/* The control socket as descriptor 3, /dev/null before it, nothing after it
 * that survives exec. The two others are moved out of the way first. */
static int arrange(const struct firstborn *self, int *init, int *report,
		   struct err *err)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	*init = fcntl(*init, F_DUPFD_CLOEXEC, 100);
	*report = fcntl(self->report, F_DUPFD_CLOEXEC, 101);
	if (null < 0 || *init < 0 || *report < 0 ||
	    dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 ||
	    dup2(null, STDERR_FILENO) < 0)
		return err_sys(err, "arrange the descriptors");
	if (self->control == PROCESS_LINK
		    ? fcntl(PROCESS_LINK, F_SETFD, 0) < 0
		    : dup2(self->control, PROCESS_LINK) < 0)
		return err_sys(err, "arrange the descriptors");
	if (close_range(PROCESS_LINK + 1, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
		return err_sys(err, "close what init must not have");
	return 0;
}

static int exec_init(int init, struct err *err)
{
	static const char name[] = "sekisho-init";
	const char *const argv[] = { name, NULL };
	const char *const environment[] = { "PATH=/usr/bin:/bin", NULL };

	fexecve(init, (char *const *)(uintptr_t)argv,
		(char *const *)(uintptr_t)environment);
	return err_sys(err, "start sekisho-init");
}

_Noreturn void firstborn_live(const struct firstborn *self,
			      const struct build *build,
			      const struct trees *trees)
{
	int init = build->init, report = self->report;
	struct err err;

	/* Each step takes away what the steps after it no longer need. */
	if (wait_release(self, &err) == 0 && become_root(&err) == 0 &&
	    trees_enter(trees, &err) == 0 &&
	    rlimits_enter(&build->plan, &err) == 0 &&
	    arrange(self, &init, &report, &err) == 0 && keep_few(&err) == 0)
		exec_init(init, &err);

	ssize_t told = write(report, err.text, strlen(err.text));

	_exit(told > 0 ? 1 : 2);
}
