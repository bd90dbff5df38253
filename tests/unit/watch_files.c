/* links: sandbox audit gateway/base; -lcrypto */
/*
 * The real sekisho-watch over real fanotify groups, made as sekisho-box makes
 * them, and children that start programs and open files of their mounts.
 */
#include <errno.h>
#include <openssl/evp.h>
#include <signal.h>
#include <sys/fanotify.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "gateway/base/own.h"
#include "sandbox/marks.h"
#include "sandbox/tmpfs.h"
#include "tests/unit/stage.h"

enum { LEASE = 3000001, MORE_THAN_HASHED = (16 << 20) + 1 };

static struct stage stage;

/* A session: its group, and one tree of each kind. */
struct session {
	struct trees trees;
	struct marks marks;
	int toolset, workspace, data;
};

static void limit(uint32_t a_second, uint32_t a_day)
{
	struct err err;
	struct msg m;

	msg_start(&m, MSG_WATCH_LIMITS, 0);
	msg_put_u32(&m, a_second);
	msg_put_u32(&m, a_day);
	CHECK(msg_send(stage.link, &m, &err) == 0);
}

static void start_in(int root)
{
	stage_start(&stage, "build/bin/sekisho-watch", root);
	stage_send(&stage);
	CHECK_INT(stage_hear(&stage), MSG_READY);
	limit(100000, 1000000);
}

static void start(void)
{
	if (geteuid() != 0)
		SKIP("needs root");
	start_in(stage_folder("root"));
}

static void start_again(void)
{
	start_in(stage_folder("root2"));
}

/* --- Trees ------------------------------------------------------------------- */

static int tree(struct session *s, const char *at, unsigned int attributes)
{
	static const struct tmpfs like = { 64 << 20, 4096, "777", 0 };
	struct tree *t = &s->trees.list[s->trees.n++];
	struct err err;

	t->mount = tmpfs_make(&like, attributes, &err);
	CHECK(t->mount >= 0);
	snprintf(t->at, sizeof t->at, "%s", at);
	return t->mount;
}

static void put(int folder, const char *name, const char *bytes, size_t len)
{
	int fd = openat(folder, name, O_CREAT | O_EXCL | O_WRONLY, 0755);

	CHECK(fd >= 0 && write(fd, bytes, len) == (ssize_t)len);
	CHECK(fchmod(fd, 0755) == 0);
	close(fd);
}

static void put_copy(int folder, const char *name, const char *of)
{
	static char bytes[1 << 20];
	int fd = open(of, O_RDONLY);
	ssize_t n = read(fd, bytes, sizeof bytes);

	CHECK(n > 0 && n < (ssize_t)sizeof bytes);
	put(folder, name, bytes, (size_t)n);
	close(fd);
}

static void make(struct session *s)
{
	struct err err;

	memset(s, 0, sizeof *s);
	s->toolset = tree(s, "", 0);
	s->workspace = tree(s, "workspace", 0);
	s->data = tree(s, "data/D-1", MOUNT_ATTR_NOEXEC);
	put_copy(s->toolset, "true", "/bin/true");
	put_copy(s->workspace, "secret", "/bin/true");
	put(s->workspace, "script", "#!/bin/sh\nexit 3\n", 17);
	put(s->data, "a.csv", "1\n", 2);
	put(s->data, "b.csv", "2\n", 2);
	if (marks_set(&s->marks, &s->trees, LEASE, &err) < 0)
		die("%s", err.text);
}

static void put_session(const struct session *s, const char *name, bool again)
{
	struct err err;
	struct msg m;

	msg_start(&m, MSG_WATCH_FILES, 0);
	msg_put_str(&m, name);
	msg_put_str(&m, "P-1");
	msg_put_str(&m, "a-7");
	marks_put(&s->marks, &m);
	msg_put_u8(&m, again);
	CHECK(msg_send(stage.link, &m, &err) == 0);
}

static void hand_again(const struct session *s, const char *name)
{
	put_session(s, name, true);
}

