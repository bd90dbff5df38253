#include "sandbox/shell_child.h"

#include <fcntl.h>
#include <linux/securebits.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/base/capabilities.h"
#include "gateway/base/own.h"
#include "sandbox/syscalls.h"

enum { GATE = 3, USER = 1000 };

/* A forked process keeps its parent's answers to signals. */
static int reset_signals(struct err *err)
{
	struct sigaction action = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int i = 1; i < NSIG; i++)
		sigaction(i, &action, NULL);
	sigemptyset(&none);
	if (sigprocmask(SIG_SETMASK, &none, NULL) < 0)
		return err_sys(err, "unblock signals");
	return 0;
}

static int arrange(bool tty, const int inside[SHELL_ENDS], int gate,
		   struct err *err)
{
	if (setsid() < 0)
		return err_sys(err, "begin a session");
	if (tty && ioctl(inside[0], TIOCSCTTY, 0) < 0)
		return err_sys(err, "take the terminal");
	for (int i = 0; i < SHELL_ENDS; i++)
		if (dup2(inside[tty ? 0 : i], i) < 0)
			return err_sys(err, "arrange the descriptors");
	if (gate != GATE && dup3(gate, GATE, O_CLOEXEC) < 0)
		return err_sys(err, "arrange the descriptors");
	if (close_range(GATE + 1, ~0U, 0) < 0)
		return err_sys(err, "close what a shell must not have");
	return 0;
}

static int become_user(struct err *err)
{
	const unsigned long bits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED |
				   SECBIT_NO_SETUID_FIXUP_LOCKED |
				   SECBIT_KEEP_CAPS_LOCKED |
				   SECBIT_NO_CAP_AMBIENT_RAISE |
				   SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;

	if (capabilities_bound(0, err) < 0)
		return -1;
	if (prctl(PR_SET_SECUREBITS, bits, 0, 0, 0) < 0)
		return err_sys(err, "lock the secure bits");
	if (setresgid(USER, USER, USER) < 0 || setresuid(USER, USER, USER) < 0)
		return err_sys(err, "become the user");
	if (setuid(0) == 0 || setgid(0) == 0)
		return err_set(err, "could go back to root");
	return 0;
}

/* Changing ids clears the parent-death signal, so it is set after. PID 1 may
 * have ended before; its number says so. */
static int tie(struct err *err)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return err_sys(err, "ask to die with init");
	if (getppid() != 1)
		return err_set(err, "init is gone");
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return err_set(err, "could still gain privileges");
	umask(022);
	if (chdir("/home/researcher") < 0)
		return err_sys(err, "enter /home/researcher");
	return 0;
}

_Noreturn static void give_up(const struct err *err)
{
	static struct msg m;
	struct err ignored;

	msg_start(&m, MSG_FAILED, 0);
	msg_put_str(&m, err->text);
	msg_send(GATE, &m, &ignored);
	_exit(126);
}

_Noreturn void shell_child_live(const struct shell_order *order,
				const int inside[SHELL_ENDS], int gate)
{
	static struct msg m;
	struct err err;
	int listener = -1;

	/* Each step takes away what the steps after it no longer need. The
	 * Landlock domain is init's own and came with the fork. */
	if (arrange(order->tty, inside, gate, &err) < 0 ||
	    reset_signals(&err) < 0 || become_user(&err) < 0 || tie(&err) < 0 ||
	    (listener = syscalls_enter(&user_filter, &err)) < 0)
		give_up(&err);
	msg_start(&m, MSG_READY, 0);
	msg_put_fd(&m, listener);
	if (msg_send(GATE, &m, &err) < 0)
		_exit(126);
	close(listener);
	/* Nothing runs before somebody watches: wait until the listener is
	 * out. */
	if (msg_receive(GATE, &m, &err) != 1 || m.type != MSG_READY)
		_exit(126);
	execve(order->argv[0], order->argv, order->environment);
	_exit(127);
}
