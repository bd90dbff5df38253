/* links: gateway/client gateway/base */
/*
 * client_patience - what a person sees of a long check, and how they leave it.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "gateway/client/patience.h"
#include "tests/unit/tap.h"

static struct patience patience;
static struct err err;

static void read_wait(void)
{
	static struct msg m, got;
	int pair[2];

	CHECK(msg_pair(pair, &err) == 0);
	msg_start(&m, MSG_CLIENT_WAIT, 0);
	msg_put_str(&m, "checking");
	msg_put_str(&m, "it goes on");
	CHECK(msg_send(pair[0], &m, &err) == 0);
	CHECK(msg_receive(pair[1], &got, &err) == 1);
	patience_begin(&patience);
	CHECK_INT(patience_read(&patience, &got), 0);
	close(pair[0]);
	close(pair[1]);
}

/* Standard error becomes a terminal; its other end is returned. */
static int become_terminal(void)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	CHECK(master >= 0 && unlockpt(master) == 0);
	int slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY);
	CHECK(slave >= 0);
	CHECK(dup2(slave, STDERR_FILENO) == STDERR_FILENO);
	fcntl(master, F_SETFL, O_NONBLOCK);
	return master;
}

/* All that stands on the terminal; what was written gets there by and by. */
static const char *seen(int master)
{
	static char text[1024];
	struct pollfd wait = { .fd = master, .events = POLLIN };
	size_t used = 0;

	while (used + 1 < sizeof text && poll(&wait, 1, 300) > 0) {
		ssize_t n = read(master, text + used, sizeof text - 1 - used);

		if (n <= 0)
			break;
		used += (size_t)n;
	}
	text[used] = '\0';
	return text;
}

/* Something that can be read after so many microseconds. */
static int later(unsigned int microseconds)
{
	int ends[2];

	CHECK(pipe(ends) == 0);
	if (fork() == 0) {
		usleep(microseconds);
		_exit(write(ends[1], "x", 1) != 1);
	}
	return ends[0];
}

TEST(quick, "an answer that comes at once leaves no trace of waiting")
{
	int master = become_terminal();

	read_wait();
	CHECK(patience_wait(&patience, later(50000)));
	CHECK_STR(seen(master), "");
}

TEST(slow, "a long check shows its seconds, and takes them away again")
{
	int master = become_terminal();

	read_wait();
	CHECK(patience_wait(&patience, later(2700000)));
	const char *text = seen(master);
	CHECK(strstr(text, "checking 0 s") != NULL);
	CHECK(strstr(text, "checking 1 s") != NULL);
	CHECK_STR(text + strlen(text) - 4, "\r\033[K");
}

TEST(no_terminal, "without a terminal nothing is shown")
{
	char path[512], text[64];

	snprintf(path, sizeof path, "%s/stderr", tap_folder());
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	CHECK(fd >= 0 && dup2(fd, STDERR_FILENO) == STDERR_FILENO);
	read_wait();
	CHECK(patience_wait(&patience, later(600000)));
	CHECK_INT(pread(fd, text, sizeof text, 0), 0);
}

TEST(interrupt, "Ctrl-C leaves, and says that the check goes on")
{
	int master = become_terminal();
	pid_t self = getpid();

	read_wait();
	if (fork() == 0) {
		usleep(600000);
		_exit(kill(self, SIGINT) < 0);
	}
	CHECK(!patience_wait(&patience, later(5000000)));
	CHECK(patience.left);
	CHECK(strstr(seen(master), "it goes on") != NULL);
}

TEST(malformed, "a message that is not whole is no message")
{
	static struct msg m, got;
	int pair[2];

	CHECK(msg_pair(pair, &err) == 0);
	msg_start(&m, MSG_CLIENT_WAIT, 0);
	msg_put_str(&m, "checking");
	CHECK(msg_send(pair[0], &m, &err) == 0);
	CHECK(msg_receive(pair[1], &got, &err) == 1);
	patience_begin(&patience);
	CHECK_INT(patience_read(&patience, &got), -1);
}

TAP_MAIN
