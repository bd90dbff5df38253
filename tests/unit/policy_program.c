/* links: policy audit gateway/base; -lsqlite3 -lyaml -lcrypto */
/*
 * policy_program - the built sekisho-policy, with the test as its supervisor,
 * as audit and as the connections that ask.
 */
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include "audit/client.h"
#include "policy/factor.h"
#include "tests/unit/stage.h"

static const char program[] = "build/bin/sekisho-policy";

/* The blob of the key below: type and 32 bytes. */
static const uint8_t blob[] = "\0\0\0\x0bssh-ed25519\0\0\0 \xc4\xef\xfc\x33"
			      "\x18\xb6\xd3\x71\xa4\x1c\x75\x9b\xa1\x70\xfb"
			      "\xf3\x0d\x80\x89\x86\x3b\x2c\x36\xed\x61\xa5"
			      "\x2a\x92\x39\x03\x0e\xf4";

static const char site_text[] = "version: 1\nname: Test\ntoolset: analysis\n"
				"login: {code_attempts: 2}\n";
static const char person_text[] =
	"version: 1\nperson: taro\nname: Taro\norganisation: Example\n"
	"roles: [researcher]\nkeys:\n  - ssh-ed25519 "
	"AAAAC3NzaC1lZDI1NTE5AAAAIMTv/DMYttNxpBx1m6Fw+/"
	"MNgImGOyw27WGlKpI5Aw70\n"
	"valid_until: 2999-12-31\n";
static const char permit_text[] =
	"version: 1\npermit: P-1\ntitle: One\npurpose: Test\n"
	"persons: [taro]\nstarts: 2020-01-01\nends: 2999-12-31\n"
	"datasets: []\n";

static struct stage stage;
static struct msg m;
static struct err err;
static int folder, state, control, conn = -1;

