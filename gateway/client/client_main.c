/*
 * client_main - sekisho: the researcher's command inside the sandbox.
 *
 * Hands its arguments to the session's desk and prints the answer. Static and
 * not confined: it runs as the researcher, inside the sandbox, and can do
 * nothing that the researcher could not do without it. Distrusts nothing; the
 * desk distrusts it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "gateway/base/msg.h"
#include "gateway/base/own.h"
#include "gateway/base/text.h"

enum { EXIT_NO_DESK = 69, MOST_ARGUMENTS = 64 };

static const char desk_path[] = "/run/sekisho/desk";

static const char *language(void)
{
	const char *names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			return strncmp(value, "ja", 2) == 0 ? "ja" : "en";
	}
	return "en";
}

static int complain(enum text_id id, const char *argument)
{
	char line[1024];

	text_fill(line, sizeof line, language(), id, argument, NULL, NULL);
	fprintf(stderr, "sekisho: %s\n", line);
	return EXIT_NO_DESK;
}

static int connect_desk(void)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	AUTO_FD int sock = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	memcpy(name.sun_path, desk_path, sizeof desk_path);
	if (sock < 0 ||
	    connect(sock, (const struct sockaddr *)&name, sizeof name) < 0)
		return -1;
	return take_fd(&sock);
}

static int send_request(int sock, int argc, char **argv, struct err *err)
{
	static struct msg m;
	struct winsize size = { 0 };
	bool tty = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;

	msg_start(&m, MSG_CLIENT, 0);
	msg_put_u8(&m, tty);
	msg_put_u32(&m, size.ws_col);
	msg_put_u32(&m, (uint32_t)argc - 1);
	for (int i = 1; i < argc; i++)
		msg_put_str(&m, argv[i]);
	return msg_send(sock, &m, err);
}

static int write_all(int fd, const uint8_t *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		bytes += n;
		len -= (size_t)n;
	}
	return 0;
}

/* The exit status of the verb, or -1: the desk went away. */
static int print_answer(int sock)
{
	static struct msg m;
	struct err err;

	while (msg_receive(sock, &m, &err) > 0) {
		uint8_t first = msg_get_u8(&m);
		size_t len = 0;
		const uint8_t *bytes = NULL;

		if (m.type == MSG_CLIENT_TEXT)
			bytes = msg_get_bytes(&m, &len);
		if (!msg_done(&m))
			return -1;
		if (m.type == MSG_CLIENT_EXIT)
			return first;
		if (bytes &&
		    write_all(first == 2 ? STDERR_FILENO : STDOUT_FILENO, bytes,
			      len) < 0)
			return EXIT_FAILURE;
	}
	return -1;
}

int main(int argc, char **argv)
{
	struct err err = { "" };
	AUTO_FD int sock = connect_desk();

	if (sock < 0)
		return complain(TEXT_CLIENT_NO_DESK, strerror(errno));
	if (argc < 1 || argc > MOST_ARGUMENTS)
		return complain(TEXT_CLIENT_TOO_LONG, NULL);
	if (send_request(sock, argc, argv, &err) < 0)
		return complain(TEXT_CLIENT_TOO_LONG, NULL);
	int status = print_answer(sock);
	if (status < 0)
		return complain(TEXT_CLIENT_DESK_GONE, NULL);
	return status;
}
