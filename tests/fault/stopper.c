/*
 * stopper - end, stop or fail a process at a system call of our choice.
 *
 *	stopper [--count] [--kill-at N | --stop-at N] [--at CALL:NTH=ERRNO]…
 *	        [--at CALL:NTH=kill|stop|short] [--only]
 *	        (--pid PID | PROGRAM [ARGUMENT…])
 *
 * N counts every entry into a system call, CALL:NTH those of one kind (a
 * name, or a number), from 1, beginning when the tracing begins. ERRNO is a
 * name such as ENOSPC; the call is then not made. A short one is made with
 * half the length it asks for; at a stop the thread is held until we end. --count prints how many
 * calls there were, so that a test can try each of them in turn. --only
 * follows the one process; otherwise its children and threads count too.
 * --seconds S lets go of the process after S seconds.
 *
 * A tool of the tests, run by root from outside: a filter inside the traced
 * process is not in the way, because an entry is seen before its filter is.
 * Exit status: that of the program, 128 + signal if it was ended by one,
 * 0 when a traced PID was let go, 2 for a wrong command line.
 */
#include <elf.h>
#include <errno.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { POINTS = 16, TRACED = 256, KILL = -1, STOP = -2, SHORT = -3 };

/* One place where something is to happen. */
struct point {
	int call;	   /* -1: any */
	unsigned long nth; /* counted from 1 */
	unsigned long seen;
	int errnum; /* KILL, STOP, SHORT, or what the call is to answer */
};

struct stopper {
	struct point points[POINTS];
	unsigned int npoints;
	unsigned long calls;
	bool count, only;
	pid_t pid; /* whose end is the end */
	bool ours; /* we started it */
};

/* A thread that is between entry and exit of a call that must fail. */
struct failing {
	pid_t pid;
	int errnum;
};
static struct failing failing[TRACED];

static volatile sig_atomic_t let_go;

static void on_alarm(int signal)
{
	(void)signal;
	let_go = 1;
}

static _Noreturn void usage(const char *why)
{
	fprintf(stderr, "stopper: %s\n", why);
	exit(2);
}

static int errno_number(const char *name)
{
	static const struct {
		const char *name;
		int number;
	} names[] = {
		{ "kill", KILL },     { "stop", STOP },
		{ "short", SHORT },   { "EIO", EIO },
		{ "ENOSPC", ENOSPC }, { "EOPNOTSUPP", EOPNOTSUPP },
		{ "EINTR", EINTR },   { "EPERM", EPERM },
		{ "EACCES", EACCES }, { "ENOMEM", ENOMEM },
		{ "EAGAIN", EAGAIN }, { "ENFILE", ENFILE },
		{ "EMFILE", EMFILE }, { "EDQUOT", EDQUOT },
		{ "EROFS", EROFS },   { "EINVAL", EINVAL },
		{ "ENODEV", ENODEV }, { "EBUSY", EBUSY },
		{ "ENOENT", ENOENT }, { "ENOSYS", ENOSYS },
		{ "EPIPE", EPIPE },
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(name, names[i].name) == 0)
			return names[i].number;
	usage("unknown errno name");
}

static unsigned long number(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (!*text || *end)
		usage("a number is wanted");
	return value;
}

static struct point *add_point(struct stopper *s, int call, unsigned long nth)
{
	if (s->npoints == POINTS)
		usage("too many points");
	struct point *point = &s->points[s->npoints++];
	*point = (struct point){ .call = call, .nth = nth, .errnum = KILL };
	return point;
}

/* CALL:NTH=ERRNO */
static void add_named(struct stopper *s, char *text)
{
	char *colon = strchr(text, ':');
	char *equals = colon ? strchr(colon, '=') : NULL;

	if (!equals)
		usage("--at wants CALL:NTH=ERRNO");
	*colon = *equals = 0;
	int call = seccomp_syscall_resolve_name(text);
	if (call == __NR_SCMP_ERROR)
		call = (int)number(text);
	add_point(s, call, number(colon + 1))->errnum =
		errno_number(equals + 1);
}

/* Returns the index of the program's name in argv, or argc. */
static int read_options(struct stopper *s, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
		const char *option = argv[i];

		if (strcmp(option, "--count") == 0) {
			s->count = true;
			continue;
		}
		if (strcmp(option, "--only") == 0) {
			s->only = true;
			continue;
		}
		if (++i == argc)
			usage("an option lacks its value");
		if (strcmp(option, "--kill-at") == 0)
			add_point(s, -1, number(argv[i]));
		else if (strcmp(option, "--stop-at") == 0)
			add_point(s, -1, number(argv[i]))->errnum = STOP;
		else if (strcmp(option, "--at") == 0)
			add_named(s, argv[i]);
		else if (strcmp(option, "--pid") == 0)
			s->pid = (pid_t)number(argv[i]);
		else if (strcmp(option, "--seconds") == 0)
			alarm((unsigned int)number(argv[i]));
		else
			usage("unknown option");
	}
	if ((s->pid > 0) == (i < argc))
		usage("either --pid PID or a program is wanted");
	return i;
}

