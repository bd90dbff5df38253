#include "gateway/supervisor/loop.h"

#include <errno.h>
#include <stddef.h>
#include <sys/epoll.h>

int loop_open(struct err *err)
{
	int loop = epoll_create1(EPOLL_CLOEXEC);

	if (loop < 0)
		return err_sys(err, "epoll_create1");
	return loop;
}

int loop_watch(int loop, struct watch *watch, int fd,
	       void (*ready)(struct watch *), void *owner, struct err *err)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = watch };

	*watch = (struct watch){ .fd = fd, .ready = ready, .owner = owner };
	if (epoll_ctl(loop, EPOLL_CTL_ADD, fd, &event) < 0) {
		watch->ready = NULL;
		return err_sys(err, "watch a descriptor");
	}
	return 0;
}

void loop_write(int loop, struct watch *watch, bool wanted)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = watch };

	if (wanted)
		event.events |= EPOLLOUT;
	if (watch->ready)
		epoll_ctl(loop, EPOLL_CTL_MOD, watch->fd, &event);
}

void loop_forget(int loop, struct watch *watch)
{
	if (watch->ready)
		epoll_ctl(loop, EPOLL_CTL_DEL, watch->fd, NULL);
	watch->ready = NULL;
}

int loop_turn(int loop, int milliseconds, struct err *err)
{
	struct epoll_event event;
	int n = epoll_wait(loop, &event, 1, milliseconds);

	if (n < 0 && errno != EINTR)
		return err_sys(err, "epoll_wait");
	if (n == 1) {
		struct watch *watch = event.data.ptr;

		watch->ready(watch);
	}
	return 0;
}