/* wrong: mount ids that are none of the session's */
static void hand(const struct session *s, const char *name, bool wrong)
{
	struct session told = *s;

	for (unsigned int i = 0; wrong && i < told.marks.n; i++)
		told.marks.list[i].mount += 1000000;
	put_session(&told, name, false);
}

static void session(struct session *s, const char *name)
{
	make(s);
	hand(s, name, false);
}

/* --- Children ------------------------------------------------------------------ */

static pid_t opener(int folder, const char *const *names)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	for (; *names; names++)
		if (openat(folder, *names, O_RDONLY | O_CLOEXEC) < 0)
			_exit(errno);
	_exit(0);
}

static pid_t runner(int folder, const char *name)
{
	char *const argv[] = { strdup(name), NULL };
	pid_t pid = fork();

	if (pid == 0) {
		/* by path, or a script could not open itself again */
		if (fchdir(folder) == 0)
			execv(name, argv);
		_exit(errno);
	}
	return pid;
}

/* Exit status, -1: it still waits after ms */
static int status_within(pid_t pid, int ms)
{
	int status;

	for (; ms > 0; ms -= 10) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return WIFEXITED(status) ? WEXITSTATUS(status) : 1000;
		usleep(10000);
	}
	return -1;
}

static int opened(int folder, const char *name)
{
	return status_within(opener(folder, (const char *[]){ name, NULL }),
			     5000);
}

static void expect(const char *words)
{
	CHECK(stage_record(&stage, 6000));
	if (!strstr(stage.line, words)) {
		printf("# wanted '%s'\n", words);
		CHECK_STR(stage.line, "");
	}
	stage_durable(&stage);
}

static const char *sha256_of(int folder, const char *name)
{
	static char text[65];
	static unsigned char bytes[MORE_THAN_HASHED];
	unsigned char hash[32];
	int fd = openat(folder, name, O_RDONLY);
	ssize_t n = read(fd, bytes, sizeof bytes);

	close(fd);
	CHECK(n > 0 && EVP_Digest(bytes, (size_t)n, hash, NULL, EVP_sha256(),
				  NULL) == 1);
	for (int i = 0; i < 32; i++)
		snprintf(text + 2 * i, 3, "%02x", hash[i]);
	return text;
}

/* --- Tests --------------------------------------------------------------------- */

TEST(toolset, "a program of the toolset is on record by path and hash")
{
	struct session s;

	start();
	session(&s, "s1");
	const char *sha256 = sha256_of(s.toolset, "true");
	for (int i = 0; i < 2; i++) { /* hashed, then remembered */
		CHECK_INT(status_within(runner(s.toolset, "./true"), 5000), 0);
		expect("exec ok a-7 s1 P-1 pid=");
		CHECK_STR(stage_field(&stage, "place"), "toolset");
		CHECK_STR(stage_field(&stage, "path"), "/true");
		CHECK_STR(stage_field(&stage, "sha256"), sha256);
	}
}

TEST(own, "a researcher's program is on record by hash, its name is not")
{
	struct session s;

	start();
	session(&s, "s1");
	CHECK_INT(status_within(runner(s.workspace, "./secret"), 5000), 0);
	expect("place=workspace");
	CHECK(!strstr(stage.line, "secret"));
	CHECK_INT(strlen(stage_field(&stage, "name_commit")), 64);
	CHECK_STR(stage_field(&stage, "sha256"),
		  sha256_of(s.workspace, "secret"));
	CHECK_INT(status_within(runner(s.workspace, "./script"), 5000), 3);
	expect("place=workspace");
	CHECK_STR(stage_field(&stage, "sha256"),
		  sha256_of(s.workspace, "script"));
}

