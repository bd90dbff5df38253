/*
 * sekisho-watch - what programs of a session do becomes a record, then goes
 * on: a denied dangerous call with EPERM, a program's start, the opening of a
 * dataset's file.
 *
 * Started once by sekishod, own uid, no capability, empty root. Distrusts the
 * programs that ask: it believes what the kernel says of them and reads
 * nothing of their memory. While audit does not keep up, all of them wait; if
 * this process dies, calls, opens and starts wait, for the supervisor holds
 * listeners and groups, too, and gives them to the next one.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>

#include "gateway/base/own.h"
#include "gateway/base/process.h"
#include "sandbox/watcher.h"

enum {
	AT_ONCE = 64,
	LOST_MS = 1000, /* between two records of what the vault lost */
	LATE_MS = 50
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t today(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec / 86400;
}

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* --- Before it is confined ------------------------------------------------------ */

static int prepare_waiting(struct watcher *w, struct err *err)
{
	struct rlimit files = { WATCH_DESCRIPTORS, WATCH_DESCRIPTORS };

	if (setrlimit(RLIMIT_NOFILE, &files) < 0)
		return err_sys(err, "raise the limit of open files");
	w->all = epoll_create1(EPOLL_CLOEXEC);
	w->ours = epoll_create1(EPOLL_CLOEXEC);
	if (w->all < 0 || w->ours < 0)
		return err_sys(err, "epoll");
	w->link = (struct watch_source){ AT_LINK, PROCESS_LINK, NULL };
	w->audit = (struct watch_source){ AT_AUDIT, w->trail.link, NULL };
	if (watcher_await(w->all, &w->link, err) < 0 ||
	    watcher_await(w->all, &w->audit, err) < 0 ||
	    watcher_await(w->ours, &w->link, err) < 0 ||
	    watcher_await(w->ours, &w->audit, err) < 0)
		return -1;
	return 0;
}

static int prepare(struct watcher *w, struct err *err)
{
	struct seccomp_notif_sizes sizes;

	if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) < 0)
		return err_sys(err, "seccomp notification sizes");
	w->call_size = larger(sizes.seccomp_notif, sizeof *w->call);
	w->answer_size = larger(sizes.seccomp_notif_resp, sizeof *w->answer);
	w->call = calloc(1, w->call_size);
	w->answer = calloc(1, w->answer_size);
	if (!w->call || !w->answer)
		return err_set(err, "out of memory");
	if (watch_files_init(&w->files, err) < 0)
		return -1;
	return prepare_waiting(w, err);
}

static int wait_link(struct watcher *w, struct msg *m, struct err *err)
{
	int got = msg_receive(PROCESS_LINK, m, err);

	if (got <= 0)
		return got < 0 ? -1 : err_set(err, "sekishod is gone");
	watch_trail_init(&w->trail, msg_get_fd(m));
	if (m->type != MSG_LINK_AUDIT || !msg_done(m))
		return err_set(err, "expected LINK_AUDIT, got %s",
			       msg_name(m->type));
	return 0;
}

/* --- From sessions --------------------------------------------------------------- */

static void pay_call(struct watcher *w)
{
	if (!w->owed_call)
		return;
	memset(w->answer, 0, w->answer_size);
	w->answer->id = w->owed_id;
	w->answer->error = -EPERM;
	ioctl(w->owed_call->fd, SECCOMP_IOCTL_NOTIF_SEND, w->answer);
	w->owed_call = NULL;
}

/* The record is handed over before the caller hears anything. */
static int on_call(struct watcher *w, const struct watch_source *source,
		   struct err *err)
{
	memset(w->call, 0, w->call_size);
	if (ioctl(source->fd, SECCOMP_IOCTL_NOTIF_RECV, w->call) < 0)
		return 0; /* ENOENT: the caller was killed meanwhile */
	w->look = 0;
	if (watch_session_attempt(source->session, w->call->data.nr, now_ms(),
				  &w->trail, err) < 0)
		return -1;
	w->owed_call = source;
	w->owed_id = w->call->id;
	if (!watch_trail_waiting(&w->trail))
		pay_call(w);
	return 0;
}

static int on_listener(struct watcher *w, struct watch_source *source,
		       uint32_t what, struct err *err)
{
	if (what & EPOLLIN)
		return on_call(w, source, err);
	if (w->owed_call == source)
		w->owed_call = NULL;
	watcher_drop(w, source);
	source->session->listeners--;
	w->listeners--;
	free(source);
	return 0;
}

/* Its person's number a day is spent: nothing more of it is taken, and the
 * supervisor freezes it. */
static int flooded(struct watcher *w, struct watch_session *s, struct err *err)
{
	struct msg m;

	msg_start(&m, MSG_FLOODED, 0);
	msg_put_str(&m, s->session);
	if (watcher_hear(w, s, false, err) < 0)
		return -1;
	return msg_send(PROCESS_LINK, &m, err);
}

static int on_group(struct watcher *w, struct watch_session *s, struct err *err)
{
	bool news = false;

	s->spent = watch_account_spent(s->account, w->limits.a_day, today());
	if (!s->spent &&
	    watch_files_event(&w->files, s, &w->trail, &news, err) < 0)
		return -1;
	if (news)
		watch_session_charge(s, &w->limits, now_ms(), today());
	if (s->spent)
		return flooded(w, s, err);
	if (s->rest == 0)
		return 0;
	w->look = 0;
	return watcher_hear(w, s, false, err);
}

