/* links: audit gateway/base; -lcrypto */
/*
 * audit_crash - the built sekisho-audit is killed before each of its system
 * calls, and each of its calls fails once; then it is started again and its
 * writer sends the same records again.
 *
 * Whatever happened: what was acknowledged is there under its index, each
 * record is there once, no order was given without its record, none is lost,
 * and the log verifies.
 */
#include <stdlib.h>
#include <sys/prctl.h>

#include "audit/verify.h"
#include "tests/unit/audit_stage.h"

enum { RECORDS = 3, SHARES = 8 };

/* A record of the writer, and what became of it over two lives. */
static struct sent {
	struct audit_record record;
	struct msg order;
	bool has_order, acknowledged;
	uint64_t index;
	unsigned int ordered;
} sent[RECORDS];

static void make_records(void)
{
	static const char *const events[RECORDS] = { "auth.end", "session.open",
						     "policy.apply" };

	for (int i = 0; i < RECORDS; i++) {
		struct sent *one = &sent[i];
		char session[8];

		memset(one, 0, sizeof *one);
		audit_begin(&one->record, events[i], AUDIT_OK);
		one->has_order = i > 0;
		snprintf(session, sizeof session, "s%d", i);
		msg_start(&one->order, MSG_ORDER_END, 0);
		msg_put_str(&one->order, session);
	}
}

/* Or dead of it already. */
static bool traced(pid_t pid)
{
	char path[64], text[4096];

	snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	FILE *file = fopen(path, "re");
	bool yes = false;

	while (file && fgets(text, sizeof text, file))
		yes |= strncmp(text, "State:\tZ", 8) == 0 ||
		       (strncmp(text, "TracerPid:", 10) == 0 &&
			atoi(text + 10) > 0);
	if (file)
		fclose(file);
	return yes;
}

/* Have something happen to the running process; out gets what the stopper
 * prints. Its pid. */
static pid_t stopper(pid_t audit, const char *option, const char *value,
		     int out)
{
	char number[16];

	snprintf(number, sizeof number, "%d", (int)audit);
	pid_t pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(out, STDOUT_FILENO);
		execl("build/tool/stopper", "stopper", "--only", "--pid",
		      number, option, value, (char *)NULL);
		_exit(127);
	}
	for (int i = 0; i < 2000 && !traced(audit); i++)
		usleep(500);
	CHECK(traced(audit));
	usleep(3000);
	return pid;
}

/* The orders that the supervisor was told so far. */
static void take_orders(struct stage *s)
{
	struct err err;
	size_t len;

	while (stage_readable(s->link, 0) &&
	       msg_receive(s->link, &s->m, &err) == 1) {
		if (s->m.type != MSG_ORDER)
			continue;
		uint64_t index = msg_get_u64(&s->m);
		const uint8_t *bytes = msg_get_bytes(&s->m, &len);
		int found = 0;

		for (int i = 0; i < RECORDS; i++) {
			if (len != sent[i].order.len ||
			    memcmp(bytes, sent[i].order.data, len) != 0)
				continue;
			found++;
			sent[i].ordered++;
			if (sent[i].index > 0)
				CHECK_INT(index, sent[i].index);
			sent[i].index = index;
		}
		CHECK_INT(found, 1);
	}
}

/* A link to audit, which may be gone already. */
static int try_writer(struct stage *s)
{
	struct err err;
	int pair[2];

	CHECK(msg_pair(pair, &err) == 0);
	msg_start(&s->m, MSG_WRITER, 0);
	msg_put_str(&s->m, "policy");
	for (int i = 0; i < 3; i++)
		msg_put_str(&s->m, "*");
	msg_put_fd(&s->m, pair[1]);
	msg_send(s->link, &s->m, &err);
	close(pair[1]);
	return pair[0];
}

/* Send all records, each when the one before was answered. False: audit did
 * not answer. */
static bool send_all(struct stage *s, int ms)
{
	struct err err;
	int link = try_writer(s);
	int i;

	for (i = 0; i < RECORDS; i++) {
		struct sent *one = &sent[i];

		if (audit_send(link, 1, &one->record,
			       one->has_order ? &one->order : NULL, &err) < 0 ||
		    !stage_readable(link, ms) ||
		    msg_receive(link, &s->m, &err) != 1 ||
		    s->m.type != MSG_RECORDED)
			break;
		uint64_t index = msg_get_u64(&s->m);
		if (one->index > 0)
			CHECK_INT(index, one->index);
		one->index = index;
		one->acknowledged = true;
		take_orders(s);
		CHECK(one->ordered == 0 || one->has_order);
	}
	take_orders(s);
	close(link);
	return i == RECORDS;
}

