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
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>

#include "gateway/base/own.h"
#include "gateway/base/process.h"
#include "sandbox/watch_files.h"

enum {
	LISTENERS = 4096,
	GROUPS = 4096,
	AT_ONCE = 64,
	LOST_MS = 1000, /* between two records of what the vault lost */
	LATE_MS = 50
};
enum { FILES = LISTENERS + GROUPS + SEEN_PROCESSES + 64 };

struct watcher {
	struct watch_trail trail;
	struct watch_session *sessions;
	unsigned int listeners, groups;
	struct watch_source link, audit, vault;
	int all, ours; /* epoll: everything; link and audit alone */
	bool writing;  /* audit is waited for to have room */
	int64_t look;  /* ms, when to look through the sessions again */
	int64_t lost;  /* ms, when the vault's losses may be told again */
	struct watch_files files;
	struct watch_limits limits;
	struct watch_account *accounts;
	/* A call whose record is not on its way yet; NULL: none */
	const struct watch_source *owed_call;
	uint64_t owed_id;
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

static int await(int epoll, struct watch_source *source, struct err *err)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = source };

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, source->fd, &event) < 0)
		return err_sys(err, "wait for a descriptor");
	return 0;
}

static int prepare_waiting(struct watcher *w, struct err *err)
{
	struct rlimit files = { FILES, FILES };

	if (setrlimit(RLIMIT_NOFILE, &files) < 0)
		return err_sys(err, "raise the limit of open files");
	w->all = epoll_create1(EPOLL_CLOEXEC);
	w->ours = epoll_create1(EPOLL_CLOEXEC);
	if (w->all < 0 || w->ours < 0)
		return err_sys(err, "epoll");
	w->link = (struct watch_source){ AT_LINK, PROCESS_LINK, NULL };
	w->audit = (struct watch_source){ AT_AUDIT, w->trail.link, NULL };
	if (await(w->all, &w->link, err) < 0 ||
	    await(w->all, &w->audit, err) < 0 ||
	    await(w->ours, &w->link, err) < 0 ||
	    await(w->ours, &w->audit, err) < 0)
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

/* --- From the supervisor --------------------------------------------------------- */

/* The session that a message is about, with its account. */
static struct watch_session *session_of(struct watcher *w, struct msg *m)
{
	struct watch_session *s = watch_session_get(&w->sessions, m);

	if (s && !s->account)
		s->account =
			watch_account_get(&w->accounts, s->permit, s->actor);
	return s && s->account ? s : NULL;
}

static int on_watch(struct watcher *w, struct msg *m, struct err *err)
{
	struct watch_session *s = session_of(w, m);
	AUTO_FD int listener = msg_get_fd(m);

	if (!msg_done(m))
		return err_set(err, "malformed WATCH from sekishod");
	if (s && w->listeners == LISTENERS) {
		note("more than %d listeners; calls of %s fail unrecorded",
		     LISTENERS, s->session);
		return 0;
	}
	struct watch_source *source = calloc(1, sizeof *source);
	if (!s || !source) {
		free(source);
		return err_set(err, "out of memory");
	}
	*source = (struct watch_source){ AT_LISTENER, take_fd(&listener), s };
	w->listeners++;
	s->listeners++;
	return await(w->all, source, err);
}

/* A session that cannot be watched must not run: who sent it hears that by
 * our end, which ends all. */
static int on_files(struct watcher *w, struct msg *m, struct err *err)
{
	struct watch_session *s = session_of(w, m);
	AUTO_FD int group = msg_get_fd(m);
	uint32_t n = msg_get_u32(m);

	if (!s || s->group.fd >= 0 || n > TREES || w->groups == GROUPS)
		return err_set(err, "a session that cannot be watched");
	for (s->nplaces = 0; s->nplaces < n; s->nplaces++) {
		struct watch_place *place = &s->places[s->nplaces];

		msg_get_str(m, place->at, sizeof place->at);
		place->mount = msg_get_u64(m);
	}
	bool again = msg_get_u8(m) != 0;
	if (!msg_done(m))
		return err_set(err, "malformed WATCH_FILES from sekishod");
	if (again)
		watch_files_disown(group, FILES);
	s->group.fd = take_fd(&group);
	w->groups++;
	return await(w->all, &s->group, err);
}

/* The supervisor has the group too: closing is not enough to hear no more. */
static void drop(struct watcher *w, struct watch_source *source)
{
	if (epoll_ctl(w->all, EPOLL_CTL_DEL, source->fd, NULL) < 0)
		note("a descriptor that was not waited for");
	own_close(&source->fd);
	w->look = 0;
}

static int on_end(struct watcher *w, struct msg *m, struct err *err)
{
	char session[ID_SIZE];
	struct msg answer;

	msg_get_str(m, session, sizeof session);
	if (!msg_done(m))
		return err_set(err, "malformed WATCH_END from sekishod");
	struct watch_session *s = watch_session_find(w->sessions, session);
	if (s && s->group.fd >= 0) {
		watch_files_let(&w->files, s);
		drop(w, &s->group);
		w->groups--;
	}
	watch_files_forget(&w->files);
	msg_start(&answer, MSG_WATCHED, 0);
	msg_put_str(&answer, session);
	msg_put_u64(&answer, s ? s->opened_files : 0);
	msg_put_u64(&answer, s ? s->opened_bytes : 0);
	return msg_send(PROCESS_LINK, &answer, err);
}

/* The old link has left the sets as it was closed. Both ways, and told of
 * changes alone: the client reads and sends all that it can. */
static int on_vault(struct watcher *w, struct msg *m, struct err *err)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLET,
				     .data.ptr = &w->vault };
	AUTO_FD int fd = msg_get_fd(m);

	if (!msg_done(m))
		return err_set(err, "malformed LINK_VAULT from sekishod");
	w->vault = (struct watch_source){ AT_VAULT, fd, NULL };
	if (epoll_ctl(w->all, EPOLL_CTL_ADD, fd, &event) < 0 ||
	    epoll_ctl(w->ours, EPOLL_CTL_ADD, fd, &event) < 0)
		return err_sys(err, "wait for the vault");
	vault_client_link(&w->files.vault, take_fd(&fd));
	return 0;
}

