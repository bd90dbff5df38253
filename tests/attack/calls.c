/* links: gateway/base */
/*
 * calls - run inside a sandbox: make every system call there is.
 *
 *	calls NUMBER	with NUMBER (0 or -1) as each of its six arguments
 *
 * Prints "call NUMBER ANSWER" for each: the errno, 0, or a word of calls.h.
 * Each is made in a process of its own, which has /dev/null for its input; no
 * call reaches anything with these arguments but that process.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "tests/attack/calls.h"

enum { SHORT = 50, LONG = 20000 /* ms */ };

/* They wait for what never comes, if they are let through. */
static bool waits(int call)
{
	static const int calls[] = { SYS_pause, SYS_select, SYS_pselect6,
				     SYS_ppoll, SYS_rt_sigsuspend };

	for (size_t i = 0; i < ARRAY_LEN(calls); i++)
		if (calls[i] == call)
			return true;
	return false;
}

_Noreturn static void make(int call, long a, int reply)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	dup2(null, STDIN_FILENO);
	errno = 0;

	int result = syscall(call, a, a, a, a, a, a) < 0 ? errno : 0;
	ssize_t written = write(reply, &result, sizeof result);

	_exit(written == (ssize_t)sizeof result ? 0 : 1);
}

static int try(int call, long argument)
{
	int pair[2], result, status;
	struct pollfd answer = { .events = POLLIN };

	if (pipe2(pair, O_CLOEXEC) < 0)
		return CALL_UNTRIED;
	fflush(stdout);

	pid_t pid = fork();

	if (pid < 0)
		return CALL_UNTRIED;
	if (pid == 0)
		make(call, argument, pair[1]);
	close(pair[1]);
	answer.fd = pair[0];

	bool came = poll(&answer, 1, waits(call) ? SHORT : LONG) > 0;
	ssize_t len = came ? read(pair[0], &result, sizeof result) : -1;

	close(pair[0]);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	if (!came)
		return CALL_WAITS;
	if (len == (ssize_t)sizeof result)
		return result;
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS ? CALL_KILLED
								 : CALL_ENDED;
}

int main(int argc, char **argv)
{
	long argument = argc == 2 ? strtol(argv[1], NULL, 10) : 1;

	if (argument != 0 && argument != -1)
		return 2;
	for (int call = 0; call < CALLS; call++)
		printf("call %d %d\n", call, try(call, argument));
	return 0;
}
