/*
 * patience - seconds on a terminal.
 *
 * Runs in sekisho, as the researcher.
 */
#include "gateway/client/patience.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { SOON_MS = 400, SECOND_MS = 1000 };

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
	(void)number;
	interrupted = 1;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void patience_begin(struct patience *patience)
{
	*patience = (struct patience){ .shows = isatty(STDERR_FILENO) != 0 };
}

int patience_read(struct patience *patience, struct msg *m)
{
	struct sigaction action = { .sa_handler = on_interrupt };

	msg_get_str(m, patience->what, sizeof patience->what);
	msg_get_str(m, patience->goodbye, sizeof patience->goodbye);
	if (!msg_done(m))
		return -1;
	patience->since = now_ms();
	sigaction(SIGINT, &action, NULL);
	return 0;
}

static void show(struct patience *patience)
{
	int64_t seconds = (now_ms() - patience->since) / SECOND_MS;

	if (!patience->shows || !*patience->what)
		return;
	fprintf(stderr, "\r%s %lld s", patience->what, (long long)seconds);
	patience->shown = true;
}

static void clear(struct patience *patience)
{
	if (patience->shown)
		fputs("\r\033[K", stderr);
	patience->shown = false;
}

bool patience_wait(struct patience *patience, int sock)
{
	int wait = patience->shown ? SECOND_MS : SOON_MS;

	for (;;) {
		struct pollfd fds = { .fd = sock, .events = POLLIN };
		int n = poll(&fds, 1, *patience->what ? wait : -1);

		if (interrupted) {
			clear(patience);
			fprintf(stderr, "%s\n", patience->goodbye);
			patience->left = true;
			return false;
		}
		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0) {
			clear(patience);
			return true;
		}
		show(patience);
		wait = SECOND_MS;
	}
}
