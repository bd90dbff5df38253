/* links: audit gateway/base; -lcrypto */
/*
 * audit_program - the built sekisho-audit, with the test as its supervisor and
 * as its writers.
 */
#include <sys/resource.h>

#include "audit/links.h"
#include "tests/unit/audit_stage.h"

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

/* Ask a stopped audit for n records, all before it goes on. */
static void send_together(struct stage *s, int link, int n)
{
	struct audit_record record;
	struct err err;
	int status;

	kill(s->pid, SIGSTOP);
	CHECK(waitpid(s->pid, &status, WUNTRACED) == s->pid);
	for (int i = 0; i < n; i++) {
		audit_begin(&record, "auth.end", AUDIT_OK);
		CHECK(audit_send(link, (uint32_t)(100 + i), &record, NULL,
				 &err) == 0);
	}
	kill(s->pid, SIGCONT);
}

TEST(together, "records of one writer in one batch have one answer, in order")
{
	struct audit_answer answers[AUDIT_ANSWERS];
	struct stage s;
	struct err err;
	int heard = 0;

	folders();
	CHECK_INT(run(&s), MSG_READY);
	int link = writer(&s, "policy", "*");
	int other = writer(&s, "policy", "*");
	send_together(&s, link, 10);
	CHECK(msg_receive(link, &s.m, &err) == 1);
	CHECK_INT(audit_recorded(&s.m, answers), 10);
	for (int i = 0; i < 10; i++) {
		CHECK_INT(answers[i].ref, 100 + i);
		CHECK_INT(answers[i].index, 1 + i);
	}
	/* More than a link's share of a batch. */
	send_together(&s, other, 100);
	while (heard < 100) {
		CHECK(msg_receive(other, &s.m, &err) == 1);
		int n = audit_recorded(&s.m, answers);
		CHECK(n > 0);
		for (int i = 0; i < n; i++, heard++) {
			CHECK_INT(answers[i].ref, 100 + heard);
			CHECK_INT(answers[i].index, 11 + heard);
		}
	}
	CHECK_INT(stop(&s), 0);
	CHECK(verifies());
}

TEST(died, "what a writer sent before it died is on record")
{
	struct audit_record record;
	struct stage s;
	struct err err;

	folders();
	CHECK_INT(run(&s), MSG_READY);
	int link = writer(&s, "policy", "*");
	/* More than audit reads of one before it answers: that answer meets
	 * nobody, and the rest is still there to be read. */
	kill(s.pid, SIGSTOP);
	for (uint32_t i = 0; i < 2 * AUDIT_ANSWERS + 20; i++) {
		audit_begin(&record, "auth.end", AUDIT_OK);
		audit_number(&record, "conn", 1000 + i);
		CHECK(audit_send(link, 100 + i, &record, NULL, &err) == 0);
	}
	close(link);
	kill(s.pid, SIGCONT);
	for (int i = 0; i < 500 && !strstr(content(segment), ":1147,"); i++)
		usleep(10000);
	CHECK_INT(stop(&s), 0);
	CHECK(strstr(content(segment), "\"conn\":1000,") != NULL);
	CHECK(strstr(content(segment), "\"conn\":1147,") != NULL);
	CHECK(verifies());
}

TEST(last, "what was sent before the end is on record, however much it was")
{
	struct audit_record record;
	struct stage s;
	struct err err;

	folders();
	CHECK_INT(run(&s), MSG_READY);
	int link = writer(&s, "policy", "*");
	CHECK(stage_alive(&s));
	kill(s.pid, SIGSTOP);
	for (uint32_t i = 0; i < 2 * AUDIT_ANSWERS + 20; i++) {
		audit_begin(&record, "auth.end", AUDIT_OK);
		audit_number(&record, "conn", 1000 + i);
		CHECK(audit_send(link, 100 + i, &record, NULL, &err) == 0);
	}
	close(link);
	msg_start(&s.m, MSG_STOP, 0);
	CHECK(msg_send(s.link, &s.m, &err) == 0);
	kill(s.pid, SIGCONT);
	CHECK_INT(stage_end(&s), 0);
	CHECK(strstr(content(segment), "\"conn\":1000,") != NULL);
	CHECK(strstr(content(segment), "\"conn\":1147,") != NULL);
	CHECK(strstr(content(segment), "log.shutdown") != NULL);
	CHECK(verifies());
}

