/*
 * watch_orders - what the supervisor tells the watcher: whom to watch, within
 * which limits, and when nothing of a session lives any more.
 *
 * Runs in sekisho-watch. The supervisor is believed; a message that is not
 * whole ends the process, and with it the link by which it is missed.
 */
#include <stdlib.h>
#include <sys/epoll.h>

#include "gateway/base/own.h"
#include "gateway/base/process.h"
#include "sandbox/watcher.h"

int watcher_await(int epoll, struct watch_source *source, struct err *err)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = source };

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, source->fd, &event) < 0)
		return err_sys(err, "wait for a descriptor");
	return 0;
}

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
	if (s && w->listeners == WATCH_LISTENERS) {
		note("more than %d listeners; calls of %s fail unrecorded",
		     WATCH_LISTENERS, s->session);
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
	return watcher_await(w->all, source, err);
}

/* A session that cannot be watched must not run: who sent it hears that by
 * our end, which ends all. */
static int on_files(struct watcher *w, struct msg *m, struct err *err)
{
	struct watch_session *s = session_of(w, m);
	AUTO_FD int group = msg_get_fd(m);
	uint32_t n = msg_get_u32(m);

	if (!s || s->group.fd >= 0 || n > TREES || w->groups == WATCH_GROUPS)
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
		watch_files_disown(group, WATCH_DESCRIPTORS);
	s->group.fd = take_fd(&group);
	w->groups++;
	return watcher_await(w->all, &s->group, err);
}

/* The supervisor has the group too: closing is not enough to hear no more. */
void watcher_drop(struct watcher *w, struct watch_source *source)
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
		watcher_drop(w, &s->group);
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

int watcher_hear(struct watcher *w, struct watch_session *s, bool on,
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
	return watcher_hear(w, s, true, err);
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

int watcher_orders(struct watcher *w, struct err *err)
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
