/* links: audit gateway/base; -lcrypto */
/*
 * audit_program - the built sekisho-audit, with the test as its supervisor and
 * as its writers.
 */
#include <signal.h>
#include <sys/socket.h>

#include "audit/client.h"
#include "tests/unit/stage.h"

static const char program[] = "build/bin/sekisho-audit";

static int log_dir, key_dir, anchor_dir;

static void folders(void)
{
	log_dir = stage_folder("log");
	key_dir = stage_folder("key");
	anchor_dir = stage_folder("anchor");
}

static unsigned int run(struct stage *s)
{
	struct err err;

	stage_start(s, program, log_dir);
	msg_put_str(&s->m, "test.example/log");
	msg_put_fd(&s->m, key_dir);
	msg_put_fd(&s->m, anchor_dir);
	CHECK(msg_send(s->link, &s->m, &err) == 0);
	close(s->program_audit);
	close(s->audit);
	return stage_hear(s);
}

static int writer(struct stage *s, const char *name, const char *session)
{
	struct err err;
	int pair[2];

	CHECK(msg_pair(pair, &err) == 0);
	msg_start(&s->m, MSG_WRITER, 0);
	msg_put_str(&s->m, name);
	msg_put_str(&s->m, "*");
	msg_put_str(&s->m, session);
	msg_put_str(&s->m, "-");
	msg_put_fd(&s->m, pair[1]);
	CHECK(msg_send(s->link, &s->m, &err) == 0);
	close(pair[1]);
	return pair[0];
}

static int stop(struct stage *s)
{
	struct err err;

	msg_start(&s->m, MSG_STOP, 0);
	CHECK(msg_send(s->link, &s->m, &err) == 0);
	return stage_end(s);
}

/* The whole of the log's first segment, or of another file. */
static const char *content(const char *name)
{
	static char text[1 << 20];
	int fd = openat(log_dir, name, O_RDONLY | O_CLOEXEC);

	CHECK(fd >= 0);
	ssize_t n = read(fd, text, sizeof text - 1);
	CHECK(n >= 0);
	text[n < 0 ? 0 : n] = '\0';
	close(fd);
	return text;
}

static const char segment[] = "seg/00000000000000000000.jsonl";

