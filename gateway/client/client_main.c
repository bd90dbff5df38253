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
#include "gateway/client/patience.h"

enum { EXIT_NO_DESK = 69, MOST_ARGUMENTS = 128, LINE_SIZE = 256 };

/* What came of one question; an exit status if it is not below zero. */
enum { DESK_GONE = -1, DESK_LACKS = -2 };

static const char desk_path[] = "/run/sekisho/desk";

/* What the desk wants to know from the person before it can answer. */
struct lack {
	char option[32], question[512], answer[LINE_SIZE];
};

static const char *language(void)
{
	const char *names[] = { "SEKISHO_LANG", "LC_ALL", "LC_MESSAGES",
				"LANG" };

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

/* 0 none, 1 shows, 2 shows and can ask the person. */
static uint8_t terminal(uint32_t *cols)
{
	struct winsize size = { 0 };

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0)
		return 0;
	*cols = size.ws_col;
	return isatty(STDIN_FILENO) && isatty(STDERR_FILENO) ? 2 : 1;
}

/* argv, and behind the verb what the person answered. */
static void put_arguments(struct msg *m, char **argv, const struct lack *lack)
{
	bool answer = *lack->answer != '\0';
	uint32_t n = 0;

	while (argv[n])
		n++;
	msg_put_u32(m, n + (answer ? 2 : 0));
	for (uint32_t i = 0; i < n; i++) {
		msg_put_str(m, argv[i]);
		if (!answer || strncmp(argv[i], "--", 2) == 0)
			continue;
		msg_put_str(m, lack->option);
		msg_put_str(m, lack->answer);
		answer = false;
	}
}

static int send_request(int sock, char **argv, const struct lack *lack,
			struct err *err)
{
	static struct msg m;
	char cwd[4096];
	uint32_t cols = 0;
	uint8_t kind = terminal(&cols);

	/* From a folder that is gone, only whole paths mean anything. */
	if (!getcwd(cwd, sizeof cwd))
		cwd[0] = '\0';
	msg_start(&m, MSG_CLIENT, 0);
	msg_put_u8(&m, kind == 2 && *lack->answer ? 1 : kind);
	msg_put_u32(&m, cols);
	msg_put_str(&m, cwd);
	put_arguments(&m, argv, lack);
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

/* Print a piece of the answer. DESK_GONE if it is none, EXIT_FAILURE if
 * nobody reads, else 0. */
static int print_text(struct msg *m)
{
	uint8_t stream = msg_get_u8(m);
	size_t len;
	const uint8_t *bytes = msg_get_bytes(m, &len);

	if (!msg_done(m))
		return DESK_GONE;
	return write_all(stream == 2 ? STDERR_FILENO : STDOUT_FILENO, bytes,
			 len) < 0
		       ? EXIT_FAILURE
		       : 0;
}

/* The exit status of the verb, DESK_LACKS, or DESK_GONE. */
static int print_answer(int sock, struct lack *lack)
{
	static struct patience patience;
	static struct msg m;
	struct err err;

	patience_begin(&patience);
	while (patience_wait(&patience, sock) &&
	       msg_receive(sock, &m, &err) > 0) {
		int status = 0;

		switch (m.type) {
		case MSG_CLIENT_TEXT:
			status = print_text(&m);
			break;
		case MSG_CLIENT_WAIT:
			status = patience_read(&patience, &m);
			break;
		case MSG_CLIENT_LACKS:
			msg_get_str(&m, lack->option, sizeof lack->option);
			msg_get_str(&m, lack->question, sizeof lack->question);
			return msg_done(&m) ? DESK_LACKS : DESK_GONE;
		case MSG_CLIENT_EXIT:
			status = msg_get_u8(&m);
			return msg_done(&m) ? status : DESK_GONE;
		default:
			return DESK_GONE;
		}
		if (status != 0)
			return status;
	}
	return patience.left ? EXIT_INTERRUPTED : DESK_GONE;
}

/* Read one line. 0, or -1: none, or an empty one. */
static int ask_person(struct lack *lack)
{
	fprintf(stderr, "%s ", lack->question);
	if (!fgets(lack->answer, sizeof lack->answer, stdin))
		return -1;
	lack->answer[strcspn(lack->answer, "\r\n")] = '\0';
	return *lack->answer ? 0 : -1;
}

static int ask_desk(char **argv, struct lack *lack)
{
	struct err err = { "" };
	AUTO_FD int sock = connect_desk();

	if (sock < 0)
		return complain(TEXT_CLIENT_NO_DESK, strerror(errno));
	if (send_request(sock, argv, lack, &err) < 0)
		return complain(TEXT_CLIENT_TOO_LONG, NULL);
	return print_answer(sock, lack);
}

int main(int argc, char **argv)
{
	static struct lack lack;
	int status;

	if (argc < 1 || argc > MOST_ARGUMENTS)
		return complain(TEXT_CLIENT_TOO_LONG, NULL);
	status = ask_desk(argv + 1, &lack);
	if (status == DESK_LACKS && ask_person(&lack) < 0)
		return complain(TEXT_CLIENT_NOTHING, NULL);
	if (status == DESK_LACKS)
		status = ask_desk(argv + 1, &lack);
	if (status < 0)
		return complain(TEXT_CLIENT_DESK_GONE, NULL);
	return status;
}
