#include "audit/links.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/base/own.h"

static int watch(const struct links *links, int how, int fd, struct link *link,
		 unsigned int events)
{
	struct epoll_event event = { .events = events };

	event.data.ptr = link;
	return epoll_ctl(links->epoll, how, fd, &event);
}

int links_init(struct links *links, int supervisor, struct err *err)
{
	links->n = links->nbusy = links->awaited = 0;
	links->supervisor = supervisor;
	links->orders = false;
	links->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (links->epoll < 0 ||
	    watch(links, EPOLL_CTL_ADD, supervisor, NULL, EPOLLIN) < 0)
		return err_sys(err, "watch the supervisor's link");
	return 0;
}

static bool is_service(const struct intake_writer *who)
{
	return strcmp(who->session, "*") == 0;
}

int links_add(struct links *links, const struct intake_writer *who, int fd,
	      struct err *err)
{
	AUTO_FD int own = fd;

	if (links->n >= (is_service(who) ? LINKS_MAX : LINKS_MAX - LINKS_SPARE))
		return err_set(err, "too many writers");
	if (fcntl(own, F_SETFL, O_RDWR | O_NONBLOCK) < 0)
		return err_sys(err, "a writer's link");
	struct link *link = calloc(1, sizeof *link);
	if (!link)
		return err_set(err, "out of memory");
	if (watch(links, EPOLL_CTL_ADD, own, link, EPOLLIN) < 0) {
		free(link);
		return err_sys(err, "watch a writer's link");
	}
	link->fd = take_fd(&own);
	link->events = EPOLLIN;
	link->who = *who;
	links->n++;
	return 0;
}

bool link_writing(const struct link *link)
{
	return link->events == EPOLLOUT;
}

int links_ready(struct links *links, struct link *ready[static LINKS_READY],
		int ms, struct err *err)
{
	static struct epoll_event events[LINKS_READY];
	int n = epoll_wait(links->epoll, events, LINKS_READY, ms);

	if (n < 0 && errno != EINTR)
		return err_sys(err, "epoll");
	for (int i = 0; i < n; i++) {
		struct link *link = events[i].data.ptr;

		ready[i] = link;
		if (!link)
			continue;
		link->room = link_writing(link);
		link->hung = events[i].events & (EPOLLHUP | EPOLLERR);
	}
	return n < 0 ? 0 : n;
}

static void make_busy(struct links *links, struct link *link)
{
	if (!link->busy)
		links->busy[links->nbusy++] = link;
	link->busy = true;
}

void link_owe(struct links *links, struct link *link, uint32_t ref,
	      uint64_t index)
{
	if (link->nanswers == LINKS_SHARE)
		die("a link is owed too many answers");
	link->answers[link->nanswers++] = (struct audit_answer){ ref, index };
	make_busy(links, link);
}

void link_owe_proof(struct links *links, struct link *link, uint32_t ref,
		    uint64_t index)
{
	link->asked = true;
	link->question = (struct audit_answer){ ref, index };
	make_busy(links, link);
}

static bool owing(const struct link *link)
{
	return link->nanswers > 0 || link->asked;
}

bool link_due(const struct link *link)
{
	return !link->dead && owing(link) &&
	       (link->room || !link_writing(link));
}

/* 1: sent; 0: no room; -1: gone. */
static int send_now(int fd, const struct msg *m)
{
	if (send(fd, m->data, m->len, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0)
		return 1;
	return errno == EAGAIN || errno == EINTR ? 0 : -1;
}

void link_answer(struct link *link)
{
	static struct msg m;

	if (link->dead || link->nanswers == 0)
		return;
	msg_start(&m, MSG_RECORDED, link->answers[0].ref);
	msg_put_u64(&m, link->answers[0].index);
	for (unsigned int i = 1; i < link->nanswers; i++) {
		msg_put_u32(&m, link->answers[i].ref);
		msg_put_u64(&m, link->answers[i].index);
	}
	/* Who is gone hears nothing, but what it sent before still counts: a
	 * watcher that was killed had let files be opened for it. */
	if (send_now(link->fd, &m) != 0)
		link->nanswers = 0;
}

void link_heard(struct links *links, struct link *link)
{
	if (link->awaited)
		links->awaited--;
	link->awaited = false;
}

void link_gone(struct links *links, struct link *link)
{
	link->dead = true;
	link_heard(links, link);
	make_busy(links, link);
}

void link_refuse(struct links *links, struct link *link, uint32_t ref,
		 const char *why)
{
	static struct msg m;

	msg_start(&m, MSG_REFUSED, ref);
	msg_put_str(&m, why);
	send_now(link->fd, &m);
	link_gone(links, link);
}

void link_prove(struct links *links, struct link *link,
		const struct prove_found *found)
{
	static struct msg m;

	msg_start(&m, MSG_PROOF, link->question.ref);
	msg_put_bytes(&m, found->entry, found->entry_len);
	msg_put_bytes(&m, found->text, found->text_len);
	if (m.bad) {
		link_refuse(links, link, link->question.ref,
			    "the entry and its proof do not fit a message");
		return;
	}
	link->asked = send_now(link->fd, &m) == 0;
}

void link_unask(struct link *link)
{
	link->asked = link->parked = false;
}

/* Nothing more can come: is there nothing that came before? */
static bool is_empty(const struct link *link)
{
	char first;

	return recv(link->fd, &first, 1, MSG_PEEK | MSG_DONTWAIT) <= 0;
}

void link_hold(struct links *links, struct link *link)
{
	if (link->hung && is_empty(link)) {
		link_gone(links, link);
		return;
	}
	link->held = true;
	make_busy(links, link);
}

/* What a link is waited for. */
static unsigned int wanted(const struct link *link)
{
	if (link->parked)
		return 0;
	if (owing(link))
		return EPOLLOUT;
	return link->held ? 0 : EPOLLIN;
}

/* Who is gone would be ready again and again, even if nothing is waited for. */
static int await(const struct links *links, struct link *link)
{
	unsigned int events = wanted(link);
	bool aside = link->held && link->hung && events == 0;
	int how = EPOLL_CTL_MOD;

	if (events == link->events && aside == link->aside)
		return 0;
	if (aside || link->aside)
		how = aside ? EPOLL_CTL_DEL : EPOLL_CTL_ADD;
	link->events = events;
	link->aside = aside;
	return watch(links, how, link->fd, link, events);
}

static int watch_supervisor(struct links *links, bool orders, struct err *err)
{
	unsigned int events = EPOLLIN | (orders ? EPOLLOUT : 0);

	if (orders == links->orders)
		return 0;
	links->orders = orders;
	if (watch(links, EPOLL_CTL_MOD, links->supervisor, NULL, events) < 0)
		return err_sys(err, "watch the supervisor's link");
	return 0;
}

int links_settle(struct links *links, bool orders, struct err *err)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < links->nbusy; i++) {
		struct link *link = links->busy[i];

		if (link->dead) {
			link_heard(links, link);
			/* Somebody else may hold its end, too. */
			epoll_ctl(links->epoll, EPOLL_CTL_DEL, link->fd, NULL);
			close(link->fd);
			free(link);
			links->n--;
			continue;
		}
		if (await(links, link) < 0)
			return err_sys(err, "watch a writer's link");
		link->busy = link->events != EPOLLIN;
		link->room = false;
		if (link->busy) {
			links->busy[kept++] = link;
			continue;
		}
		if (!link->awaited)
			links->awaited++;
		link->awaited = true;
	}
	links->nbusy = kept;
	return watch_supervisor(links, orders, err);
}
