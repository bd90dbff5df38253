/*
 * run - see run.h. This is the supervisor proper: root, one thread, parses
 * nothing but typed messages.
 */
#include "gateway/supervisor/run.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "gateway/supervisor/aides.h"
#include "gateway/supervisor/checks.h"
#include "gateway/supervisor/conns.h"
#include "gateway/supervisor/erasures.h"
#include "gateway/supervisor/holds.h"
#include "gateway/supervisor/limits.h"
#include "gateway/supervisor/outs.h"
#include "gateway/supervisor/services.h"
#include "gateway/supervisor/sessions.h"
#include "gateway/supervisor/spawner.h"
#include "gateway/supervisor/trail.h"
#include "gateway/supervisor/version.h"
#include "gateway/supervisor/views.h"
#include "gateway/supervisor/watching.h"
#include "sandbox/layers.h"

enum { STOP_SECONDS = 5 };

time_t gateway_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

void gateway_end(struct gateway *gateway, bool failed, const char *why)
{
	if (gateway->ending[0])
		return;
	snprintf(gateway->ending, sizeof gateway->ending, "%.199s", why);
	gateway->failed = failed;
	gateway->deadline = gateway_now() + STOP_SECONDS;
	note("ending: %s", why);
}

static void on_signal(struct watch *watch)
{
	struct gateway *gateway = watch->owner;
	struct signalfd_siginfo info;

	if (read(watch->fd, &info, sizeof info) == sizeof info)
		gateway_end(gateway, false, "asked to stop");
}

static int watch_signals(struct gateway *gateway, struct err *err)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return err_sys(err, "signalfd");
	return loop_watch(gateway->loop, &gateway->signals, fd, on_signal,
			  gateway, err);
}

/* Mounts of ours are ours alone and vanish with the last of our processes. */
static int own_mounts(struct err *err)
{
	if (unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return err_sys(err, "a mount namespace of our own");
	return 0;
}

/* Every process below belongs to one cgroup tree, so that none can be lost. */
static int own_cgroup(struct gateway *gateway, struct err *err)
{
	struct cgroup core;
	int fds[8];
	unsigned int n;
	int done = 0;

	if (cgroup_open(&core, gateway->settings->instance, "core", NULL, err) <
	    0)
		return -1;
	n = cgroup_procs(&core, fds, err);
	if (n == 0)
		return -1;
	for (unsigned int i = 0; i < n; i++) {
		if (write(fds[i], "0", 1) != 1)
			done = err_sys(err, "enter the gateway's cgroup");
		close(fds[i]);
	}
	return done;
}

static int begin(struct gateway *gateway, const char *recovered,
		 struct err *err)
{
	struct audit_record record;

	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		return err_sys(err, "prctl");
	gateway->loop = loop_open(err);
	if (gateway->loop < 0 || watch_signals(gateway, err) < 0 ||
	    own_mounts(err) < 0 || own_cgroup(gateway, err) < 0 ||
	    outs_open(gateway, err) < 0 || spawner_start(gateway, err) < 0 ||
	    (gateway->landlock_abi = layers_landlock_abi()) < 0 ||
	    filter_obey(&supervisor_filter, err) < 0 ||
	    tree_open(&gateway->tree, gateway->settings, err) < 0 ||
	    lease_open(&gateway->leases, gateway->tree.folders[TREE_SITE],
		       gateway->settings->uid_base, err) < 0 ||
	    services_start(gateway, err) < 0)
		return -1;
	audit_begin(&record, "admin.start", AUDIT_OK);
	audit_text(&record, "version", SEKISHO_VERSION);
	audit_text(&record, "recovered", recovered);
	trail_write(gateway, &record);
	return 0;
}

/* Processes that an ended box or init left to us. Children that somebody
 * still waits for are left alone: theirs is a pid that a child names. */
static bool is_ours(const struct gateway *gateway, pid_t pid)
{
	if (gateway->spawner.pid == pid)
		return true;
	for (int i = 0; i < SERVICES; i++)
		if (gateway->services[i].pid == pid)
			return true;
	return sessions_own(gateway, pid) || conns_own(gateway, pid) ||
	       aides_own(gateway, pid) || checks_own(gateway, pid) ||
	       views_own(gateway, pid) || erasures_own(gateway, pid);
}

static void reap_strangers(const struct gateway *gateway)
{
	for (int i = 0; i < 64; i++) {
		siginfo_t info = { 0 };

		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 ||
		    info.si_pid == 0 || is_ours(gateway, info.si_pid))
			return;
		waitpid(info.si_pid, NULL, WNOHANG);
	}
}

static void tend(struct gateway *gateway)
{
	time_t now = gateway_now();

	sessions_tend(gateway, now);
	conns_tend(gateway, now);
	checks_tend(gateway, now);
	views_tend(gateway, now);
	erasures_tend(gateway);
	trail_tend(gateway, now);
	watching_tend(gateway, now);
	holds_tend(gateway, now);
	services_tend(gateway);
	reap_strangers(gateway);
}

static void turn(struct gateway *gateway)
{
	struct err err;

	if (loop_turn(gateway->loop, 1000, &err) < 0)
		gateway_end(gateway, true, err.text);
}

/* People are told, sandboxes die, their ends are recorded, audit goes last. */
static void finish(struct gateway *gateway)
{
	struct child *audit = &gateway->services[SERVICE_AUDIT];
	struct audit_record record;

	conns_stop(gateway);
	checks_end(gateway);
	views_end(gateway);
	erasures_end(gateway);
	sessions_end_all(gateway, "the gateway is stopping");
	while ((gateway->sessions || gateway->conns) &&
	       gateway_now() <= gateway->deadline) {
		struct err err;

		sessions_tend(gateway, gateway_now());
		if (loop_turn(gateway->loop, 20, &err) < 0)
			break;
	}
	if (!gateway->failed) {
		audit_begin(&record, "admin.stop", AUDIT_OK);
		audit_text(&record, "why", gateway->ending);
		trail_write(gateway, &record);
	}
	aides_end(gateway);
	conns_end(gateway);
	child_end(&gateway->spawner);
	services_stop(gateway);
	services_stop_audit(gateway);
	while (audit->program && gateway_now() <= gateway->deadline)
		turn(gateway);
}

enum run_end run(const struct settings *settings, const char *recovered)
{
	static struct gateway gateway;
	struct err err;
	time_t tended = 0;

	gateway.settings = settings;
	gateway.again = recovered[0] != '\0';
	gateway.trail = -1;
	gateway.site.socket = -1;
	if (begin(&gateway, recovered, &err) < 0) {
		note("%s", err.text);
		return RUN_REFUSED;
	}
	while (!gateway.ending[0]) {
		turn(&gateway);
		if (gateway_now() != tended) {
			tended = gateway_now();
			tend(&gateway);
		}
	}
	finish(&gateway);
	if (gateway.refused)
		return RUN_REFUSED;
	return gateway.failed ? RUN_FAILED : RUN_STOPPED;
}