/* --- All of it -------------------------------------------------------------------- */

static int on_audit(struct watcher *w, uint32_t what, struct err *err)
{
	if (watch_trail_full(&w->trail))
		w->look = 0;
	if (what & EPOLLOUT && watch_trail_flush(&w->trail, err) < 0)
		return -1;
	if (!watch_trail_waiting(&w->trail)) {
		watch_files_pay(&w->files);
		pay_call(w);
	}
	return what & ~(uint32_t)EPOLLOUT ? watch_trail_answer(&w->trail, err)
					  : 0;
}

/* Do those who ask have to wait, for audit or for the vault? */
static bool late(const struct watcher *w)
{
	int64_t now = now_ms();

	return watch_trail_late(&w->trail, now) ||
	       vault_client_late(&w->files.vault, now);
}

/* What the vault does not have is on record, as far as there is room. */
static int tell_lost(struct watcher *w, int *wait, struct err *err)
{
	struct audit_record record;
	int64_t now = now_ms();

	if (vault_client_late(&w->files.vault, now) &&
	    (*wait < 0 || *wait > LATE_MS))
		*wait = LATE_MS;
	if (now < w->lost || watch_trail_full(&w->trail) ||
	    !vault_lost(&w->files.vault, &record)) {
		if (w->files.vault.unkept + w->files.vault.refused > 0 &&
		    (*wait < 0 || *wait > LOST_MS))
			*wait = LOST_MS;
		return 0;
	}
	w->lost = now + LOST_MS;
	return watch_trail_send(&w->trail, now, &record, err);
}

/* Ready descriptors take turns, one event each. 1: go on; 0: an orderly end;
 * -1. */
static int on_source(struct watcher *w, const struct epoll_event *event,
		     struct err *err)
{
	struct watch_source *source = event->data.ptr;
	int done = 0;

	if (source->kind == AT_LINK)
		return watcher_orders(w, err);
	if (source->kind == AT_AUDIT)
		done = on_audit(w, event->events, err);
	else if (source->kind == AT_VAULT)
		vault_client_serve(&w->files.vault);
	else if (late(w))
		done = 0;
	else if (source->kind == AT_LISTENER)
		done = on_listener(w, source, event->events, err);
	else
		done = on_group(w, source->session, err);
	return done < 0 ? -1 : 1;
}

/* While audit has no room, wait for that too. */
static int choose_writing(struct watcher *w, struct err *err)
{
	bool waiting = watch_trail_waiting(&w->trail);
	struct epoll_event event = {
		.events = waiting ? EPOLLIN | EPOLLOUT : EPOLLIN,
		.data.ptr = &w->audit,
	};

	if (waiting == w->writing)
		return 0;
	w->writing = waiting;
	if (epoll_ctl(w->all, EPOLL_CTL_MOD, w->audit.fd, &event) < 0 ||
	    epoll_ctl(w->ours, EPOLL_CTL_MOD, w->audit.fd, &event) < 0)
		return err_sys(err, "wait for audit");
	return 0;
}

/* Counts that are due, and rests that are over. ms to wait, or -1: for good,
 * -2: err. */
static int look_through(struct watcher *w, struct err *err)
{
	int64_t now = now_ms();
	int wait;

	if (now < w->look)
		return w->look == INT64_MAX ? -1 : (int)(w->look - now);
	for (struct watch_session *s = w->sessions; s; s = s->after) {
		if (s->rest == 0 || s->rest > now)
			continue;
		s->rest = 0;
		if (!s->spent && watcher_hear(w, s, true, err) < 0)
			return -2;
	}
	if (watch_session_report(&w->sessions, now, &w->trail, &wait, err) < 0)
		return -2;
	w->look = wait < 0 ? INT64_MAX : now + wait;
	return wait;
}

static int serve(struct watcher *w, struct err *err)
{
	struct epoll_event events[AT_ONCE];
	int go_on = 1;

	while (go_on > 0) {
		int wait = look_through(w, err);

		if (wait < -1 || tell_lost(w, &wait, err) < 0 ||
		    choose_writing(w, err) < 0)
			return -1;
		/* Late: sessions are not looked at, whatever they have. */
		int n = epoll_wait(late(w) ? w->ours : w->all, events, AT_ONCE,
				   wait);
		if (n < 0 && errno != EINTR)
			return err_sys(err, "epoll");
		for (int i = 0; i < n && go_on > 0; i++)
			go_on = on_source(w, &events[i], err);
	}
	return go_on;
}

int main(void)
{
	static struct watcher watcher;
	static struct msg m;
	struct process process;
	struct err err;

	if (process_start(&process, &m, &err) < 0)
		process_fail(&err);
	if (!msg_done(&m)) {
		err_set(&err, "malformed START");
		process_fail(&err);
	}
	if (wait_link(&watcher, &m, &err) < 0 || prepare(&watcher, &err) < 0 ||
	    process_confine(&process, &err) < 0 || process_ready(&err) < 0 ||
	    serve(&watcher, &err) < 0)
		process_fail(&err);
	return 0;
}