TEST(changed, "a program that was changed in between has another hash")
{
	struct session s;

	start();
	session(&s, "s1");
	CHECK_INT(status_within(runner(s.workspace, "./secret"), 5000), 0);
	expect("exec ok");
	int fd = openat(s.workspace, "secret", O_WRONLY | O_APPEND);
	CHECK(write(fd, "x", 1) == 1);
	close(fd);
	CHECK_INT(status_within(runner(s.workspace, "./secret"), 5000), 0);
	expect("exec ok");
	CHECK_STR(stage_field(&stage, "sha256"),
		  sha256_of(s.workspace, "secret"));
}

TEST(large, "a researcher's program over 16 MiB says that it is not hashed")
{
	struct session s;

	start();
	session(&s, "s1");
	int fd = openat(s.workspace, "secret", O_WRONLY);
	CHECK(ftruncate(fd, MORE_THAN_HASHED) == 0);
	close(fd);
	CHECK_INT(status_within(runner(s.workspace, "./secret"), 5000), 0);
	expect("sha256=unhashed");
	fd = openat(s.toolset, "true", O_WRONLY);
	CHECK(ftruncate(fd, MORE_THAN_HASHED) == 0);
	close(fd);
	CHECK_INT(status_within(runner(s.toolset, "./true"), 5000), 0);
	expect("place=toolset");
	CHECK_STR(stage_field(&stage, "sha256"), sha256_of(s.toolset, "true"));
}

TEST(data, "a dataset's file is on record once for each process")
{
	struct session s;
	const char *names[] = { "a.csv", "a.csv", "b.csv", "a.csv", NULL };

	start();
	session(&s, "s1");
	for (int i = 0; i < 2; i++) {
		CHECK_INT(status_within(opener(s.data, names), 5000), 0);
		expect("data.open ok a-7 s1 P-1 pid=");
		CHECK_STR(stage_field(&stage, "dataset"), "D-1");
		CHECK_STR(stage_field(&stage, "file"), "/a.csv");
		expect("file=/b.csv");
	}
	CHECK(!stage_record(&stage, 300));
}

TEST(huge, "a file of three gigabytes is opened and on record like any other")
{
	struct session s;

	start();
	session(&s, "s1");
	int fd = openat(s.data, "huge.db", O_CREAT | O_WRONLY, 0644);
	CHECK(ftruncate(fd, 3LL << 30) == 0);
	close(fd);
	expect("file=/huge.db"); /* made by opening, too */
	CHECK_INT(opened(s.data, "huge.db"), 0);
	expect("data.open ok");
	CHECK_STR(stage_field(&stage, "file"), "/huge.db");
}

TEST(again, "a process that becomes another program opens files anew")
{
	struct session s;

	start();
	make(&s);
	put_copy(s.workspace, "sh", "/bin/sh");
	hand(&s, "s1", false);
	pid_t pid = fork();
	if (pid == 0) {
		openat(s.data, "a.csv", O_RDONLY);
		dup2(s.data, 101);
		if (fchdir(s.workspace) == 0)
			execl("./sh", "sh", "-c",
			      "read x </proc/self/fd/101/a.csv", NULL);
		_exit(9);
	}
	CHECK_INT(status_within(pid, 5000), 0);
	expect("data.open ok");
	expect("exec ok");
	expect("data.open ok");
	CHECK_INT(atoi(stage_field(&stage, "pid")), pid);
}

TEST(late, "while audit does not answer for a second, opens and starts wait")
{
	struct session s;

	start();
	session(&s, "s1");
	CHECK_INT(opened(s.data, "a.csv"), 0);
	CHECK(stage_record(&stage, 1000));
	uint32_t ref = stage.ref;
	sleep(2);
	pid_t one = opener(s.data, (const char *[]){ "a.csv", NULL });
	pid_t two = runner(s.toolset, "./true");
	CHECK_INT(status_within(one, 500), -1);
	CHECK_INT(status_within(two, 200), -1);
	CHECK(!stage_record(&stage, 100));
	stage.ref = ref;
	stage_durable(&stage);
	CHECK_INT(status_within(one, 5000), 0);
	CHECK_INT(status_within(two, 5000), 0);
}

