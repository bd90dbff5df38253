/*
 * link - the desk's wire to the supervisor.
 *
 * Runs in sekisho-desk, on consoles. The supervisor is trusted; that a view
 * is the one that was asked for is told by its number alone.
 */
#include "gateway/desk/link.h"

#include <errno.h>
#include <poll.h>
#include <time.h>

#include "gateway/base/own.h"
#include "gateway/base/process.h"

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The vault was started again; whoever's desk this is may read it. */
static void take_vault(struct desk *desk, struct msg *m)
{
	AUTO_FD int fd = msg_get_fd(m);

	if (!msg_done(m)) {
		desk->leaving = true;
		return;
	}
	own_close(&desk->vault);
	desk->vault = take_fd(&fd);
}

/* Receive one message. The pipe of a view and its number, or -1. */
static int take(struct desk *desk, uint64_t *view)
{
	static struct msg m;
	struct err ignored;
	AUTO_FD int pipe = -1;

	*view = 0;
	int got = msg_receive(PROCESS_LINK, &m, &ignored);
	if (got > 0 && m.type == MSG_LINK_VAULT) {
		take_vault(desk, &m);
		msg_clear(&m);
		return -1;
	}
	if (got <= 0 || m.type != MSG_VIEW) {
		desk->leaving = true;
		msg_clear(&m);
		return -1;
	}
	*view = msg_get_u64(&m);
	pipe = msg_get_fd(&m);
	if (!msg_done(&m)) {
		desk->leaving = true;
		own_close(&pipe);
	}
	msg_clear(&m);
	return take_fd(&pipe);
}

void link_hear(struct desk *desk)
{
	uint64_t view;
	AUTO_FD int late = take(desk, &view);

	(void)late;
}

int link_view(struct desk *desk, uint64_t view, int milliseconds,
	      struct err *err)
{
	int64_t until = now_ms() + milliseconds;

	while (!desk->leaving) {
		struct pollfd wait = { .fd = PROCESS_LINK, .events = POLLIN };
		int64_t left = until - now_ms();
		int n = left > 0 ? poll(&wait, 1, (int)left) : 0;
		uint64_t number;

		if (n == 0)
			return err_set(err, "the view did not come in time");
		if (n < 0 && errno != EINTR)
			return err_sys(err, "wait for a view");
		if (n < 0)
			continue;
		AUTO_FD int pipe = take(desk, &number);
		if (pipe >= 0 && number == view)
			return take_fd(&pipe);
	}
	return err_set(err, "the gateway is stopping");
}