/* Without a word if audit is gone already. */
static void tell_stop(struct stage *s)
{
	struct err err;

	msg_start(&s->m, MSG_STOP, 0);
	msg_send(s->link, &s->m, &err);
}

static unsigned int count(const char *text, const char *what)
{
	unsigned int n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

/* Start again, send again, and look. */
static void check_after(void)
{
	static struct verify_report report;
	bool before[RECORDS];
	struct stage s;

	for (int i = 0; i < RECORDS; i++) {
		before[i] = sent[i].acknowledged;
		if (before[i] && sent[i].has_order)
			CHECK_INT(sent[i].ordered, 1);
		CHECK(sent[i].ordered <= 1);
	}
	CHECK_INT(run(&s), MSG_READY);
	CHECK(send_all(&s, 8000));
	CHECK_INT(stop(&s), 0);
	close(s.link);
	for (int i = 0; i < RECORDS; i++) {
		CHECK_INT(count(content(segment), sent[i].record.idem), 1);
		CHECK(!sent[i].has_order || sent[i].ordered >= 1);
		CHECK(sent[i].ordered <= 2);
	}
	verify_log(log_dir, NULL, NULL, &report);
	CHECK_STR(report.why, "");
	CHECK_INT(report.code, VERIFY_FINE);
	CHECK_INT(report.covered, report.entries);
}

/* A start of its own for each trial, in folders of their own. */
static void new_folders(void)
{
	static int n;
	char name[32];

	snprintf(name, sizeof name, "log%d", ++n);
	log_dir = stage_folder(name);
	snprintf(name, sizeof name, "key%d", n);
	key_dir = stage_folder(name);
	snprintf(name, sizeof name, "anchor%d", n);
	anchor_dir = stage_folder(name);
}

static void close_folders(void)
{
	close(log_dir);
	close(key_dir);
	close(anchor_dir);
}

/* One life with a fault, and one after it. How audit ended: its exit status,
 * or 1000 + signal. */
static int trial(const char *option, const char *value)
{
	struct stage s;

	new_folders();
	make_records();
	CHECK_INT(run(&s), MSG_READY);
	pid_t tracer = stopper(s.pid, option, value, STDERR_FILENO);
	send_all(&s, 8000);
	tell_stop(&s);
	waitpid(tracer, NULL, 0);
	int status = stage_end(&s);
	take_orders(&s);
	close(s.link);
	check_after();
	close_folders();
	return status;
}

/* How many system calls a life without a fault makes once it is traced. */
static int count_calls(void)
{
	char text[32] = "";
	struct stage s;
	int out[2];

	CHECK(pipe(out) == 0);
	new_folders();
	make_records();
	CHECK_INT(run(&s), MSG_READY);
	pid_t tracer = stopper(s.pid, "--count", "--only", out[1]);
	CHECK(send_all(&s, 8000));
	CHECK_INT(stop(&s), 0);
	CHECK(read(out[0], text, sizeof text - 1) > 0);
	waitpid(tracer, NULL, 0);
	close(s.link);
	close_folders();
	return atoi(text);
}

/* Each call is tried; a test takes every SHARES-th. */
#define SHARE(name, n, try_each, sentence)                                     \
	TEST(name##n, sentence " (" #n ")")                                    \
	{                                                                      \
		try_each(n);                                                   \
	}
#define SHARES_OF(name, try_each, sentence)                                    \
	SHARE(name, 1, try_each, sentence)                                     \
	SHARE(name, 2, try_each, sentence)                                     \
	SHARE(name, 3, try_each, sentence)                                     \
	SHARE(name, 4, try_each, sentence)                                     \
	SHARE(name, 5, try_each, sentence)                                     \
	SHARE(name, 6, try_each, sentence)                                     \
	SHARE(name, 7, try_each, sentence)                                     \
	SHARE(name, 8, try_each, sentence)

/* Every SHARES-th call from first on. */
static void kill_at_each(int first)
{
	int calls = count_calls(), killed = 0, tried = 0;
	char value[16];

	CHECK(calls > 60);
	for (int n = first; n <= calls; n += SHARES, tried++) {
		snprintf(value, sizeof value, "%d", n);
		killed += trial("--kill-at", value) == 1000 + SIGKILL;
	}
	/* A tick of the clock may make one life shorter than another. */
	CHECK(killed >= tried - 2);
}

SHARES_OF(kill, kill_at_each,
	  "killed before any system call, nothing is lost or done twice")

/* The first start of all, killed at each SHARES-th call from n on until it is
 * through; then a start that is not. */
static void kill_first_start(int n)
{
	char value[16];
	const char *argv[] = {
		"build/tool/stopper",	   "--only", "--kill-at", value,
		"build/bin/sekisho-audit", NULL
	};
	struct stage s;
	int status;

	do {
		snprintf(value, sizeof value, "%d", n);
		new_folders();
		make_records();
		if (run_by(&s, argv) == MSG_READY)
			tell_stop(&s);
		status = stage_end(&s);
		close(s.link);
		check_after();
		close_folders();
		n += SHARES;
	} while (status == 128 + SIGKILL);
	CHECK_INT(status, 0);
	CHECK(n > 200);
}

SHARES_OF(first, kill_first_start,
	  "killed in its first start, audit starts all the same")

/* A start in which a key takes over, killed at each SHARES-th call from n on
 * until it is through; then one that goes on where it was. */
static void kill_rotation(int n)
{
	static struct verify_report report;
	char value[16];
	const char *argv[] = {
		"build/tool/stopper",	   "--only", "--kill-at", value,
		"build/bin/sekisho-audit", NULL
	};
	struct stage s;
	int status;

	do {
		snprintf(value, sizeof value, "%d", n);
		new_folders();
		CHECK_INT(run(&s), MSG_READY);
		CHECK_INT(stop(&s), 0);
		close(s.link);
		close(openat(key_dir, "rotate", O_WRONLY | O_CREAT | O_CLOEXEC,
			     0600));
		if (run_by(&s, argv) == MSG_READY)
			tell_stop(&s);
		status = stage_end(&s);
		close(s.link);
		make_records();
		check_after();
		CHECK_INT(count(content(segment), "\"event\":\"log.key\""), 1);
		CHECK(faccessat(key_dir, "log.key.next", F_OK, 0) < 0);
		verify_log(log_dir, NULL, NULL, &report);
		CHECK_INT(report.keys, 2);
		close_folders();
		n += SHARES;
	} while (status == 128 + SIGKILL);
	CHECK_INT(status, 0);
	CHECK(n > 200);
}

SHARES_OF(rotate, kill_rotation,
	  "killed while a key takes over, it takes over all the same")

/* Each of the first n of these calls fails once, and then no more. first: how
 * audit ends when the first one does. */
static void fail_each(const char *call, int n, const char *error, int first)
{
	char value[64];

	for (int i = 1; i <= n; i++) {
		snprintf(value, sizeof value, "%s:%d=%s", call, i, error);
		int status = trial("--at", value);
		/* The first ones are those of the records themselves. */
		if (i == 1)
			CHECK_INT(status, first);
	}
}

TEST(nospace,
     "an entry that finds no space stops audit, a checkpoint is written "
     "again; nothing is lost")
{
	fail_each("pwrite64", 9, "ENOSPC", 1);
	fail_each("write", 4, "ENOSPC", 0);
}

TEST(short_write, "the same where a write is cut short")
{
	fail_each("pwrite64", 9, "short", 1);
	fail_each("write", 4, "short", 0);
}

TEST(sync, "a sync that fails once is never tried again, and loses nothing")
{
	fail_each("fdatasync", 7, "EIO", 1);
	fail_each("fsync", 6, "EIO", 1);
}

TEST(files, "a file that cannot be opened or put in place stops audit")
{
	fail_each("openat", 4, "EIO", 1);
	fail_each("renameat", 4, "EIO", 1);
}

TEST(interrupted, "a write that a signal interrupts is made again")
{
	CHECK_INT(trial("--at", "pwrite64:1=EINTR"), 0);
	CHECK_INT(trial("--at", "recvmsg:1=EINTR"), 0);
	CHECK_INT(trial("--at", "epoll_wait:1=EINTR"), 0);
}

TEST(hanging, "while a sync hangs nothing is acknowledged, and no order given")
{
	struct stage s;

	new_folders();
	make_records();
	CHECK_INT(run(&s), MSG_READY);
	pid_t tracer =
		stopper(s.pid, "--at", "fdatasync:1=stop", STDERR_FILENO);
	CHECK(!send_all(&s, 1000));
	for (int i = 0; i < RECORDS; i++)
		CHECK(!sent[i].acknowledged && sent[i].ordered == 0);
	kill(s.pid, SIGKILL);
	kill(tracer, SIGKILL);
	waitpid(tracer, NULL, 0);
	CHECK_INT(stage_end(&s), 1000 + SIGKILL);
	close(s.link);
	check_after();
}

TAP_MAIN