TEST(two, "two sessions are told apart")
{
	struct session one, two;

	start();
	session(&one, "s1");
	session(&two, "s2");
	CHECK_INT(opened(two.data, "a.csv"), 0);
	expect("data.open ok a-7 s2 P-1");
	CHECK_INT(opened(one.data, "a.csv"), 0);
	expect("data.open ok a-7 s1 P-1");
	CHECK_INT(status_within(runner(two.workspace, "./secret"), 5000), 0);
	expect("exec ok a-7 s2 P-1");
}

TEST(fair, "a session whose programs take long to hash waits, others do not")
{
	struct session one, two;
	const char *a[] = { "a.csv", NULL };

	start();
	session(&one, "s1");
	session(&two, "s2");
	int fd = openat(one.workspace, "secret", O_WRONLY);
	CHECK(ftruncate(fd, MORE_THAN_HASHED - 1) == 0);
	close(fd);
	CHECK(kill(stage.pid, SIGSTOP) == 0);
	runner(one.workspace, "./secret");
	usleep(100000); /* the first that waits */
	opener(one.data, a);
	for (int i = 0; i < 3; i++)
		opener(two.data, a);
	usleep(100000);
	CHECK(kill(stage.pid, SIGCONT) == 0);
	expect("exec ok a-7 s1");
	for (int i = 0; i < 3; i++)
		expect("data.open ok a-7 s2");
	expect("data.open ok a-7 s1");
}

TEST(strange, "a mount that is not the session's is refused, on record")
{
	struct session s;

	start();
	make(&s);
	hand(&s, "s1", true);
	CHECK_INT(opened(s.data, "a.csv"), EPERM);
	expect("data.open deny a-7 s1 P-1");
	CHECK_INT(status_within(runner(s.workspace, "./secret"), 5000), EPERM);
	expect("exec deny a-7 s1 P-1");
	CHECK(!strstr(stage.line, "secret"));
}

/* A watcher that took an event and died: the event is nobody's now. */
static void take_one(const struct session *s)
{
	char bytes[sizeof(struct fanotify_event_metadata) +
		   sizeof(struct fanotify_event_info_pidfd)];

	CHECK(stage_readable(s->marks.group, 3000));
	CHECK(read(s->marks.group, bytes, sizeof bytes) ==
	      (ssize_t)sizeof bytes);
}

TEST(successor, "after its death the next one takes over and lets nothing pass "
		"that it does not know to be on record")
{
	struct session s;

	start();
	session(&s, "s1");
	CHECK_INT(opened(s.data, "a.csv"), 0);
	CHECK(kill(stage.pid, SIGKILL) == 0);
	stage_end(&stage);
	pid_t one = opener(s.data, (const char *[]){ "a.csv", NULL });
	take_one(&s);
	pid_t two = opener(s.data, (const char *[]){ "b.csv", NULL });
	pid_t three = runner(s.toolset, "./true");
	CHECK_INT(status_within(two, 300), -1);
	start_again();
	hand_again(&s, "s1");
	expect("file=/b.csv");
	expect("place=toolset");
	CHECK_INT(status_within(two, 3000), 0);
	CHECK_INT(status_within(three, 3000), 0);
	CHECK(status_within(one, 3000) > 0);
	CHECK_INT(opened(s.data, "a.csv"), 0);
}

TEST(quota, "over its number a day a session waits, until it may go on; others "
	    "do not")
{
	struct session s, other;
	struct err err;
	struct msg m;

	start();
	limit(1000, 5);
	session(&s, "s1");
	session(&other, "s2");
	for (int i = 0; i < 5; i++)
		CHECK_INT(opened(s.data, "a.csv"), 0);
	pid_t one = opener(s.data, (const char *[]){ "b.csv", NULL });
	CHECK_INT(stage_hear(&stage), MSG_FLOODED);
	CHECK_INT(status_within(one, 300), -1);
	msg_start(&m, MSG_WATCH_GO_ON, 0);
	msg_put_str(&m, "s1");
	CHECK(msg_send(stage.link, &m, &err) == 0);
	CHECK_INT(status_within(one, 3000), 0);
	/* The number is its person's, who has another one now. */
	CHECK_INT(opened(other.data, "a.csv"), 0);
}

