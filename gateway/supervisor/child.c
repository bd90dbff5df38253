/*
 * child - start, hear and end one process. Runs in the supervisor; children
 * are not trusted: nonsense on the link costs the child its life.
 */
#include "gateway/supervisor/child.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "gateway/base/process.h"

/* In the new process: only link, standard error and nothing else. */
static _Noreturn void become(const char *path, const char *program, int link)
{
	char *const argv[] = { (char *)(uintptr_t)program, NULL };
	char *const none[] = { NULL };
	sigset_t all;

	/* What whoever started us ignored, such as a nohup, is not passed on. */
	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	sigemptyset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	if (link == PROCESS_LINK)
		fcntl(link, F_SETFD, 0);
	else if (dup2(link, PROCESS_LINK) < 0)
		_exit(71);
	int null = open("/dev/null", O_RDWR);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 ||
	    dup2(null, STDOUT_FILENO) < 0)
		_exit(71);
	close_range(PROCESS_LINK + 1, ~0u, 0);
	execve(path, argv, none);
	_exit(72);
}

static void reap(struct child *child)
{
	int status = 0;
	char said[sizeof child->why];

	if (child->pid == 0) {
		if (!child->why[0])
			snprintf(child->why, sizeof child->why, "it ended");
		return;
	}
	kill(child->pid, SIGKILL);
	while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
		;
	if (child->why[0])
		snprintf(said, sizeof said, "%.250s", child->why);
	else if (WIFSIGNALED(status))
		snprintf(said, sizeof said, "signal %d", WTERMSIG(status));
	else
		snprintf(said, sizeof said, "exit status %d",
			 WEXITSTATUS(status));
	memcpy(child->why, said, sizeof child->why);
	child->pid = 0;
}

static void close_link(struct child *child)
{
	loop_forget(child->loop, &child->watch);
	mailbox_clear(&child->mailbox);
	own_close(&child->link);
	child->ready = false;
}

void child_kill(const struct child *child)
{
	if (child->program)
		kill(child->pid, SIGKILL);
}

void child_end(struct child *child)
{
	if (!child->program)
		return;
	close_link(child);
	reap(child);
	child->program = NULL;
}

static void lost(struct child *child)
{
	child_end(child);
	child->gone(child);
}

int child_receive(int fd, const char *whom, struct msg *m)
{
	struct err err;
	int got = msg_receive(fd, m, &err);

	if (got < 0) {
		note("%s: %s", whom, err.text);
		return -1;
	}
	if (got == 0)
		return errno == EAGAIN ? 0 : -1;
	return 1;
}

static void post(struct child *child)
{
	loop_write(child->loop, &child->watch,
		   mailbox_waiting(&child->mailbox));
}

static void hear(struct watch *watch)
{
	struct child *child = watch->owner;
	static struct msg m;
	struct err err;

	/* What it said before it left counts, though it does not listen. */
	if (mailbox_waiting(&child->mailbox)) {
		if (mailbox_flush(&child->mailbox, child->link, &err) < 0)
			mailbox_clear(&child->mailbox);
		post(child);
	}
	int got = child_receive(child->link, child->program, &m);

	if (got < 0)
		lost(child);
	if (got <= 0)
		return;
	if (m.type == MSG_FAILED) {
		msg_get_str(&m, child->why, sizeof child->why);
	} else if (m.type == MSG_READY && child->ready) {
		note("%s: says READY twice", child->program);
		lost(child);
	} else {
		child->ready |= m.type == MSG_READY;
		child->heard(child, &m);
	}
	msg_clear(&m);
}

int child_adopt(struct child *child, int loop, const char *program, int link,
		struct err *err)
{
	AUTO_FD int ours = link;

	if (fcntl(ours, F_SETFL, O_RDWR | O_NONBLOCK) < 0)
		return err_sys(err, "fcntl");
	child->program = program;
	child->pid = 0;
	child->loop = loop;
	child->ready = false;
	child->why[0] = '\0';
	mailbox_init(&child->mailbox);
	child->link = take_fd(&ours);
	if (loop_watch(loop, &child->watch, child->link, hear, child, err) <
	    0) {
		child_end(child);
		return -1;
	}
	return 0;
}

void child_hang_up(struct child *child)
{
	if (child->program)
		shutdown(child->link, SHUT_WR);
}

int child_start(struct child *child, int loop, const char *programs,
		const char *program, struct err *err)
{
	char path[PATH_MAX];
	int pair[2];

	if (snprintf(path, sizeof path, "%s/%s", programs, program) >=
	    (int)sizeof path)
		return err_set(err, "%s: path too long", programs);
	if (access(path, X_OK) < 0)
		return err_sys(err, "%s", path);
	if (msg_pair(pair, err) < 0)
		return -1;
	AUTO_FD int ours = pair[0];
	AUTO_FD int theirs = pair[1];
	pid_t pid = fork();
	if (pid < 0)
		return err_sys(err, "fork");
	if (pid == 0)
		become(path, program, theirs);
	int done = child_adopt(child, loop, program, take_fd(&ours), err);
	child->pid = pid;
	if (done < 0)
		reap(child);
	return done;
}

void child_send(struct child *child, const struct msg *m)
{
	struct err err;

	if (!child->program)
		return;
	if (mailbox_send(&child->mailbox, child->link, m, &err) < 0) {
		note("%s: %s", child->program, err.text);
		kill(child->pid, SIGKILL);
	}
	post(child);
}
