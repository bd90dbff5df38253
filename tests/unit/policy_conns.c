/* links: policy audit gateway/base; -lsqlite3 -lyaml -lcrypto */
/*
 * policy_conns - a connection with a transfer or a desk ends with the right to
 * it, whatever else its person may do, and whatever they ask meanwhile.
 */
#include "tests/unit/policy_world.h"

enum { SHELL = 1, SFTP = 3 };

/* taro logs in without the name of a permit. */
static int enter(void)
{
	static struct msg got;
	uint8_t blob[51];
	int pair[2];

	CHECK(msg_pair(pair, &err) == 0);
	msg_start(&w.m, MSG_PEER_CONN, 0);
	msg_put_u32(&w.m, 7);
	msg_put_str(&w.m, "192.0.2.1");
	msg_put_fd(&w.m, pair[1]);
	world_send(w.stage.link);
	close(pair[1]);
	msg_start(&w.m, MSG_KEY, 0);
	msg_put_str(&w.m, "taro");
	msg_put_str(&w.m, "ssh-ed25519");
	msg_put_bytes(&w.m, blob, key_of("taro", blob));
	world_send(pair[0]);
	CHECK(pump(pair[0], PATIENCE) && msg_receive(pair[0], &got, &err) == 1);
	CHECK_INT(got.type, MSG_KEY_OK);
	msg_start(&w.m, MSG_CODE, 0);
	msg_put_str(&w.m, w.codes[w.code++]);
	world_send(pair[0]);
	CHECK(pump(pair[0], PATIENCE) && msg_receive(pair[0], &got, &err) == 1);
	CHECK_INT(got.type, MSG_WELCOME);
	return pair[0];
}

static void open_channel(int conn, uint32_t channel, uint8_t kind)
{
	msg_start(&w.m, MSG_OPEN, 0);
	msg_put_u32(&w.m, channel);
	msg_put_u8(&w.m, kind);
	msg_put_u8(&w.m, kind == SHELL);
	msg_put_str(&w.m, "xterm");
	msg_put_u32(&w.m, 80);
	msg_put_u32(&w.m, 24);
	msg_put_str(&w.m, "");
	world_send(conn);
}

static void write_second(void)
{
	write_text("permits/P-2.yaml",
		   "version: 1\npermit: P-2\ntitle: Two\npurpose: Test\n"
		   "persons: [taro]\nstarts: 2020-01-01\nends: 2999-12-31\n"
		   "datasets: []\n");
}

/* A transfer under P-1, the only one there is, and then P-2 beside it. */
static int transfer(int op)
{
	CHECK_INT(ask(op, "suspend", "permit", "P-2", "later", NULL), 0);
	int conn = enter();
	open_channel(conn, 5, SFTP);
	pump(-1, 60);
	CHECK(logged("channel.open ok") != NULL);
	CHECK(strstr(logged("channel.open ok"), "P-1") != NULL);
	CHECK_INT(ask(op, "lift", "permit", "P-2", NULL), 0);
	CHECK(!stage_readable(conn, 300));
	return conn;
}

static bool is_dropped(int conn)
{
	static struct msg got;

	return pump(conn, PATIENCE) && msg_receive(conn, &got, &err) == 0;
}

TEST(other, "a transfer ends with its permit, though its person has another")
{
	world_make();
	write_second();
	world_start();
	int op = control(4242);
	int conn = transfer(op);

	CHECK_INT(ask(op, "suspend", "permit", "P-1", "now", NULL), 0);
	CHECK(is_dropped(conn));
	world_end();
}

TEST(again, "who asked for another channel keeps no transfer that must end")
{
	world_make();
	write_second();
	world_start();
	int op = control(4242);
	int conn = transfer(op);

	/* Of P-1, too, although there are two by now. */
	open_channel(conn, 6, SHELL);
	pump(-1, 60);
	CHECK(logged("session.open ok") != NULL);
	CHECK(strstr(logged("session.open ok"), "P-1") != NULL);
	CHECK_INT(ask(op, "stop-all", "now", NULL), 0);
	CHECK(is_dropped(conn));
	world_end();
}

/* Send a verb and up to two words; the answer is read later. */
static void begin_to_ask(int fd, const char *verb, ...)
{
	va_list arguments;

	va_start(arguments, verb);
	ask_only(fd, verb, arguments);
	va_end(arguments);
}

TEST(applying, "what is asked while a policy is applied is done under the new")
{
	char session[ID_SIZE];
	unsigned long long order = 0;
	int status;

	world_make();
	world_start();
	int first = control(4242), second = control(4242);
	CHECK(log_in(session));
	uint64_t before = w.epoch;
	/* Known to policy, which then finds both questions at once. */
	CHECK_INT(ask(first, "status", NULL), 0);
	CHECK_INT(ask(second, "status", NULL), 0);
	kill(w.stage.pid, SIGSTOP);
	CHECK(waitpid(w.stage.pid, &status, WUNTRACED) == w.stage.pid);
	begin_to_ask(first, "stop-all", "now", NULL);
	begin_to_ask(second, "policy", "apply", NULL);
	kill(w.stage.pid, SIGCONT);
	CHECK_INT(answer_of(first), 0);
	CHECK_INT(answer_of(second), 0);
	pump(-1, 60);
	CHECK(w.epoch > before);
	const char *end = logged("session.end ok");
	CHECK(end != NULL);
	const char *number = end ? strstr(end, "order=") : NULL;
	CHECK(number && sscanf(number, "order=%llu", &order) == 1);
	/* One of before is refused by the supervisor. */
	CHECK_INT(order >> 32, w.epoch);
	world_end();
}

TAP_MAIN
