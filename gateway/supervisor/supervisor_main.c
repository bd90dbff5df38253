/*
 * sekishod - start the gateway, and start it again when it died.
 *
 * The first process only waits: it forks the supervisor, and when that ends
 * in any way but on request, it ends what is left (all of it is in one cgroup
 * tree) and starts the next. Runs as root. Stays in the foreground; a service
 * manager, or the demo, puts it in the background.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "gateway/host/host.h"
#include "gateway/supervisor/limits.h"
#include "gateway/supervisor/run.h"
#include "gateway/supervisor/settings.h"
#include "sandbox/cgroup.h"

static volatile sig_atomic_t stopping;
static volatile pid_t supervisor;

static void on_signal(int signal)
{
	stopping = 1;
	if (supervisor > 0)
		kill(supervisor, signal);
}

/* One gateway per run folder. The lock's descriptor stays open. 0 or -1. */
static int lock_run(const struct settings *settings, struct err *err)
{
	char path[4096];
	char line[32];

	if (mkdir(settings->run, 0755) < 0 && errno != EEXIST)
		return err_sys(err, "make folder %s", settings->run);
	snprintf(path, sizeof path, "%s/sekishod.pid", settings->run);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return err_sys(err, "open %s", path);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return err_set(err,
			       "a gateway already runs on %s; stop it "
			       "first",
			       settings->run);
	int len = snprintf(line, sizeof line, "%d\n", (int)getpid());
	if (ftruncate(fd, 0) < 0 || write(fd, line, (size_t)len) != len)
		return err_sys(err, "write %s", path);
	return fd;
}

/* The supervisor. A session of its own: Ctrl-C at the guard's terminal is for
 * the guard alone, who passes it on, or audit would be gone before the end is
 * on record. */
static _Noreturn void supervise(const struct settings *settings,
				const char *recovered, pid_t parent)
{
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 ||
	    getppid() != parent || setsid() < 0)
		_exit(RUN_FAILED);
	_exit((int)run(settings, recovered));
}

/* One life. Returns how it ended; why says it for the log. */
static int live(const struct settings *settings, const char *recovered,
		char *why, size_t size)
{
	int status = 0;
	pid_t self = getpid();
	pid_t pid = fork();

	if (pid == 0)
		supervise(settings, recovered, self);
	if (pid < 0) {
		snprintf(why, size, "fork failed");
		return RUN_FAILED;
	}
	supervisor = pid;
	if (stopping)
		kill(pid, SIGTERM);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	supervisor = 0;
	if (WIFSIGNALED(status)) {
		snprintf(why, size, "the supervisor died of signal %d",
			 WTERMSIG(status));
		return RUN_FAILED;
	}
	if (WEXITSTATUS(status) > RUN_FAILED) { /* it gave itself up */
		snprintf(why, size, "the supervisor ended with status %d",
			 WEXITSTATUS(status));
		return RUN_FAILED;
	}
	snprintf(why, size, "a service died");
	return WEXITSTATUS(status);
}

static int guard(const struct settings *settings)
{
	char why[100] = "";
	unsigned int lives = 0;
	struct err err;
	int end;

	do {
		if (cgroup_sweep(settings->instance, &err) < 0) {
			note("%s", err.text);
			return RUN_REFUSED;
		}
		if (lives++ > 0)
			sleep(lives < 5 ? 1 : 10);
		end = stopping ? RUN_STOPPED
			       : live(settings, why, why, sizeof why);
		if (end == RUN_FAILED)
			note("%s; starting again", why);
	} while (end == RUN_FAILED && !stopping);
	if (cgroup_sweep(settings->instance, &err) < 0)
		note("%s", err.text);
	return end;
}

/* The same table as sekishoctl doctor's: an unsafe start is refused before
 * anything is made. 0 or -1. */
static int host_allows(const struct settings *settings, struct err *err)
{
	const struct host host = { settings->config, settings->state,
				   settings->uid_base };
	char names[300];

	if (host_names(&host, HOST_REFUSED, names, sizeof names) > 0)
		return err_set(err,
			       "this host is not fit for a gateway: %s; "
			       "'sekishoctl doctor %s %s' says more",
			       names, settings->config, settings->state);
	if (host_names(&host, HOST_WEAKER, names, sizeof names) > 0)
		note("this host is weaker than it could be: %s; 'sekishoctl "
		     "doctor' says more",
		     names);
	return 0;
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct settings settings;
	struct err err;
	int read = settings_read(&settings, argc, argv, &err);

	if (read > 0)
		return 0;
	if (read == 0 && geteuid() != 0)
		read = err_set(&err, "must be started by root");
	umask(022);
	/* Each step takes away what the steps after it no longer need. */
	if (read < 0 || host_allows(&settings, &err) < 0 ||
	    lock_run(&settings, &err) < 0 || cgroup_step_aside(&err) < 0 ||
	    limits_drop(&err) < 0 || filter_obey(&program_filter, &err) < 0) {
		note("%s", err.text);
		return RUN_REFUSED;
	}
	settings_name_instance(&settings);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	return guard(&settings);
}