static bool verifies(void)
{
	char folder[600];

	snprintf(folder, sizeof folder, "%s/log", tap_folder());
	pid_t pid = fork();
	if (pid == 0) {
		dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
		execl("build/bin/sekisho-verify", "sekisho-verify", folder,
		      (char *)NULL);
		_exit(127);
	}
	int status = -1;
	waitpid(pid, &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(first, "the first start writes genesis; records are acknowledged durable")
{
	struct audit_record record;
	struct stage s;
	struct err err;
	uint64_t index;

	folders();
	CHECK_INT(run(&s), MSG_READY);
	int link = writer(&s, "policy", "*");
	audit_begin(&record, "auth.key", AUDIT_OK);
	snprintf(record.actor, sizeof record.actor, "u-1");
	audit_text(&record, "source", "192.0.2.1 \"\n");
	audit_number(&record, "conn", -7);
	CHECK(audit_write(link, &record, &index, &err) == 0);
	CHECK_INT(index, 1);
	CHECK(strstr(content(segment), "\"conn\":-7") != NULL);
	CHECK(strstr(content(segment), "\"writer\":\"policy\"") != NULL);
	CHECK(strstr(content(segment), "\"actor\":\"u-1\"") != NULL);
	CHECK_INT(stop(&s), 0);
	CHECK(strstr(content(segment), "log.genesis") != NULL);
	CHECK(strstr(content(segment), "log.shutdown") != NULL);
	CHECK(strncmp(content("checkpoint"), "test.example/log\n3\n", 19) == 0);
	CHECK(verifies());
}

/* Send the record with its order; true if it is acknowledged as index. */
static bool acknowledged(struct stage *s, int link,
			 const struct audit_record *record,
			 const struct msg *order, uint64_t index)
{
	struct err err;

	return audit_send(link, 7, record, order, &err) == 0 &&
	       msg_receive(link, &s->m, &err) == 1 &&
	       s->m.type == MSG_RECORDED && s->m.ref == 7 &&
	       msg_get_u64(&s->m) == index;
}

/* The supervisor is told exactly this order, of that record. */
static void ordered(struct stage *s, const struct msg *order, uint64_t index)
{
	size_t len;

	CHECK_INT(stage_hear(s), MSG_ORDER);
	CHECK_INT(msg_get_u64(&s->m), index);
	const uint8_t *bytes = msg_get_bytes(&s->m, &len);
	CHECK(msg_done(&s->m));
	CHECK_INT(len, order->len);
	CHECK(memcmp(bytes, order->data, len) == 0);
}

static void make_order(struct msg *order, const char *session)
{
	msg_start(order, MSG_ORDER_END, 0);
	msg_put_str(order, session);
}

TEST(order, "an order goes to the supervisor once, however often it is sent")
{
	static struct msg order;
	struct audit_record record;
	struct stage s;

	folders();
	CHECK_INT(run(&s), MSG_READY);
	int link = writer(&s, "policy", "*");
	audit_begin(&record, "session.open", AUDIT_OK);
	make_order(&order, "s1");
	for (int i = 0; i < 3; i++)
		CHECK(acknowledged(&s, link, &record, &order, 1));
	ordered(&s, &order, 1);
	CHECK(strstr(content(segment), "\"order_sha256\":\"") != NULL);
	CHECK(!stage_readable(s.link, 50));
	CHECK_INT(stop(&s), 0);
	CHECK(verifies());
}

static void refused(struct stage *s, int link, const char *why);

TEST(again, "an order from before a start is given once more, if it is asked")
{
	static struct msg order;
	struct audit_record record;
	struct stage s;

	folders();
	CHECK_INT(run(&s), MSG_READY);
	int link = writer(&s, "policy", "*");
	audit_begin(&record, "session.open", AUDIT_OK);
	make_order(&order, "s1");
	CHECK(acknowledged(&s, link, &record, &order, 1));
	ordered(&s, &order, 1);
	kill(s.pid, SIGKILL);
	CHECK_INT(stage_end(&s), 1000 + SIGKILL);
	close(link);

	for (int life = 0; life < 2; life++) {
		CHECK_INT(run(&s), MSG_READY);
		link = writer(&s, "policy", "*");
		/* Asked without its order, only that it is there. */
		CHECK(acknowledged(&s, link, &record, NULL, 1));
		CHECK(!stage_readable(s.link, 50));
		for (int i = 0; i < 3; i++)
			CHECK(acknowledged(&s, link, &record, &order, 1));
		ordered(&s, &order, 1);
		CHECK(!stage_readable(s.link, 50));
		CHECK_INT(stop(&s), 0);
		close(link);
	}
	const char *text = strstr(content(segment), "session.open");
	CHECK(text != NULL && strstr(text + 1, "session.open") == NULL);
	CHECK(verifies());
}

TEST(another, "a repetition with another order or event costs its writer")
{
	static struct msg order, other;
	struct audit_record record;
	struct stage s;
	struct err err;

	folders();
	audit_begin(&record, "session.open", AUDIT_OK);
	make_order(&order, "s1");
	make_order(&other, "s2");
	for (int life = 0; life < 2; life++) {
		CHECK_INT(run(&s), MSG_READY);
		int link = writer(&s, "policy", "*");
		CHECK(acknowledged(&s, link, &record, life ? NULL : &order, 1));
		CHECK(audit_send(link, 1, &record, &other, &err) == 0);
		refused(&s, link, "had another order");
		link = writer(&s, "policy", "*");
		record.event = "session.end";
		CHECK(audit_send(link, 1, &record, &order, &err) == 0);
		refused(&s, link, "was another event");
		record.event = "session.open";
		if (life == 0)
			ordered(&s, &order, 1);
		CHECK(!stage_readable(s.link, 50));
		CHECK_INT(stop(&s), 0);
	}
	CHECK(verifies());
}

TEST(unordered, "a record without an order never gets one by repetition")
{
	static struct msg order;
	struct audit_record record;
	struct stage s;
	struct err err;

	folders();
	CHECK_INT(run(&s), MSG_READY);
	int link = writer(&s, "policy", "*");
	audit_begin(&record, "session.open", AUDIT_OK);
	CHECK(acknowledged(&s, link, &record, NULL, 1));
	CHECK_INT(stop(&s), 0);
	close(link);
	CHECK_INT(run(&s), MSG_READY);
	link = writer(&s, "policy", "*");
	make_order(&order, "s1");
	CHECK(audit_send(link, 1, &record, &order, &err) == 0);
	refused(&s, link, "had another order");
	CHECK(!stage_readable(s.link, 50));
	CHECK_INT(stop(&s), 0);
}

static void refused(struct stage *s, int link, const char *why)
{
	char text[512];
	struct err err;

	CHECK(stage_readable(link, 5000));
	CHECK(msg_receive(link, &s->m, &err) == 1);
	CHECK_INT(s->m.type, MSG_REFUSED);
	msg_get_str(&s->m, text, sizeof text);
	CHECK(strstr(text, why) != NULL);
	CHECK(stage_readable(link, 5000));
	CHECK(msg_receive(link, &s->m, &err) == 0);
	close(link);
}

TEST(rules,
     "a writer that breaks a rule is dropped and on record; others go on")
{
	static struct msg order;
	struct audit_record record;
	struct stage s;
	struct err err;

	folders();
	CHECK_INT(run(&s), MSG_READY);
	int good = writer(&s, "files", "s-fixed");

	int link = writer(&s, "record", "*");
	audit_begin(&record, "policy.apply", AUDIT_OK);
	CHECK(audit_send(link, 1, &record, NULL, &err) == 0);
	refused(&s, link, "policy.apply is not an event of record");

	link = writer(&s, "record", "*");
	audit_begin(&record, "session.recording", AUDIT_OK);
	msg_start(&order, MSG_ORDER_END, 0);
	CHECK(audit_send(link, 1, &record, &order, &err) == 0);
	refused(&s, link, "record may not give orders");

	link = writer(&s, "policy", "*");
	audit_begin(&record, "auth.key", AUDIT_OK);
	audit_text(&record, "writer", "audit");
	CHECK(audit_send(link, 1, &record, NULL, &err) == 0);
	refused(&s, link, "'writer' is not a caller's to write");

	link = writer(&s, "policy", "*");
	audit_begin(&record, "auth.key", AUDIT_OK);
	audit_number(&record, "conn", INT64_C(1) << 53);
	CHECK(audit_send(link, 1, &record, NULL, &err) == 0);
	refused(&s, link, "beyond 2^53-1");

	link = writer(&s, "policy", "*");
	audit_begin(&record, "auth.key", AUDIT_OK);
	audit_number(&record, "conn", 1);
	audit_number(&record, "conn", 1);
	CHECK(audit_send(link, 1, &record, NULL, &err) == 0);
	refused(&s, link, "'conn' twice");

	link = writer(&s, "policy", "*");
	CHECK(send(link, "xy", 2, 0) == 2);
	refused(&s, link, "malformed message");

	audit_begin(&record, "files.open", AUDIT_OK);
	snprintf(record.session, sizeof record.session, "s-claimed");
	CHECK(audit_write(good, &record, NULL, &err) == 0);
	CHECK(strstr(content(segment), "s-claimed") == NULL);
	CHECK(strstr(content(segment), "\"session\":\"s-fixed\"") != NULL);
	CHECK(strstr(content(segment), "\"event\":\"log.peer\"") != NULL);
	CHECK_INT(stop(&s), 0);
	CHECK(verifies());
}

TEST(killed, "after a kill the log goes on where it was acknowledged")
{
	struct audit_record record;
	struct stage s;
	struct err err;
	uint64_t index;

	folders();
	for (int round = 0; round < 5; round++) {
		CHECK_INT(run(&s), MSG_READY);
		int link = writer(&s, "policy", "*");
		for (int i = 0; i < 20; i++) {
			audit_begin(&record, "auth.end", AUDIT_OK);
			CHECK(audit_write(link, &record, &index, &err) == 0);
			CHECK_INT(index, 1 + round * 20 + i);
		}
		kill(s.pid, SIGKILL);
		CHECK_INT(stage_end(&s), 1000 + SIGKILL);
		close(link);
	}
	CHECK_INT(run(&s), MSG_READY);
	CHECK_INT(stop(&s), 0);
	CHECK(verifies());
}

static void fails(const char *why)
{
	char text[512];
	struct stage s;

	CHECK_INT(run(&s), MSG_FAILED);
	msg_get_str(&s.m, text, sizeof text);
	CHECK_STR(strstr(text, why) ? why : text, why);
	CHECK_INT(stage_end(&s), 1);
}

TEST(twice, "a second writer on the same log is refused")
{
	struct stage s;

	folders();
	CHECK_INT(run(&s), MSG_READY);
	fails("does another sekisho-audit run?");
	CHECK_INT(stop(&s), 0);
}

TEST(flip, "a log damaged before what was acknowledged is not started")
{
	struct stage s;

	folders();
	CHECK_INT(run(&s), MSG_READY);
	CHECK_INT(stop(&s), 0);
	int fd = openat(log_dir, segment, O_RDWR | O_CLOEXEC);
	CHECK(pwrite(fd, "X", 1, 100) == 1);
	close(fd);
	fails("damaged, not started: seg/00000000000000000000.jsonl, entry 0");
}

TEST(anchor, "a log without its anchor, key or newest part is not started")
{
	struct stage s;

	folders();
	CHECK_INT(run(&s), MSG_READY);
	CHECK_INT(stop(&s), 0);
	CHECK(renameat(anchor_dir, "anchor", anchor_dir, "away") == 0);
	fails("its anchor is missing");
	CHECK(renameat(anchor_dir, "away", anchor_dir, "anchor") == 0);
	CHECK(renameat(key_dir, "log.key", key_dir, "away") == 0);
	fails("its signing key is missing");
	CHECK(renameat(key_dir, "away", key_dir, "log.key") == 0);
	int old = log_dir;
	log_dir = stage_folder("empty");
	fails("the log was rolled back");
	log_dir = old;
	CHECK_INT(run(&s), MSG_READY);
	CHECK_INT(stop(&s), 0);
}

TEST(second, "a checkpoint is signed within seconds while entries arrive")
{
	struct audit_record record;
	struct stage s;
	struct err err;

	folders();
	CHECK_INT(run(&s), MSG_READY);
	CHECK(strncmp(content("checkpoint"), "test.example/log\n1\n", 19) == 0);
	int link = writer(&s, "policy", "*");
	audit_begin(&record, "auth.end", AUDIT_OK);
	CHECK(audit_write(link, &record, NULL, &err) == 0);
	usleep(1600 * 1000);
	CHECK(strncmp(content("checkpoint"), "test.example/log\n2\n", 19) == 0);
	audit_begin(&record, "policy.apply", AUDIT_OK);
	CHECK(audit_write(link, &record, NULL, &err) == 0);
	CHECK(strncmp(content("checkpoint"), "test.example/log\n3\n", 19) == 0);
	CHECK_INT(stop(&s), 0);
}

TAP_MAIN