TEST(rate, "over its rate a session goes on at its rate")
{
	struct session s;

	start();
	limit(20, 100000);
	session(&s, "s1");
	for (int i = 0; i < 200; i++) {
		CHECK_INT(opened(s.data, "a.csv"), 0);
		expect("file=/a.csv");
	}
	pid_t one = opener(s.data, (const char *[]){ "b.csv", NULL });
	pid_t two = opener(s.data, (const char *[]){ "b.csv", NULL });
	CHECK_INT(status_within(one, 5000), 0);
	CHECK_INT(status_within(two, 5000), 0);
}

TEST(dead, "when the watcher dies, what is watched waits and can be killed")
{
	struct session s;

	start();
	session(&s, "s1");
	CHECK_INT(opened(s.data, "a.csv"), 0);
	CHECK(kill(stage.pid, SIGKILL) == 0);
	stage_end(&stage);
	pid_t one = opener(s.data, (const char *[]){ "b.csv", NULL });
	pid_t two = runner(s.toolset, "./true");
	CHECK_INT(status_within(one, 700), -1);
	CHECK_INT(status_within(two, 100), -1);
	CHECK(kill(one, SIGKILL) == 0 && kill(two, SIGKILL) == 0);
	CHECK_INT(status_within(one, 2000), 1000);
	CHECK_INT(status_within(two, 2000), 1000);
}

TEST(stopped, "when the watcher hangs, what is watched waits")
{
	struct session s;

	start();
	session(&s, "s1");
	CHECK_INT(opened(s.data, "a.csv"), 0);
	expect("file=/a.csv"); /* or all would wait for audit */
	CHECK(kill(stage.pid, SIGSTOP) == 0);
	pid_t one = opener(s.data, (const char *[]){ "b.csv", NULL });
	CHECK_INT(status_within(one, 700), -1);
	CHECK(kill(stage.pid, SIGCONT) == 0);
	CHECK_INT(status_within(one, 2000), 0);
}

TEST(killed, "a process that is killed while it waits harms nobody")
{
	struct session s;

	start();
	session(&s, "s1");
	CHECK(kill(stage.pid, SIGSTOP) == 0);
	pid_t one = opener(s.data, (const char *[]){ "b.csv", NULL });
	pid_t two = runner(s.toolset, "./true");
	usleep(100000);
	CHECK(kill(one, SIGKILL) == 0 && kill(two, SIGKILL) == 0);
	CHECK(kill(stage.pid, SIGCONT) == 0);
	CHECK_INT(opened(s.data, "a.csv"), 0);
	CHECK_INT(status_within(one, 2000), 1000);
}

TEST(alive, "the watcher says that it lives, also while opens wait")
{
	struct session s;
	struct err err;
	struct msg m;

	start();
	session(&s, "s1");
	msg_start(&m, MSG_ALIVE, 0);
	CHECK(msg_send(stage.link, &m, &err) == 0);
	CHECK_INT(stage_hear(&stage), MSG_ALIVE_IS);
	CHECK_INT(opened(s.data, "a.csv"), 0);
	sleep(2);
	pid_t one = opener(s.data, (const char *[]){ "b.csv", NULL });
	CHECK_INT(status_within(one, 300), -1);
	CHECK(msg_send(stage.link, &m, &err) == 0);
	CHECK_INT(stage_hear(&stage), MSG_ALIVE_IS);
	kill(one, SIGKILL);
}

static uint64_t size_of(int folder, const char *name)
{
	struct stat is;

	CHECK_INT(fstatat(folder, name, &is, 0), 0);
	return (uint64_t)is.st_size;
}

