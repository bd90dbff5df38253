/*
 * sekisho-watch - a denied dangerous call becomes a record, then an EPERM.
 *
 * Started once by sekishod, own uid, no capability, empty root. Distrusts the
 * programs that make the calls: it reads a call's number from the kernel and
 * nothing from the caller's memory. While audit does not keep up, callers
 * wait; if this process dies, their calls fail with ENOSYS.
 */
#include <errno.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>

#include "gateway/base/own.h"
#include "gateway/base/process.h"
#include "sandbox/watch_session.h"
#include "sandbox/watch_trail.h"

enum { LISTENERS = 4096, AT_LINK = 0, AT_AUDIT, AT_LISTENERS };

struct watcher {
	struct watch_trail trail;
	struct watch_session *sessions;
	unsigned int n;
	struct watch_session *of[LISTENERS]; /* of listener i */
	struct pollfd poll[AT_LISTENERS + LISTENERS];
	/* As large as this kernel's, which may be newer than the headers. */
	struct seccomp_notif *call;
	struct seccomp_notif_resp *answer;
	size_t call_size, answer_size;
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

static int prepare(struct watcher *w, struct err *err)
{
	struct seccomp_notif_sizes sizes;
	struct rlimit files = { LISTENERS + 64, LISTENERS + 64 };

	if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) < 0)
		return err_sys(err, "seccomp notification sizes");
	w->call_size = larger(sizes.seccomp_notif, sizeof *w->call);
	w->answer_size = larger(sizes.seccomp_notif_resp, sizeof *w->answer);
	w->call = calloc(1, w->call_size);
	w->answer = calloc(1, w->answer_size);
	if (!w->call || !w->answer)
		return err_set(err, "out of memory");
	if (setrlimit(RLIMIT_NOFILE, &files) < 0)
		return err_sys(err, "raise the limit of open files");
	return 0;
}

static int wait_link(struct watcher *w, struct msg *m, struct err *err)
{
	int got = msg_receive(PROCESS_LINK, m, err);

	if (got <= 0)
		return got < 0 ? -1 : err_set(err, "sekishod is gone");
	w->trail.link = msg_get_fd(m);
	if (m->type != MSG_LINK_AUDIT || !msg_done(m))
		return err_set(err, "expected LINK_AUDIT, got %s",
			       msg_name(m->type));
	return 0;
}

static int on_watch(struct watcher *w, struct msg *m, struct err *err)
{
	char session[ID_SIZE], permit[ID_SIZE], actor[ID_SIZE];

	msg_get_str(m, session, sizeof session);
	msg_get_str(m, permit, sizeof permit);
	msg_get_str(m, actor, sizeof actor);
	AUTO_FD int listener = msg_get_fd(m);
	if (!msg_done(m))
		return err_set(err, "malformed WATCH from sekishod");
	if (w->n == LISTENERS) {
		note("more than %d listeners; calls of %s fail unrecorded",
		     LISTENERS, session);
		return 0;
	}
	w->of[w->n] = watch_session_get(&w->sessions, session, permit, actor);
	if (!w->of[w->n])
		return err_set(err, "out of memory");
	w->poll[AT_LISTENERS + w->n].fd = take_fd(&listener);
	w->poll[AT_LISTENERS + w->n].revents = 0;
	w->n++;
	return 0;
}

/* 1: go on; 0: an orderly end; -1. */
static int on_link(struct watcher *w, struct msg *m, struct err *err)
{
	int got = msg_receive(PROCESS_LINK, m, err);
	int done;

	if (got <= 0)
		return got < 0 ? -1 : err_set(err, "sekishod is gone");
	if (m->type == MSG_STOP && msg_done(m))
		return 0;
	if (m->type != MSG_WATCH)
		done = err_set(err, "unexpected %s from sekishod",
			       msg_name(m->type));
	else
		done = on_watch(w, m, err);
	msg_clear(m);
	return done < 0 ? -1 : 1;
}

static void drop(struct watcher *w, unsigned int i)
{
	struct pollfd *p = &w->poll[AT_LISTENERS];

	close(p[i].fd);
	w->of[i]->listeners--;
	w->n--;
	p[i] = p[w->n];
	w->of[i] = w->of[w->n];
}

/* The record is handed over before the caller hears anything. */
static int on_call(struct watcher *w, unsigned int i, struct err *err)
{
	int listener = w->poll[AT_LISTENERS + i].fd;

	memset(w->call, 0, w->call_size);
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, w->call) < 0)
		return 0; /* ENOENT: the caller was killed meanwhile */
	if (watch_session_attempt(w->of[i], w->call->data.nr, now_ms(),
				  &w->trail, err) < 0)
		return -1;
	memset(w->answer, 0, w->answer_size);
	w->answer->id = w->call->id;
	w->answer->error = -EPERM;
	ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, w->answer);
	return 0;
}

/* One call of each listener, so that a loud session delays nobody. */
static int on_listeners(struct watcher *w, struct err *err)
{
	for (unsigned int i = w->n; i-- > 0;) {
		short now = w->poll[AT_LISTENERS + i].revents;

		if (watch_trail_late(&w->trail, now_ms()))
			return 0;
		if (now & POLLIN) {
			if (on_call(w, i, err) < 0)
				return -1;
		} else if (now & (POLLHUP | POLLERR | POLLNVAL)) {
			drop(w, i);
		}
	}
	return 0;
}

static int serve(struct watcher *w, struct msg *m, struct err *err)
{
	w->poll[AT_LINK].fd = PROCESS_LINK;
	w->poll[AT_AUDIT].fd = w->trail.link;
	w->poll[AT_LINK].events = w->poll[AT_AUDIT].events = POLLIN;
	for (;;) {
		int wait, go_on = 1;
		bool late = watch_trail_late(&w->trail, now_ms());

		if (watch_session_report(&w->sessions, now_ms(), &w->trail,
					 &wait, err) < 0)
			return -1;
		for (unsigned int i = 0; i < w->n; i++)
			w->poll[AT_LISTENERS + i].events = POLLIN;
		/* Late: listeners are not looked at, whatever they have. */
		if (poll(w->poll, AT_LISTENERS + (late ? 0 : w->n), wait) < 0) {
			if (errno == EINTR)
				continue;
			return err_sys(err, "poll");
		}
		if (w->poll[AT_AUDIT].revents &&
		    watch_trail_answer(&w->trail, err) < 0)
			return -1;
		if (!late && on_listeners(w, err) < 0)
			return -1;
		if (w->poll[AT_LINK].revents)
			go_on = on_link(w, m, err);
		if (go_on <= 0)
			return go_on;
	}
}

int main(void)
{
	static struct watcher watcher;
	static struct msg m;
	struct process process;
	struct err err;

	watcher.trail.first = watcher.trail.next = 1;
	if (process_start(&process, &m, &err) < 0)
		process_fail(&err);
	if (!msg_done(&m)) {
		err_set(&err, "malformed START");
		process_fail(&err);
	}
	if (prepare(&watcher, &err) < 0 || wait_link(&watcher, &m, &err) < 0 ||
	    process_confine(&process, &err) < 0 || process_ready(&err) < 0 ||
	    serve(&watcher, &m, &err) < 0)
		process_fail(&err);
	return 0;
}
