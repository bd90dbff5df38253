/* links: audit gateway/base; -lcrypto */
/*
 * audit_bench - how fast records become durable, against the disk's own limit
 * measured in the same run, and how fast they are built in memory.
 *
 *	build/bench/audit_bench FOLDER      as root; FOLDER is on the disk meant
 *
 * Runs the built sekisho-audit with this program as its supervisor and 1, then
 * 64 writers, each of which waits for its record before it sends the next.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "audit/client.h"
#include "audit/ledger.h"
#include "gateway/base/process.h"

enum {
	UID = 64321,
	WRITERS = 64,
	MEMORY = 1000000,
	ENTRIES = 2000000,
	ROUNDS = 4
};

static const double seconds = 1.0;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int folder(const char *base, const char *name)
{
	char path[5000];

	snprintf(path, sizeof path, "%s/%s", base, name);
	if (mkdir(path, 0700) < 0 || chown(path, UID, UID) < 0)
		die("make %s (the folder has to be new)", path);
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Appends of 400 bytes with a sync each, as many as fit. */
static double raw_rate(const char *base)
{
	char path[5000], bytes[400];
	double begin = now();
	int n = 0;

	memset(bytes, 'x', sizeof bytes);
	snprintf(path, sizeof path, "%s/raw", base);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	while (now() - begin < seconds) {
		if (write(fd, bytes, sizeof bytes) != sizeof bytes ||
		    fdatasync(fd) < 0)
			die("write %s", path);
		n++;
	}
	close(fd);
	unlink(path);
	return n / (now() - begin);
}

static int start(const char *base, const char *name, pid_t *pid)
{
	static struct msg m;
	char sub[40];
	struct err err;
	int pair[2];

	if (msg_pair(pair, &err) < 0)
		die("%s", err.text);
	*pid = fork();
	if (*pid == 0) {
		dup2(pair[1], PROCESS_LINK);
		close_range(PROCESS_LINK + 1, ~0u, 0);
		execl("build/bin/sekisho-audit", "sekisho-audit", (char *)NULL);
		_exit(127);
	}
	close(pair[1]);
	msg_start(&m, MSG_START, 0);
	msg_put_u32(&m, UID);
	msg_put_u32(&m, UID);
	static const char *const parts[] = { "log", "key", "anchor" };
	for (int i = 0; i < 3; i++) {
		snprintf(sub, sizeof sub, "%s-%s", name, parts[i]);
		msg_put_fd(&m, folder(base, sub));
		if (i == 0)
			msg_put_str(&m, "bench.example/log");
	}
	if (msg_send(pair[0], &m, &err) < 0 ||
	    msg_receive(pair[0], &m, &err) != 1 || m.type != MSG_READY)
		die("sekisho-audit did not start");
	return pair[0];
}

static int add_writer(int link)
{
	static struct msg m;
	struct err err;
	int pair[2];

	if (msg_pair(pair, &err) < 0)
		die("%s", err.text);
	msg_start(&m, MSG_WRITER, 0);
	msg_put_str(&m, "policy");
	for (int i = 0; i < 3; i++)
		msg_put_str(&m, "*");
	msg_put_fd(&m, pair[1]);
	if (msg_send(link, &m, &err) < 0)
		die("%s", err.text);
	close(pair[1]);
	return pair[0];
}

static void send_one(int link)
{
	static struct audit_record record;
	struct err err;

	audit_begin(&record, "auth.end", AUDIT_OK);
	audit_text(&record, "source", "192.0.2.1");
	if (audit_send(link, 1, &record, NULL, &err) < 0)
		die("%s", err.text);
}