static void begin(struct stopper *s, char **argv)
{
	long options = PTRACE_O_TRACESYSGOOD;

	if (!s->only)
		options |= PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |
			   PTRACE_O_TRACEVFORK;
	if (s->pid == 0) {
		s->ours = true;
		options |= PTRACE_O_EXITKILL;
		s->pid = fork();
		if (s->pid == 0) {
			raise(SIGSTOP);
			execvp(argv[0], argv);
			perror(argv[0]);
			_exit(127);
		}
		waitpid(s->pid, NULL, WUNTRACED);
	}
	if (ptrace(PTRACE_SEIZE, s->pid, NULL, options) < 0) {
		perror("stopper: ptrace");
		exit(2);
	}
	if (s->ours)
		kill(s->pid, SIGCONT);
	ptrace(PTRACE_INTERRUPT, s->pid, NULL, NULL);
}

/* --- One thread at a call ---------------------------------------------------- */

static struct failing *failing_of(pid_t pid)
{
	for (size_t i = 0; i < TRACED; i++)
		if (failing[i].pid == pid)
			return &failing[i];
	return NULL;
}

static void set_call(pid_t pid, int call, int64_t answer)
{
	struct user_regs_struct regs;
	struct iovec where = { &regs, sizeof regs };

	if (ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &where) < 0)
		return;
	regs.orig_rax = (unsigned long long)call;
	regs.rax = (unsigned long long)answer;
	ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &where);
}

/* The third argument of the call that is about to be made. */
static void halve_length(pid_t pid)
{
	struct user_regs_struct regs;
	struct iovec where = { &regs, sizeof regs };

	if (ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &where) < 0)
		return;
	regs.rdx /= 2;
	ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &where);
}

/* What is to happen at this entry, or NULL. */
static struct point *meet(struct stopper *s, int call)
{
	struct point *due = NULL;

	s->calls++;
	for (unsigned int i = 0; i < s->npoints; i++) {
		struct point *point = &s->points[i];

		if (point->call != -1 && point->call != call)
			continue;
		if (++point->seen == point->nth)
			due = point;
	}
	return due;
}

/* False: the thread is to be held where it is. */
static bool at_call(struct stopper *s, pid_t pid)
{
	struct __ptrace_syscall_info info;
	struct failing *slot;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) <= 0)
		return true;
	if (info.op == PTRACE_SYSCALL_INFO_EXIT) {
		slot = failing_of(pid);
		if (slot) {
			set_call(pid, -1, -slot->errnum);
			slot->pid = 0;
		}
		return true;
	}
	if (info.op != PTRACE_SYSCALL_INFO_ENTRY)
		return true;
	struct point *point = meet(s, (int)info.entry.nr);
	if (!point)
		return true;
	if (point->errnum == STOP)
		return false;
	if (point->errnum == KILL) {
		kill(pid, SIGKILL);
		return true;
	}
	if (point->errnum == SHORT) {
		halve_length(pid);
		return true;
	}
	slot = failing_of(0);
	if (slot) {
		*slot = (struct failing){ pid, point->errnum };
		/* A call without effect, which every filter allows: call -1
		 * would be the end of a confined program. */
		set_call(pid, SYS_getpid, -ENOSYS);
	}
	return true;
}

/* Let the thread go on after status; the signal it is to have, if any. */
static void go_on(struct stopper *s, pid_t pid, int status)
{
	int signal = WSTOPSIG(status);
	int event = status >> 16;

	if (signal == (SIGTRAP | 0x80)) {
		if (!at_call(s, pid))
			return;
		signal = 0;
	} else if (event == PTRACE_EVENT_STOP) {
		bool group = signal == SIGSTOP || signal == SIGTSTP ||
			     signal == SIGTTIN || signal == SIGTTOU;

		if (group && pid != 0) {
			ptrace(PTRACE_LISTEN, pid, NULL, NULL);
			return;
		}
		signal = 0;
	} else if (event) {
		signal = 0;
	}
	ptrace(PTRACE_SYSCALL, pid, NULL, (void *)(intptr_t)signal);
}

static int follow(struct stopper *s)
{
	int status;

	while (!let_go) {
		pid_t pid = waitpid(-1, &status, __WALL);

		if (pid < 0 && errno == EINTR)
			continue;
		if (pid < 0)
			break;
		if (WIFSTOPPED(status)) {
			go_on(s, pid, status);
			continue;
		}
		if (pid == s->pid)
			return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
						   : WEXITSTATUS(status);
	}
	return 0; /* our end detaches what we did not start */
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_alarm };
	static struct stopper stopper;
	int program;

	sigaction(SIGALRM, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	program = read_options(&stopper, argc, argv);
	begin(&stopper, argv + program);
	int status = follow(&stopper);
	if (stopper.count)
		printf("%lu\n", stopper.calls);
	return status;
}