TEST(malformed, "an answer that is cut, too long or another is none")
{
	struct audit_answer answers[AUDIT_ANSWERS];
	static struct msg m;

	for (int n = 1; n <= AUDIT_ANSWERS + 1; n++) {
		msg_start(&m, MSG_RECORDED, 1);
		msg_put_u64(&m, 1);
		for (uint32_t i = 2; i <= (uint32_t)n; i++) {
			msg_put_u32(&m, i);
			msg_put_u64(&m, i);
		}
		CHECK_INT(audit_recorded(&m, answers),
			  n <= AUDIT_ANSWERS ? n : -1);
	}
	for (size_t cut = 0; cut < 20; cut++) {
		msg_start(&m, MSG_RECORDED, 1);
		msg_put_u64(&m, 1);
		msg_put_u32(&m, 2);
		msg_put_u64(&m, 2);
		m.len = MSG_HEADER + cut;
		CHECK_INT(audit_recorded(&m, answers), cut == 8 ? 1 : -1);
	}
	msg_start(&m, MSG_REFUSED, 1);
	msg_put_u64(&m, 1);
	CHECK_INT(audit_recorded(&m, answers), -1);
}

TEST(many, "however many sessions write, a service finds a place")
{
	struct rlimit files = { 2 * LINKS_MAX, 2 * LINKS_MAX };
	struct audit_record record;
	struct stage s;
	struct err err;

	CHECK(setrlimit(RLIMIT_NOFILE, &files) == 0);
	folders();
	CHECK_INT(run(&s), MSG_READY);
	for (int i = 0; i < LINKS_MAX; i++)
		writer(&s, "desk", "-");
	audit_begin(&record, "desk.verb", AUDIT_OK);
	CHECK(audit_write(writer(&s, "desk", "-"), &record, NULL, &err) < 0);
	audit_begin(&record, "auth.end", AUDIT_OK);
	CHECK(audit_write(writer(&s, "policy", "*"), &record, NULL, &err) == 0);
	CHECK_INT(stop(&s), 0);
}

TEST(device, "a program whose standard error is a device may speak, too")
{
	struct stage s;

	int device = open("/dev/null", O_WRONLY | O_CLOEXEC);
	CHECK(dup2(device, STDERR_FILENO) == STDERR_FILENO);
	folders();
	CHECK_INT(run(&s), MSG_READY);
	int link = writer(&s, "policy", "*");
	CHECK(send(link, "xy", 2, 0) == 2);
	refused(&s, link, "malformed message");
	CHECK_INT(stop(&s), 0);
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

/* Copy the log's folder as it is now to another name. */
static void clone_log(const char *name)
{
	char command[2][600];

	snprintf(command[0], sizeof command[0], "%s/log/.", tap_folder());
	snprintf(command[1], sizeof command[1], "%s/%s", tap_folder(), name);
	pid_t pid = fork();
	if (pid == 0) {
		execlp("cp", "cp", "-a", command[0], command[1], (char *)NULL);
		_exit(127);
	}
	int status = -1;
	waitpid(pid, &status, 0);
	CHECK_INT(status, 0);
}

TEST(clone, "of a log and its clone only one can go on")
{
	struct stage s;

	folders();
	int copy = stage_folder("copy"), original = log_dir;
	CHECK_INT(run(&s), MSG_READY);
	CHECK_INT(stop(&s), 0);
	clone_log("copy");

	/* At the same time. */
	CHECK_INT(run(&s), MSG_READY);
	log_dir = copy;
	fails("lock the anchor folder");
	log_dir = original;
	CHECK_INT(stop(&s), 0);

	/* One after the other: the anchor has moved on. */
	log_dir = copy;
	fails("the log was rolled back");
	log_dir = original;
	CHECK_INT(run(&s), MSG_READY);
	CHECK_INT(stop(&s), 0);
}

TEST(fork, "a clone that went on alone does not match the anchor of the other")
{
	struct stage s;

	folders();
	int copy = stage_folder("copy"), original = log_dir;
	int anchor = anchor_dir;
	CHECK_INT(run(&s), MSG_READY);
	CHECK_INT(stop(&s), 0);
	clone_log("copy");
	/* Also the anchor was copied: nobody can know yet. */
	char from[600], to[600];
	int second = stage_folder("anchor2");
	snprintf(from, sizeof from, "%s/anchor/anchor", tap_folder());
	snprintf(to, sizeof to, "%s/anchor2/anchor", tap_folder());
	static char text[4096];
	int fd = open(from, O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, text, sizeof text);
	close(fd);
	fd = open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	CHECK(n > 0 && write(fd, text, (size_t)n) == n);
	CHECK(fchown(fd, STAGE_UID, STAGE_UID) == 0);
	close(fd);
	log_dir = copy;
	anchor_dir = second;
	CHECK_INT(run(&s), MSG_READY);
	CHECK_INT(stop(&s), 0);
	/* Put in the place of the other, it is not what was signed there. */
	log_dir = original;
	anchor_dir = anchor;
	CHECK_INT(run(&s), MSG_READY);
	CHECK_INT(stop(&s), 0);
	log_dir = copy;
	fails("are not the ones that were signed");
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