static double cpu(int whose)
{
	struct rusage used;

	getrusage(whose, &used);
	return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
	       (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

/* n writers, each of which sends its next record when the last one was
 * answered; records a second. */
static double drive(struct pollfd *links, int n)
{
	static struct msg m;
	struct err err;
	int done = 0;

	for (int i = 0; i < n; i++)
		send_one(links[i].fd);
	double begin = now();
	while (now() - begin < seconds) {
		poll(links, (nfds_t)n, 1000);
		for (int i = 0; i < n; i++) {
			if (!links[i].revents)
				continue;
			if (msg_receive(links[i].fd, &m, &err) != 1 ||
			    m.type != MSG_RECORDED)
				die("no acknowledgement");
			done++;
			send_one(links[i].fd);
		}
	}
	return done / (now() - begin);
}

static double durable_rate(const char *base, int n)
{
	static struct msg m;
	struct pollfd links[WRITERS];
	struct err err;
	char name[16];
	pid_t pid;

	static int started;

	snprintf(name, sizeof name, "w%d", ++started);
	int supervisor = start(base, name, &pid);
	for (int i = 0; i < n; i++)
		links[i] = (struct pollfd){ .fd = add_writer(supervisor),
					    .events = POLLIN };
	double rate = drive(links, n);
	msg_start(&m, MSG_STOP, 0);
	msg_send(supervisor, &m, &err);
	waitpid(pid, NULL, 0);
	return rate;
}

/* What arrived is written as 400 bytes each, synced once and answered: no log,
 * no parsing. */
static _Noreturn void answer_bare(struct pollfd *links, int n, int fd)
{
	static struct msg m, out;
	static char bytes[400 * WRITERS];
	struct err err;
	off_t at = 0;

	msg_start(&out, MSG_RECORDED, 1);
	msg_put_u64(&out, 1);
	for (;;) {
		int heard[WRITERS], nheard = 0;

		poll(links, (nfds_t)n, -1);
		for (int i = 0; i < n; i++) {
			if (!links[i].revents)
				continue;
			if (msg_receive(links[i].fd, &m, &err) != 1)
				_exit(0);
			heard[nheard++] = links[i].fd;
		}
		if (pwrite(fd, bytes, (size_t)nheard * 400, at) < 0 ||
		    fdatasync(fd) < 0)
			_exit(1);
		at += nheard * 400;
		for (int i = 0; i < nheard; i++)
			msg_send(heard[i], &out, &err);
	}
}

/* The same exchange with a process that does nothing but write and sync: what
 * the sockets and the scheduler of this machine allow. */
static double bare_rate(const char *base, int n)
{
	struct pollfd ours[WRITERS], theirs[WRITERS];
	char path[5000];
	struct err err;
	int pair[2];

	snprintf(path, sizeof path, "%s/bare", base);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	for (int i = 0; i < n; i++) {
		if (msg_pair(pair, &err) < 0)
			die("%s", err.text);
		ours[i] = (struct pollfd){ .fd = pair[0], .events = POLLIN };
		theirs[i] = (struct pollfd){ .fd = pair[1], .events = POLLIN };
	}
	pid_t pid = fork();
	if (pid == 0)
		answer_bare(theirs, n, fd);
	double rate = drive(ours, n);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	for (int i = 0; i < n; i++) {
		close(ours[i].fd);
		close(theirs[i].fd);
	}
	close(fd);
	unlink(path);
	return rate;
}

/* A record whose line has about 200 bytes, the key of its caller varying. */
static struct record small_record(char idem[static 16], int i)
{
	static struct audit_field field = { .key = "conn", .number = 7 };

	snprintf(idem, 16, "%d", i);
	return (struct record){ .time = 1790000000000000 + i,
				.mono = 123456789 + i,
				.actor = "u-1",
				.event = "auth.end",
				.boot = "00112233445566778899aabbccddeeff",
				.idem = idem,
				.permit = "-",
				.result = "ok",
				.session = "-",
				.writer = "policy",
				.fields = &field,
				.nfields = 1 };
}

/* Build, hash, chain and put into the tree, without a disk; or, with build
 * false, no more than the hashes that this takes: the limit. */
static double memory_rate(bool build)
{
	struct hash made[MERKLE_DENSE];
	struct hasher hasher;
	struct merkle tree;
	struct chain chain;
	struct err err;
	char line[1024], idem[16];
	long len = 0;

	merkle_init(&tree);
	chain_init(&chain);
	struct record record = small_record(idem, 0);
	double begin = cpu(RUSAGE_SELF);
	for (int i = 0; i < MEMORY; i++) {
		record.index = chain.next;
		record.previous = chain.head;
		if (build || i == 0)
			len = record_build(line, sizeof line, &record, &err);
		struct hash leaf =
			chain_append(&chain, &hasher, line, (size_t)len);
		merkle_append(&tree, &hasher, &leaf, made);
	}
	double rate = MEMORY / (cpu(RUSAGE_SELF) - begin);
	if (build)
		printf("records of %ld bytes in memory, one core:\n", len);
	return rate;
}

/* A log of ENTRIES entries; its bytes. */
static uint64_t make_log(const char *base)
{
	static struct ledger ledger;
	char path[5000], idem[16];
	struct err err = { "" };
	uint64_t bytes = 0;

	snprintf(path, sizeof path, "%s/read", base);
	mkdir(path, 0700);
	ledger.dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ledger.key_dir = folder(base, "read-key");
	ledger.anchor_dir = folder(base, "read-anchor");
	if (ledger_open(&ledger, "bench.example/log", &err) < 0)
		die("%s", err.text);
	for (int i = 0; i < ENTRIES; i++) {
		struct record record = small_record(idem, i);

		record.boot = ledger.boot;
		if (journal_append(&ledger.journal, &record, &err) < 0)
			die("%s", err.text);
		if (!journal_full(&ledger.journal))
			continue;
		bytes += ledger.journal.used;
		if (ledger_commit(&ledger, &err) < 0)
			die("%s", err.text);
	}
	bytes += ledger.journal.used;
	if (ledger_commit(&ledger, &err) < 0 || ledger_sign(&ledger, &err) < 0)
		die("%s", err.text);
	ledger_close(&ledger);
	return bytes;
}

/* Read all of it with the built verifier. Cores are shared with others while
 * this runs, so the rate is that of processor time spent, on two cores. */
static void verify_rate(const char *base, double limit)
{
	char path[5000];
	uint64_t bytes = make_log(base);
	struct rusage used;
	int status;

	snprintf(path, sizeof path, "%s/read", base);
	double before = cpu(RUSAGE_CHILDREN), begin = now();
	pid_t pid = fork();
	if (pid == 0) {
		dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDOUT_FILENO);
		execl("build/bin/sekisho-verify", "sekisho-verify", path,
		      (char *)NULL);
		_exit(127);
	}
	if (waitpid(pid, &status, 0) != pid || status != 0)
		die("sekisho-verify does not like the log");
	double spent = cpu(RUSAGE_CHILDREN) - before, wall = now() - begin;
	getrusage(RUSAGE_CHILDREN, &used);
	double rate = ENTRIES / spent;
	printf("verify, %d entries: %.2f GB/s by the clock, %.2f GB/s of two "
	       "cores' time (target 0.85; %.2f of the hashes' limit), %ld MB\n",
	       ENTRIES, (double)bytes / wall / 1e9,
	       2 * (double)bytes / spent / 1e9, rate / limit,
	       used.ru_maxrss / 1024);
}

/* The disk and its limit by turns, so that both see the same machine. */
static void durable(const char *base)
{
	double raw = 0, one = 0, many = 0, bare = 0;

	for (int i = 0; i < ROUNDS; i++) {
		raw += raw_rate(base) / ROUNDS;
		one += durable_rate(base, 1) / ROUNDS;
		raw += raw_rate(base) / ROUNDS;
		many += durable_rate(base, WRITERS) / ROUNDS;
		bare += bare_rate(base, WRITERS) / ROUNDS;
	}
	raw /= 2;
	printf("raw write and fdatasync: %.0f/s\n", raw);
	printf("durable, 1 writer: %.0f/s, %.2f of the limit (target 0.85)\n",
	       one, one / raw);
	printf("durable, %d writers: %.0f/s, %.2f of the limit x %d (target "
	       "0.70); %.2f of the same exchange without a log\n",
	       WRITERS, many, many / (raw * WRITERS), WRITERS, many / bare);
}

int main(int argc, char **argv)
{
	char base[4096];

	if (argc != 2)
		die("usage: audit_bench FOLDER");
	snprintf(base, sizeof base, "%s/audit-bench-XXXXXX", argv[1]);
	if (!mkdtemp(base))
		die("make a folder in %s", argv[1]);
	durable(base);
	double limit = memory_rate(false), memory = memory_rate(true);
	printf("in memory: %.2f M/s (target 2.5), %.2f of the hashes' limit of "
	       "%.2f M/s\n",
	       memory / 1e6, memory / limit, limit / 1e6);
	verify_rate(base, limit);
	printf("left in %s\n", base);
	return 0;
}