static int hear(struct watcher *w, struct watch_session *s, bool on,
		struct err *err)
{
	struct epoll_event event = { .events = on ? EPOLLIN : 0,
				     .data.ptr = &s->group };

	if (s->group.fd >= 0 &&
	    epoll_ctl(w->all, EPOLL_CTL_MOD, s->group.fd, &event) < 0)
		return err_sys(err, "wait for a group");
	return 0;
}

static int on_go_on(struct watcher *w, struct msg *m, struct err *err)
{
	char session[ID_SIZE];

	msg_get_str(m, session, sizeof session);
	if (!msg_done(m))
		return err_set(err, "malformed WATCH_GO_ON from sekishod");
	struct watch_session *s = watch_session_find(w->sessions, session);
	if (!s)
		return 0;
	s->account->made = 0;
	s->spent = false;
	return hear(w, s, true, err);
}

static int on_limits(struct watcher *w, struct msg *m, struct err *err)
{
	w->limits.a_second = msg_get_u32(m);
	w->limits.a_day = msg_get_u32(m);
	if (!msg_done(m))
		return err_set(err, "malformed WATCH_LIMITS from sekishod");
	return 0;
}

static int on_alive(const struct msg *m, struct err *err)
{
	struct msg answer;

	if (!msg_done(m))
		return err_set(err, "malformed ALIVE from sekishod");
	msg_start(&answer, MSG_ALIVE_IS, 0);
	return msg_send(PROCESS_LINK, &answer, err);
}

static int take_message(struct watcher *w, struct msg *m, struct err *err)
{
	switch (m->type) {
	case MSG_WATCH:
		return on_watch(w, m, err);
	case MSG_WATCH_FILES:
		return on_files(w, m, err);
	case MSG_WATCH_END:
		return on_end(w, m, err);
	case MSG_LINK_VAULT:
		return on_vault(w, m, err);
	case MSG_WATCH_LIMITS:
		return on_limits(w, m, err);
	case MSG_WATCH_GO_ON:
		return on_go_on(w, m, err);
	case MSG_ALIVE:
		return on_alive(m, err);
	default:
		return err_set(err, "unexpected %s from sekishod",
			       msg_name(m->type));
	}
}

/* 1: go on; 0: an orderly end; -1. */
static int on_link(struct watcher *w, struct err *err)
{
	static struct msg m;
	int got = msg_receive(PROCESS_LINK, &m, err);

	if (got <= 0)
		return got < 0 ? -1 : err_set(err, "sekishod is gone");
	if (m.type == MSG_STOP && msg_done(&m))
		return 0;
	int done = take_message(w, &m, err);
	msg_clear(&m);
	return done < 0 ? -1 : 1;
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
	drop(w, source);
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
	if (hear(w, s, false, err) < 0)
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
	return hear(w, s, false, err);
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
		return on_link(w, err);
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
		if (!s->spent && hear(w, s, true, err) < 0)
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