static void write_file(const char *name, const char *text)
{
	int fd = openat(folder, name, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	CHECK(fd >= 0);
	CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	CHECK(fchown(fd, STAGE_UID, STAGE_UID) == 0);
	close(fd);
}

static void make_folder(const char *name)
{
	CHECK(mkdirat(folder, name, 0755) == 0);
	CHECK(fchownat(folder, name, STAGE_UID, STAGE_UID, 0) == 0);
}

static void folders(void)
{
	state = stage_folder("state");
	folder = stage_folder("etc");
	make_folder("people");
	make_folder("permits");
	write_file("site.yaml", site_text);
	write_file("people/taro.yaml", person_text);
	write_file("permits/P-1.yaml", permit_text);
}

static int credential(void)
{
	uint8_t bytes[32] = { 1, 2, 3 };
	int pipes[2];

	CHECK(pipe(pipes) == 0);
	CHECK(write(pipes[1], bytes, sizeof bytes) == sizeof bytes);
	close(pipes[1]);
	return pipes[0];
}

static void begin(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	control = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	snprintf(address.sun_path, sizeof address.sun_path, "%.80s/ctl",
		 tap_folder());
	unlink(address.sun_path);
	CHECK(bind(control, (struct sockaddr *)&address, sizeof address) == 0);
	CHECK(listen(control, 4) == 0);
	stage_start(&stage, program, state);
	msg_put_fd(&stage.m, folder);
	msg_put_fd(&stage.m, control);
	msg_put_fd(&stage.m, credential());
	stage_send(&stage);
}

static void record_is(const char *beginning)
{
	char start[64];

	CHECK(stage_record(&stage, 3000));
	snprintf(start, sizeof start, "%.*s", (int)strlen(beginning),
		 stage.line);
	CHECK_STR(start, beginning);
}

/* Ready, and the policy of the folder in force. */
static void start(void)
{
	folders();
	begin();
	CHECK_INT(stage_hear(&stage), MSG_READY);
	record_is("policy.apply ok");
	stage_durable(&stage);
}

static void connect_conn(void)
{
	int pair[2];

	CHECK(msg_pair(pair, &err) == 0);
	msg_start(&m, MSG_PEER_CONN, 0);
	msg_put_u32(&m, 7);
	msg_put_str(&m, "192.0.2.1");
	msg_put_fd(&m, pair[1]);
	CHECK(msg_send(stage.link, &m, &err) == 0);
	close(pair[1]);
	conn = pair[0];
}

static void send_key(const char *user, const char *type, uint8_t flip)
{
	uint8_t bytes[sizeof blob - 1];

	memcpy(bytes, blob, sizeof bytes);
	bytes[sizeof bytes - 1] ^= flip;
	msg_start(&m, MSG_KEY, 0);
	msg_put_str(&m, user);
	msg_put_str(&m, type);
	msg_put_bytes(&m, bytes, sizeof bytes);
	CHECK(msg_send(conn, &m, &err) == 0);
}

static void send_code(const char *code)
{
	msg_start(&m, MSG_CODE, 0);
	msg_put_str(&m, code);
	CHECK(msg_send(conn, &m, &err) == 0);
}

/* What the connection hears within ms; MSG_NONE: nothing, or its end. */
static unsigned int answer(int ms)
{
	return stage_readable(conn, ms) && msg_receive(conn, &m, &err) == 1
		       ? m.type
		       : MSG_NONE;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void denied_slowly(void)
{
	int64_t since = now_ms();

	CHECK_INT(answer(3000), MSG_DENIED);
	CHECK(now_ms() - since >= 900);
}

TEST(by_hand, "started by hand it says who starts it")
{
	stage_start(&stage, program, -1);
	close(stage.link);
	CHECK(stage_end(&stage) != 0);
}

TEST(short_credential, "without a whole credential it does not start")
{
	int pipes[2];

	folders();
	CHECK(pipe(pipes) == 0);
	close(pipes[1]);
	stage_start(&stage, program, state);
	msg_put_fd(&stage.m, folder);
	msg_put_fd(&stage.m, pipes[0]);
	msg_put_fd(&stage.m, pipes[0]);
	CHECK(msg_send(stage.link, &stage.m, &err) == 0);
	CHECK_INT(stage_hear(&stage), MSG_FAILED);
}

TEST(no_policy, "a broken folder and no earlier policy: it fails and says why")
{
	char why[600];

	folders();
	write_file("site.yaml", "colour: red\n");
	begin();
	CHECK_INT(stage_hear(&stage), MSG_READY);
	record_is("policy.apply deny");
	CHECK_INT(stage_hear(&stage), MSG_FAILED);
	msg_get_str(&stage.m, why, sizeof why);
	CHECK(strstr(why, "site.yaml:1: unknown key 'colour'") != NULL);
}

TEST(last_policy, "a broken folder after a good one: the last stays in force")
{
	start();
	/* The copy is kept once the record is durable: seen by a login. */
	connect_conn();
	send_key("taro", "ssh-ed25519", 0);
	CHECK_INT(answer(3000), MSG_KEY_OK);
	msg_start(&m, MSG_STOP, 0);
	CHECK(msg_send(stage.link, &m, &err) == 0);
	CHECK_INT(stage_end(&stage), 0);

	write_file("site.yaml", "colour: red\n");
	begin();
	CHECK_INT(stage_hear(&stage), MSG_READY);
	record_is("policy.apply deny");
	record_is("policy.apply ok");
	CHECK_STR(stage_field(&stage, "reason"), "last_applied");
}

TEST(strangers, "unknown people and wrong keys: one denial, after a pause")
{
	start();
	connect_conn();
	send_key("nobody-here", "ssh-ed25519", 0);
	CHECK(stage_record(&stage, 3000));
	CHECK_STR(stage_field(&stage, "reason"), "unknown_person");
	CHECK(strstr(stage.line, "nobody-here") == NULL);
	denied_slowly();
	send_key("taro", "ssh-ed25519", 1);
	CHECK(stage_record(&stage, 3000));
	CHECK_STR(stage_field(&stage, "reason"), "wrong_key");
	denied_slowly();
	send_key("taro", "ssh-rsa", 0);
	denied_slowly();
}

TEST(key_first, "a code before a key costs the connection its link")
{
	start();
	connect_conn();
	send_code("123456");
	CHECK_INT(answer(3000), MSG_NONE);
	CHECK(!stage_record(&stage, 200));
}

TEST(code_first, "a channel before the code costs the connection its link")
{
	start();
	connect_conn();
	send_key("taro", "ssh-ed25519", 0);
	CHECK_INT(answer(3000), MSG_KEY_OK);
	msg_start(&m, MSG_OPEN, 0);
	CHECK(msg_send(conn, &m, &err) == 0);
	CHECK_INT(answer(3000), MSG_NONE);
}

TEST(wrong_codes, "wrong codes are denied slowly, the last one for good")
{
	start();
	connect_conn();
	send_key("taro", "ssh-ed25519", 0);
	CHECK_INT(answer(3000), MSG_KEY_OK);
	send_code("000000");
	CHECK_INT(answer(500), MSG_NONE);
	CHECK_INT(answer(3000), MSG_DENIED);
	CHECK_INT(msg_get_u8(&m), 0);
	send_code("000001");
	CHECK_INT(answer(5000), MSG_DENIED);
	CHECK_INT(msg_get_u8(&m), 1);
	CHECK_INT(answer(3000), MSG_NONE);
}

/* A printed code for taro, made with the credential of this test. */
static void enrol(char code[FACTOR_CODES][LIST_CODE_SIZE])
{
	static struct store store;
	struct seal seal;
	char path[600];

	snprintf(path, sizeof path, "%s/state/policy.db", tap_folder());
	CHECK_INT(seal_init(&seal, credential(), &err), 0);
	CHECK_INT(store_open(&store, path, &err), 0);
	CHECK_INT(factor_add_list(&store, &seal, "taro", 1, code, &err), 0);
	store_close(&store);
	CHECK(chown(path, STAGE_UID, STAGE_UID) == 0);
}

static void open_shell(void)
{
	msg_start(&m, MSG_OPEN, 0);
	msg_put_u32(&m, 5);
	msg_put_u8(&m, 1);
	msg_put_u8(&m, 1);
	msg_put_str(&m, "xterm");
	msg_put_u32(&m, 80);
	msg_put_u32(&m, 24);
	msg_put_str(&m, "");
	CHECK(msg_send(conn, &m, &err) == 0);
}

static void refuse_order(uint64_t order)
{
	msg_start(&m, MSG_ORDER_DONE, 0);
	msg_put_u64(&m, order);
	msg_put_u8(&m, 0);
	msg_put_str(&m, "no room \033[2J");
	CHECK(msg_send(stage.link, &m, &err) == 0);
}

TEST(welcome, "welcome, and a session's order, only once they are on record")
{
	char code[FACTOR_CODES][LIST_CODE_SIZE], why[600];

	folders();
	enrol(code);
	begin();
	CHECK_INT(stage_hear(&stage), MSG_READY);
	record_is("policy.apply ok");
	stage_durable(&stage);
	connect_conn();
	send_key("taro", "ssh-ed25519", 0);
	CHECK_INT(answer(3000), MSG_KEY_OK);
	record_is("auth.key ok");
	send_code(code[0]);
	record_is("auth.code ok");
	record_is("auth.login ok");
	CHECK_STR(stage_field(&stage, "role"), "researcher");
	CHECK_INT(answer(300), MSG_NONE);
	CHECK(!stage_readable(stage.link, 0));
	stage_durable(&stage);
	CHECK_INT(answer(3000), MSG_WELCOME);
	CHECK_INT(stage_hear(&stage), MSG_AUTHENTICATED);
	open_shell();
	record_is("session.open ok");
	refuse_order(strtoull(stage_field(&stage, "order"), NULL, 10));
	CHECK_INT(answer(3000), MSG_NOT_OPENED);
	CHECK_INT(msg_get_u32(&m), 5);
	msg_get_u8(&m);
	msg_get_str(&m, why, sizeof why);
	CHECK_STR(why, "no room \\x1b[2J");
	open_shell();
	record_is("session.open ok");
	open_shell();
	record_is("channel.open ok");
}

TEST(malformed, "a malformed message drops its sender alone")
{
	int first;

	start();
	connect_conn();
	first = conn;
	msg_start(&m, MSG_KEY, 0);
	msg_put_u8(&m, 1);
	CHECK(msg_send(conn, &m, &err) == 0);
	CHECK_INT(answer(3000), MSG_NONE);
	close(first);
	connect_conn();
	send_key("taro", "ssh-ed25519", 0);
	CHECK_INT(answer(3000), MSG_KEY_OK);
}

TEST(no_audit, "without audit it ends")
{
	start();
	close(stage.audit);
	CHECK_INT(stage_hear(&stage), MSG_FAILED);
	CHECK_INT(stage_end(&stage), 1);
}

static unsigned int ask(const char *verb, const char *argument)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	conn = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	snprintf(address.sun_path, sizeof address.sun_path, "%.80s/ctl",
		 tap_folder());
	CHECK(connect(conn, (struct sockaddr *)&address, sizeof address) == 0);
	msg_start(&m, MSG_ASK, 1);
	msg_put_str(&m, verb);
	msg_put_u32(&m, *argument ? 1 : 0);
	if (*argument)
		msg_put_str(&m, argument);
	CHECK(msg_send(conn, &m, &err) == 0);
	CHECK_INT(answer(3000), MSG_ANSWER);
	return msg_get_u8(&m);
}

TEST(root, "root may see the status and check, and change nothing")
{
	start();
	CHECK_INT(ask("status", ""), 0);
	CHECK_INT(ask("policy", "check"), 0);
	CHECK_INT(ask("policy", "apply"), 3);
	record_is("admin.act deny");
	CHECK_INT(ask("whoami", ""), 3);
	CHECK_INT(ask("nonsense", ""), 2);
}

TAP_MAIN