/* A session is let go; the watcher says what it opened. */
static void expect_watched(const char *name, uint64_t files, uint64_t bytes)
{
	char said[ID_SIZE];
	struct err err;
	struct msg m;

	msg_start(&m, MSG_WATCH_END, 0);
	msg_put_str(&m, name);
	CHECK(msg_send(stage.link, &m, &err) == 0);
	CHECK_INT(stage_hear(&stage), MSG_WATCHED);
	msg_get_str(&stage.m, said, sizeof said);
	CHECK_STR(said, name);
	CHECK_INT(msg_get_u64(&stage.m), files);
	CHECK_INT(msg_get_u64(&stage.m), bytes);
	CHECK(msg_done(&stage.m));
}

TEST(end, "a session that ended is let go, and nobody else's is")
{
	struct session one, two;
	struct err err;
	struct msg m;

	start();
	session(&one, "s1");
	session(&two, "s2");
	CHECK_INT(opened(one.data, "b.csv"), 0);
	CHECK_INT(opened(one.data, "a.csv"), 0);
	expect("data.open ok a-7 s1 P-1");
	expect("data.open ok a-7 s1 P-1");
	expect_watched("s1", 2,
		       size_of(one.data, "a.csv") + size_of(one.data, "b.csv"));
	expect_watched("unknown", 0, 0);
	msg_start(&m, MSG_ALIVE, 0);
	CHECK(msg_send(stage.link, &m, &err) == 0);
	CHECK_INT(stage_hear(&stage), MSG_ALIVE_IS);
	CHECK_INT(opened(two.data, "a.csv"), 0);
	expect("data.open ok a-7 s2 P-1");
	pid_t waits = fork();
	if (waits == 0) {
		close(one.marks.group);
		_exit(openat(one.data, "a.csv", O_RDONLY) < 0);
	}
	CHECK_INT(status_within(waits, 300), -1);
	close(one.marks.group); /* now nobody holds it: nobody is asked */
	CHECK_INT(status_within(waits, 2000), 0);
	CHECK(!stage_record(&stage, 200));
}

TEST(twice, "a session that is handed over twice ends the watcher")
{
	struct session s;

	start();
	session(&s, "s1");
	hand(&s, "s1", false);
	CHECK_INT(stage_hear(&stage), MSG_FAILED);
	CHECK_INT(stage_end(&stage), 1);
}

/* A process whose n children, so many at a time, each open a file. */
static pid_t storm(int folder, int n, int at_a_time)
{
	const char *names[] = { "a.csv", NULL };
	pid_t pid = fork();
	int status = 0;

	if (pid != 0)
		return pid;
	for (int i = 0; i < n; i++) {
		if (opener(folder, names) < 0)
			_exit(1);
		if (i >= at_a_time && (wait(&status) < 0 || status != 0))
			_exit(1);
	}
	while (wait(&status) > 0)
		if (status != 0)
			_exit(1);
	_exit(0);
}

TEST(slow,
     "an audit that reads nothing for a while makes all wait, and no more")
{
	struct session s;
	int count = 0;

	start();
	session(&s, "s1");
	pid_t one = storm(s.data, 5000, 8);
	CHECK_INT(status_within(one, 2500), -1);
	while (count < 5000 && stage_record(&stage, 3000)) {
		stage_durable(&stage);
		count++;
	}
	CHECK_INT(count, 5000);
	CHECK_INT(status_within(one, 2000), 0);
}

TEST(burst, "of 2,000 opens by processes that live shortly none is lost")
{
	struct session s;
	int count = 0;

	start();
	session(&s, "s1");
	pid_t one = storm(s.data, 2000, 8);
	while (count < 2000 && stage_record(&stage, 3000)) {
		CHECK(strstr(stage.line, "data.open ok a-7 s1 P-1 pid="));
		stage_durable(&stage);
		count++;
	}
	CHECK_INT(count, 2000);
	CHECK_INT(status_within(one, 2000), 0);
	CHECK(!stage_record(&stage, 300));
}

TAP_MAIN
