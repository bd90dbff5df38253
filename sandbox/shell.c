/*
 * shell - see shell.h; this half runs in sekisho-init.
 */
#include "sandbox/shell.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "sandbox/shell_child.h"

enum { WORD_MAX = 32768 };

static void get_words(struct msg *m, char *words[SHELL_WORDS + 1])
{
	static char word[WORD_MAX];
	uint32_t n = msg_get_u32(m);

	if (n > SHELL_WORDS)
		m->bad = true;
	for (uint32_t i = 0; i < n && !m->bad; i++) {
		msg_get_str(m, word, sizeof word);
		words[i] = strdup(word);
		if (!words[i])
			m->bad = true;
	}
}

int shell_order_get(struct shell_order *order, struct msg *m, struct err *err)
{
	memset(order, 0, sizeof *order);
	order->id = msg_get_u32(m);
	order->tty = msg_get_u8(m) != 0;
	order->cols = msg_get_u32(m);
	order->rows = msg_get_u32(m);
	get_words(m, order->argv);
	get_words(m, order->environment);
	if (!msg_done(m) || !order->argv[0] || order->argv[0][0] != '/')
		return err_set(err, "malformed SPAWN");
	return 0;
}

void shell_order_clear(struct shell_order *order)
{
	for (size_t i = 0; i < SHELL_WORDS; i++) {
		free(order->argv[i]);
		free(order->environment[i]);
	}
	memset(order, 0, sizeof *order);
}

static unsigned short cells(uint32_t n)
{
	return (unsigned short)(n == 0 ? 1 : n > 1000 ? 1000 : n);
}

static int open_terminal(struct shell *shell, const struct shell_order *order,
			 int inside[SHELL_ENDS], struct err *err)
{
	struct winsize size = { .ws_row = cells(order->rows),
				.ws_col = cells(order->cols) };
	AUTO_FD int master =
		open("/dev/pts/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
	int unlock = 0;

	if (master < 0 || ioctl(master, TIOCSPTLCK, &unlock) < 0 ||
	    ioctl(master, TIOCSWINSZ, &size) < 0)
		return err_sys(err, "make a terminal");
	inside[0] = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (inside[0] < 0)
		return err_sys(err, "open the terminal");
	shell->ends[0] = take_fd(&master);
	shell->nends = 1;
	return 0;
}

static int open_pipes(struct shell *shell, int inside[SHELL_ENDS],
		      struct err *err)
{
	for (unsigned int i = 0; i < SHELL_ENDS; i++) {
		int pair[2];

		if (pipe2(pair, O_CLOEXEC) < 0)
			return err_sys(err, "make a pipe");
		inside[i] = pair[i == 0 ? 0 : 1];
		shell->ends[i] = pair[i == 0 ? 1 : 0];
		shell->nends = i + 1;
	}
	return 0;
}

/* The child says READY with its listener, or FAILED with why. */
static int hear(struct shell *shell, struct err *err)
{
	static struct msg m;
	char why[sizeof err->text];
	int got = msg_receive(shell->gate, &m, err);

	if (got <= 0)
		return got < 0 ? -1 : err_set(err, "a shell's child died");
	if (m.type == MSG_READY) {
		shell->listener = msg_get_fd(&m);
		if (msg_done(&m))
			return 0;
	} else if (m.type == MSG_FAILED) {
		msg_get_str(&m, why, sizeof why);
		if (msg_done(&m))
			return err_set(err, "%s", why);
	}
	msg_clear(&m);
	return err_set(err, "a shell's child made no sense");
}

static int fork_child(struct shell *shell, const struct shell_order *order,
		      const int inside[SHELL_ENDS], struct err *err)
{
	int pair[2];

	if (msg_pair(pair, err) < 0)
		return -1;
	shell->gate = pair[0];

	AUTO_FD int theirs = pair[1];

	shell->pid = fork();
	if (shell->pid < 0)
		return err_sys(err, "fork");
	if (shell->pid == 0)
		shell_child_live(order, inside, theirs);
	own_close(&theirs);
	return hear(shell, err);
}

/* A child that waits at the gate ends when it closes. */
static void close_all(struct shell *shell)
{
	own_close(&shell->gate);
	own_close(&shell->listener);
	for (unsigned int i = 0; i < SHELL_ENDS; i++)
		own_close(&shell->ends[i]);
}

int shell_begin(struct shell *shell, const struct shell_order *order,
		struct err *err)
{
	int inside[SHELL_ENDS] = { -1, -1, -1 };
	int done;

	memset(shell, 0, sizeof *shell);
	shell->id = order->id;
	shell->listener = shell->gate = -1;
	for (unsigned int i = 0; i < SHELL_ENDS; i++)
		shell->ends[i] = -1;
	done = order->tty ? open_terminal(shell, order, inside, err)
			  : open_pipes(shell, inside, err);
	if (done == 0)
		done = fork_child(shell, order, inside, err);
	for (unsigned int i = 0; i < SHELL_ENDS; i++)
		own_close(&inside[i]);
	if (done < 0)
		close_all(shell);
	return done;
}

void shell_release(struct shell *shell)
{
	struct err ignored;
	static struct msg m;

	msg_start(&m, MSG_READY, 0);
	/* A child that died meanwhile is reaped like any other. */
	msg_send(shell->gate, &m, &ignored);
	close_all(shell);
}
