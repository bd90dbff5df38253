/*
 * sekisho-init - PID 1 of a sandbox: begin shells, reap, tell, end.
 *
 * Static, started by descriptor; uid 0 of its user namespace with four
 * capabilities over it. It obeys the supervisor on descriptor 3 and nobody
 * else: user code shares its pid namespace, but not its uid, and cannot see
 * it. When the supervisor's end closes, it exits, and the kernel kills all.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/base/filter.h"
#include "gateway/base/own.h"
#include "gateway/base/process.h"
#include "sandbox/landlock.h"
#include "sandbox/shell.h"

enum { SHELLS = 16, NOT_BEGUN = 126 << 8 /* as wait gives it */ };

static struct {
	uint32_t id;
	pid_t pid; /* 0: free */
} shells[SHELLS];

static struct msg m;

static int confine(struct err *err)
{
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return err_sys(err, "prctl");
	if (landlock_enter(err) < 0)
		return -1;
	return filter_obey(&program_filter, err);
}

/* --- Shells ----------------------------------------------------------------- */

static int send_spawned(const struct shell *shell, struct err *err)
{
	msg_start(&m, MSG_SPAWNED, 0);
	msg_put_u32(&m, shell->id);
	msg_put_fd(&m, shell->listener);
	for (unsigned int i = 0; i < shell->nends; i++)
		msg_put_fd(&m, shell->ends[i]);
	return msg_send(PROCESS_LINK, &m, err);
}

static int send_exited(uint32_t id, int status, struct err *err)
{
	msg_start(&m, MSG_EXITED, 0);
	msg_put_u32(&m, id);
	msg_put_u32(&m, (uint32_t)status);
	return msg_send(PROCESS_LINK, &m, err);
}

/* One shell that cannot begin (too many processes or terminals, say) is over
 * at once and runs nothing; the others go on. */
static int on_spawn(struct err *err)
{
	static struct shell_order order;
	struct shell shell;
	size_t slot = 0;
	uint32_t id;
	int done;

	if (shell_order_get(&order, &m, err) < 0)
		return -1;
	id = order.id;
	while (slot < SHELLS && shells[slot].pid)
		slot++;
	done = slot == SHELLS ? -1 : shell_begin(&shell, &order, err);
	shell_order_clear(&order);
	if (done < 0)
		return send_exited(id, NOT_BEGUN, err);
	shells[slot].id = shell.id;
	shells[slot].pid = shell.pid;
	if (send_spawned(&shell, err) < 0)
		return -1;
	shell_release(&shell);
	return 0;
}

/* The shell's process group as long as the shell is not reaped; a number that
 * was never a shell's is passed over, since it may have just ended. */
static int on_signal(struct err *err)
{
	uint32_t id = msg_get_u32(&m);
	uint32_t number = msg_get_u32(&m);

	if (!msg_done(&m) || number >= NSIG)
		return err_set(err, "malformed SIGNAL");
	for (size_t i = 0; i < SHELLS; i++)
		if (shells[i].pid && shells[i].id == id) {
			kill(shells[i].pid, (int)number);
			kill(-shells[i].pid, (int)number);
		}
	return 0;
}

static int on_order(struct err *err)
{
	int got = msg_receive(PROCESS_LINK, &m, err);

	if (got == 0)
		return err_set(err, "the supervisor is gone");
	if (got < 0)
		return -1;
	if (m.type == MSG_SPAWN)
		return on_spawn(err);
	if (m.type == MSG_SIGNAL)
		return on_signal(err);
	return err_set(err, "the supervisor sent %s", msg_name(m.type));
}

/* --- Reaping ---------------------------------------------------------------- */

static int reap(struct err *err)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (size_t i = 0; i < SHELLS; i++) {
			if (shells[i].pid != pid)
				continue;
			shells[i].pid = 0;
			if (send_exited(shells[i].id, status, err) < 0)
				return -1;
		}
	return 0;
}

static int open_children(struct err *err)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return err_sys(err, "block SIGCHLD");

	int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);

	if (fd < 0)
		return err_sys(err, "make a signal descriptor");
	return fd;
}

static int serve(int children, struct err *err)
{
	struct pollfd fds[] = {
		{ .fd = PROCESS_LINK, .events = POLLIN },
		{ .fd = children, .events = POLLIN },
	};
	struct signalfd_siginfo info;

	for (;;) {
		if (poll(fds, ARRAY_LEN(fds), -1) < 0 && errno != EINTR)
			return err_sys(err, "poll");
		if (fds[1].revents) {
			while (read(children, &info, sizeof info) > 0)
				;
			if (reap(err) < 0)
				return -1;
		}
		if (fds[0].revents && on_order(err) < 0)
			return -1;
	}
}

int main(void)
{
	struct err err, ignored;

	if (getpid() != 1)
		die("not PID 1 of a sandbox");

	int children = open_children(&err);

	if (children >= 0 && confine(&err) == 0)
		serve(children, &err);
	msg_start(&m, MSG_FAILED, 0);
	msg_put_str(&m, err.text);
	msg_send(PROCESS_LINK, &m, &ignored);
	return 1;
}
