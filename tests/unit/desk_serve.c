/* links: gateway/desk policy/airlock/findings audit gateway/base; -ledit -lcrypto */
/*
 * desk_serve - the desk of a session against hostile clients.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "gateway/base/process.h"
#include "gateway/desk/desk.h"
#include "tests/unit/answers.h"
#include "tests/unit/tap.h"

/* Answers every record as durable until its link ends. */
static void be_audit(int link)
{
	static struct msg m;
	struct err err;

	for (uint64_t index = 1; msg_receive(link, &m, &err) > 0; index++) {
		uint32_t ref = m.ref;

		msg_clear(&m);
		msg_start(&m, MSG_RECORDED, ref);
		msg_put_u64(&m, index);
		msg_send(link, &m, &err);
	}
	_exit(0);
}

static int bound_socket(struct sockaddr_un *name)
{
	int sock = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0);

	*name = (struct sockaddr_un){ .sun_family = AF_UNIX };
	snprintf(name->sun_path, sizeof name->sun_path, "%.80s/desk",
		 tap_folder());
	CHECK(bind(sock, (struct sockaddr *)name, sizeof *name) == 0);
	CHECK(listen(sock, 16) == 0);
	return sock;
}

/* Policy: a check is answered only after something else was asked. */
static void be_policy(int link)
{
	static struct msg m;
	static struct result result;
	uint32_t held = 0;
	char verb[64];
	struct err err;

	while (msg_receive(link, &m, &err) > 0) {
		uint32_t ref = m.ref;

		msg_get_str(&m, verb, sizeof verb);
		msg_clear(&m);
		if (strcmp(verb, "check") == 0 || strcmp(verb, "submit") == 0) {
			held = ref;
			continue;
		}
		answers_give(&result, verb, "");
		result_send(link, ref, &result, &err);
		answers_check(&result);
		if (held > 0)
			result_send(link, held, &result, &err);
		held = 0;
	}
	_exit(0);
}

/* A desk for a researcher's session; its address goes to name. The test's
 * end of the supervisor's link keeps it alive. */
static void start_desk(struct sockaddr_un *name)
{
	static struct desk desk;
	int audit[2], policy[2], super[2];
	struct err err = { "" };

	desk = (struct desk){ .for_session = true,
			      .role = DESK_RESEARCHER,
			      .actor = "a",
			      .session = "s",
			      .permit = "P",
			      .lang = "en",
			      .log = -1,
			      .vault = -1 };
	CHECK(msg_pair(audit, &err) == 0 && msg_pair(policy, &err) == 0);
	/* PROCESS_LINK's number must be free for the link. */
	desk.serving = fcntl(bound_socket(name), F_DUPFD, 20);
	desk.audit = fcntl(audit[0], F_DUPFD, 20);
	desk.policy = fcntl(policy[0], F_DUPFD, 20);
	if (fork() == 0) {
		close(audit[0]);
		close(desk.audit);
		be_audit(audit[1]);
	}
	if (fork() == 0) {
		close(policy[0]);
		close(desk.policy);
		be_policy(policy[1]);
	}
	CHECK(msg_pair(super, &err) == 0);
	if (fork() > 0)
		return;
	int link = fcntl(super[0], F_DUPFD, 20);
	close(super[1]);
	dup2(link, PROCESS_LINK);
	_exit(desk_serve(&desk, &err) < 0);
}

static int connect_to(const struct sockaddr_un *name)
{
	int sock = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	CHECK(connect(sock, (const struct sockaddr *)name, sizeof *name) == 0);
	return sock;
}

/* Ask for help; the exit status, or -1 if the desk hung up. */
static int ask_help(const struct sockaddr_un *name, const char *word, int fd)
{
	static struct msg m;
	struct err err;
	AUTO_FD int sock = connect_to(name);

	msg_start(&m, MSG_CLIENT, 0);
	msg_put_u8(&m, 1);
	msg_put_u32(&m, 80);
	msg_put_str(&m, "/out");
	msg_put_u32(&m, 1);
	msg_put_str(&m, word);
	if (fd >= 0)
		msg_put_fd(&m, fd);
	msg_send(sock, &m, &err);
	while (msg_receive(sock, &m, &err) > 0)
		if (m.type == MSG_CLIENT_EXIT)
			return msg_get_u8(&m);
	return -1;
}

TEST(help, "a client that asks for help gets it; an unknown word is refused")
{
	struct sockaddr_un name;

	start_desk(&name);
	CHECK_INT(ask_help(&name, "help", -1), 0);
	CHECK_INT(ask_help(&name, "log", -1), RESULT_WRONG);
	CHECK_INT(ask_help(&name, "exit", -1), RESULT_WRONG);
}

TEST(hostile, "any bytes cost the client its connection, not the desk")
{
	struct sockaddr_un name;
	char bytes[3000];

	start_desk(&name);
	for (size_t len = 1; len < sizeof bytes; len += 97) {
		char one;
		AUTO_FD int sock = connect_to(&name);

		memset(bytes, (int)(len % 256), len);
		CHECK(send(sock, bytes, len, 0) == (ssize_t)len);
		CHECK(recv(sock, &one, 1, 0) <= 0);
	}
	CHECK_INT(ask_help(&name, "help", -1), 0);
}

