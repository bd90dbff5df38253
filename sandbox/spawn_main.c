/*
 * sekisho-spawn - start a sekisho-box for each sandbox.
 *
 * Started by the supervisor as its first child, before the supervisor loads a
 * filter of its own: a filter is inherited for good, and the supervisor's
 * would answer before the user's could report a call. So every sandbox
 * descends from this process, which stays small, so that fork stays cheap. It
 * reads no more than descriptors from the supervisor, waits for nobody, and
 * is root with the capabilities that building takes. When it ends, however it
 * ends, every box and every sandbox ends with it (PR_SET_PDEATHSIG).
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "gateway/base/capabilities.h"
#include "gateway/base/filter.h"
#include "gateway/base/own.h"
#include "gateway/base/process.h"

/* To make and mount trees over other people's files, and to map ids. */
static const uint64_t kept = CAPABILITY(CAP_DAC_OVERRIDE) |
			     CAPABILITY(CAP_DAC_READ_SEARCH) |
			     CAPABILITY(CAP_SETUID) | CAPABILITY(CAP_SETGID) |
			     CAPABILITY(CAP_MKNOD) | CAPABILITY(CAP_SYS_ADMIN);

static struct msg m;

/* The folder of our programs, or -1. */
static int begin(struct err *err)
{
	int got = msg_receive(PROCESS_LINK, &m, err);

	if (got == 0)
		return err_set(err, "started by hand; sekishod starts this");
	if (got < 0)
		return err_within(err, "started by hand? sekishod starts this");

	int programs = m.type == MSG_SPAWN_START ? msg_get_fd(&m) : -1;

	if (programs < 0 || !msg_done(&m))
		return err_set(err, "expected SPAWN_START, got %s",
			       msg_name(m.type));
	return programs;
}

/* Boxes and sandboxes are our children; the kernel reaps them. */
static int confine(struct err *err)
{
	if (signal(SIGCHLD, SIG_IGN) == SIG_ERR ||
	    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return err_sys(err, "begin to spawn");
	if (capabilities_keep(kept, err) < 0)
		return -1;
	return filter_obey(&program_filter, err);
}

/* In the new process: its link and nothing else of ours. */
_Noreturn static void become_box(int programs, int link, pid_t spawner)
{
	static const char name[] = "sekisho-box";
	const char *const argv[] = { name, NULL };
	const char *const none[] = { NULL };

	signal(SIGCHLD, SIG_DFL);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 ||
	    getppid() != spawner || dup2(link, PROCESS_LINK) < 0 ||
	    close_range(PROCESS_LINK + 1, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
		_exit(71);
	execveat(programs, name, (char *const *)(uintptr_t)argv,
		 (char *const *)(uintptr_t)none, 0);
	_exit(72);
}

/* A box that cannot be started is over at once: who asked for it sees its
 * link close. */
static void spawn(int programs, int link)
{
	pid_t spawner = getpid();
	struct err err;
	pid_t pid = fork();

	if (pid == 0)
		become_box(programs, link, spawner);
	if (pid > 0)
		return;
	err_sys(&err, "fork");
	note("%s", err.text);
	msg_start(&m, MSG_FAILED, 0);
	msg_put_str(&m, err.text);
	msg_send(link, &m, &err);
}

/* Until the supervisor is gone: 0; or -1, it makes no sense. */
static int serve(int programs, struct err *err)
{
	int got;

	while ((got = msg_receive(PROCESS_LINK, &m, err)) > 0) {
		AUTO_FD int link =
			m.type == MSG_SPAWN_BOX ? msg_get_fd(&m) : -1;

		if (link < 0 || !msg_done(&m))
			return err_set(err, "expected SPAWN_BOX, got %s",
				       msg_name(m.type));
		spawn(programs, link);
	}
	return got;
}

int main(void)
{
	struct err err;
	AUTO_FD int programs = begin(&err);

	if (programs < 0 || confine(&err) < 0 || process_ready(&err) < 0 ||
	    serve(programs, &err) < 0)
		process_fail(&err);
	return 0;
}
