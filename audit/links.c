#include "audit/links.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/base/own.h"

static int make_room(struct links *links)
{
	if (links->n < links->room)
		return 0;
	unsigned int room = links->room ? 2 * links->room : 16;
	struct link **all = reallocarray(links->all, room, sizeof(void *));
	if (!all)
		return -1;
	links->all = all;
	links->room = room;
	return 0;
}

int links_add(struct links *links, const struct intake_writer *who, int fd,
	      struct err *err)
{
	AUTO_FD int own = fd;

	if (links->n == LINKS_MAX)
		return err_set(err, "too many writers");
	if (fcntl(own, F_SETFL, O_RDWR | O_NONBLOCK) < 0)
		return err_sys(err, "a writer's link");
	struct link *link = calloc(1, sizeof *link);
	if (!link || make_room(links) < 0) {
		free(link);
		return err_set(err, "out of memory");
	}
	link->fd = take_fd(&own);
	link->who = *who;
	links->all[links->n++] = link;
	return 0;
}

void link_owe(struct link *link, uint32_t ref, uint64_t index)
{
	if (link->nanswers == LINKS_SHARE)
		die("a link is owed too many answers");
	link->answers[link->nanswers++] = (struct links_answer){ ref, index };
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

	while (!link->dead && link->sent < link->nanswers) {
		const struct links_answer *answer = &link->answers[link->sent];

		msg_start(&m, MSG_RECORDED, answer->ref);
		msg_put_u64(&m, answer->index);
		int sent = send_now(link->fd, &m);
		if (sent == 0)
			return;
		if (sent < 0)
			link->dead = true;
		else
			link->sent++;
	}
	link->sent = link->nanswers = 0;
}

void link_refuse(struct link *link, uint32_t ref, const char *why)
{
	static struct msg m;

	msg_start(&m, MSG_REFUSED, ref);
	msg_put_str(&m, why);
	send_now(link->fd, &m);
	link->dead = true;
}

bool link_owing(const struct link *link)
{
	return link->nanswers > 0 || link->asked;
}

void link_prove(struct link *link, const struct prove_found *found)
{
	static struct msg m;

	msg_start(&m, MSG_PROOF, link->question.ref);
	msg_put_bytes(&m, found->entry, found->entry_len);
	msg_put_bytes(&m, found->text, found->text_len);
	if (m.bad) {
		link_refuse(link, link->question.ref,
			    "the entry and its proof do not fit a message");
		return;
	}
	int sent = send_now(link->fd, &m);
	if (sent < 0)
		link->dead = true;
	link->asked = sent == 0;
}

void links_sweep(struct links *links)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < links->n; i++) {
		struct link *link = links->all[i];

		if (link->dead) {
			close(link->fd);
			free(link);
		} else {
			links->all[kept++] = link;
		}
	}
	links->n = kept;
}