TEST(descriptors, "a message that brings a descriptor is not answered")
{
	struct sockaddr_un name;

	start_desk(&name);
	CHECK_INT(ask_help(&name, "help", 0), -1);
	CHECK_INT(ask_help(&name, "help", -1), 0);
}

TEST(flood, "many commands at once are refused after a bound")
{
	struct sockaddr_un name;
	unsigned int refused = 0;

	start_desk(&name);
	for (int i = 0; i < 60; i++)
		refused += ask_help(&name, "help", -1) == RESULT_FAILED;
	CHECK(refused > 10 && refused < 60);
}

TEST(silent, "silent clients in every place do not keep others out")
{
	struct sockaddr_un name;

	start_desk(&name);
	for (int i = 0; i < 8; i++)
		connect_to(&name);
	CHECK_INT(ask_help(&name, "help", -1), 0);
}

/* --- The export road ---------------------------------------------------------- */

struct heard {
	int exit; /* -1: hung up */
	bool waits;
	char lacks[64], text[16 * 1024];
};

/* Send CLIENT: words between blanks, typed in cwd. */
static int send_words(const struct sockaddr_un *name, const char *cwd,
		      uint8_t terminal, const char *words)
{
	static struct msg m;
	struct err err;
	char copy[512], *rest = copy, *word;
	uint32_t n = 1;
	int sock = connect_to(name);

	snprintf(copy, sizeof copy, "%s", words);
	for (const char *c = copy; *c; c++)
		n += *c == ' ';
	msg_start(&m, MSG_CLIENT, 0);
	msg_put_u8(&m, terminal);
	msg_put_u32(&m, 80);
	msg_put_str(&m, cwd);
	msg_put_u32(&m, n);
	while ((word = strsep(&rest, " ")))
		msg_put_str(&m, word);
	CHECK(msg_send(sock, &m, &err) == 0);
	return sock;
}

static struct heard hear(int sock)
{
	static struct msg m;
	struct heard heard = { .exit = -1 };
	struct err err;

	while (heard.exit < 0 && msg_receive(sock, &m, &err) > 0) {
		size_t len, used = strlen(heard.text);
		const uint8_t *bytes;

		if (m.type == MSG_CLIENT_WAIT)
			heard.waits = true;
		if (m.type == MSG_CLIENT_LACKS)
			msg_get_str(&m, heard.lacks, sizeof heard.lacks);
		if (m.type == MSG_CLIENT_EXIT)
			heard.exit = msg_get_u8(&m);
		if (m.type != MSG_CLIENT_TEXT)
			continue;
		msg_get_u8(&m);
		bytes = msg_get_bytes(&m, &len);
		snprintf(heard.text + used, sizeof heard.text - used, "%.*s",
			 (int)len, (const char *)bytes);
	}
	close(sock);
	return heard;
}

TEST(long_check, "while one client waits for a check, others are answered")
{
	struct sockaddr_un name;
	struct heard heard;

	start_desk(&name);
	int checks = send_words(&name, "/out", 1, "check a.csv");
	heard = hear(send_words(&name, "/out", 1, "help"));
	CHECK_INT(heard.exit, 0);
	heard = hear(send_words(&name, "/out", 1, "status"));
	CHECK_INT(heard.exit, 0);
	CHECK(strstr(heard.text, "in review") != NULL);
	heard = hear(checks);
	CHECK(heard.waits);
	CHECK_INT(heard.exit, 2);
	CHECK(strstr(heard.text, "BLOCKED: 3 findings") != NULL);
	CHECK(strstr(heard.text, "T01_MIN_CELL") != NULL);
}

TEST(left, "a client that leaves while it waits keeps nobody else out")
{
	struct sockaddr_un name;

	start_desk(&name);
	for (int i = 0; i < 20; i++) {
		close(send_words(&name, "/out", 1, "check a.csv"));
		usleep(210000);
	}
	CHECK_INT(hear(send_words(&name, "/out", 1, "status")).exit, 0);
	CHECK_INT(hear(send_words(&name, "/out", 1, "help")).exit, 0);
}

TEST(second_message, "a client that speaks while it waits is hung up on")
{
	struct sockaddr_un name;
	char one;

	start_desk(&name);
	int checks = send_words(&name, "/out", 0, "check a.csv");
	CHECK(recv(checks, &one, 1, 0) > 0);
	CHECK(send(checks, "more", 4, 0) == 4);
	CHECK(recv(checks, &one, 1, 0) <= 0);
	CHECK_INT(ask_help(&name, "help", -1), 0);
}

TEST(purpose, "a missing purpose is asked for on a terminal, else refused")
{
	struct sockaddr_un name;
	struct heard heard;

	start_desk(&name);
	heard = hear(send_words(&name, "/out", 2, "submit a.csv"));
	CHECK_INT(heard.exit, -1);
	CHECK_STR(heard.lacks, "--purpose");
	heard = hear(send_words(&name, "/out", 1, "submit a.csv"));
	CHECK_INT(heard.exit, 4);
	CHECK(strstr(heard.text, "submit --purpose") != NULL);
}

TEST(elsewhere, "a file outside of /out is refused with where to copy it")
{
	struct sockaddr_un name;
	struct heard heard;

	start_desk(&name);
	heard = hear(send_words(&name, "/workspace", 1, "check a.csv"));
	CHECK_INT(heard.exit, 4);
	CHECK(strstr(heard.text, "cp FILE /out") != NULL);
}

TAP_MAIN
