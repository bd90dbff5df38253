/* links: audit gateway/base; -lcrypto */
/*
 * durable_bench - how many records become durable in a second, beside the disk
 * itself and the same exchange without a log.
 *
 *	build/tests/bench/durable_bench FOLDER       as root, on the disk meant
 *	build/tests/bench/durable_bench FOLDER raw   the disk alone, a number
 *
 * Runs the built sekisho-audit with this program as its supervisor. Writers
 * are driven in three ways:
 *
 * processes  each writer is a process that does what a desk does: build a
 *            record, send it, sleep until it is durable. Where they outnumber
 *            the cores, most of the time goes into changing from one to the
 *            next, which is the writers' and not the log's.
 * links      all of them in one process that waits for all links at once, as
 *            the load generators of other stores do (redis-benchmark). Each
 *            link has one record under way: at most one sync's worth of links
 *            becomes durable with each sync, which is the limit in the
 *            specification. Everything a writer has to do for a record is
 *            done.
 * streams    the same, but each link has STREAM records under way, as the
 *            watcher, the recorders, policy and the supervisor do. They do not
 *            wait for a sync, so that limit is not theirs.
 *
 * The disk, ours and the bare exchange are measured by turns. What audit spent
 * on a record does not depend on who else uses this machine.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "audit/client.h"
#include "gateway/base/process.h"

enum {
	UID = 64321,
	WRITERS = 64,
	STREAM = 16,
	RECORD = 260, /* bytes of a line, as small as they get */
	ROUNDS = 4
};

static const double seconds = 0.5;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Processor time of another process. */
static double spent(pid_t pid)
{
	struct timespec t;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) != 0 ||
	    clock_gettime(clock, &t) < 0)
		die("no clock of sekisho-audit");
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* --- The disk ---------------------------------------------------------------- */

static int scratch(const char *base, const char *name)
{
	char path[5000];

	snprintf(path, sizeof path, "%s/%s", base, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		die("make %s", path);
	return fd;
}

/* Appends of a record's size with a sync each, as many as fit. */
static double raw_rate(const char *base)
{
	char bytes[RECORD];
	double begin = now();
	int n = 0, fd = scratch(base, "raw");

	memset(bytes, 'x', sizeof bytes);
	while (now() - begin < seconds) {
		if (write(fd, bytes, sizeof bytes) != sizeof bytes ||
		    fdatasync(fd) < 0)
			die("write %s/raw", base);
		n++;
	}
	close(fd);
	return n / (now() - begin);
}

/* --- Writers ------------------------------------------------------------------- */

static void send_one(int link)
{
	static struct audit_record record;
	struct err err;

	audit_begin(&record, "auth.end", AUDIT_OK);
	audit_number(&record, "conn", 7);
	if (audit_send(link, 1, &record, NULL, &err) < 0)
		die("%s", err.text);
}

/* How many records became durable. */
static int hear(int link)
{
	struct audit_answer answers[AUDIT_ANSWERS];
	static struct msg m;
	struct err err;
	int n = -1;

	if (msg_receive(link, &m, &err) == 1)
		n = audit_recorded(&m, answers);
	if (n < 0)
		die("no acknowledgement");
	return n;
}

/* Records a second with `under_way` of them on each link. */
static double drive_links(const int *links, int n, int under_way)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC), done = 0;

	for (int i = 0; i < n; i++) {
		struct epoll_event event = { EPOLLIN, { .fd = links[i] } };

		if (epoll_ctl(epoll, EPOLL_CTL_ADD, links[i], &event) < 0)
			die("epoll");
		for (int k = 0; k < under_way; k++)
			send_one(links[i]);
	}
	double begin = now();
	while (now() - begin < seconds) {
		struct epoll_event ready[WRITERS];
		int count = epoll_wait(epoll, ready, WRITERS, 1000);

		for (int i = 0; i < count; i++) {
			int durable = hear(ready[i].data.fd);

			for (int k = 0; k < durable; k++)
				send_one(ready[i].data.fd);
			done += durable;
		}
	}
	double rate = done / (now() - begin);
	close(epoll);
	return rate;
}

static _Noreturn void write_on(int link, const int *start, _Atomic long *done)
{
	struct audit_record record;
	struct err err;
	char byte;

	close(start[1]);
	(void)!read(start[0], &byte, 1); /* until the others are there */
	for (;;) {
		audit_begin(&record, "auth.end", AUDIT_OK);
		audit_number(&record, "conn", 7);
		if (audit_write(link, &record, NULL, &err) < 0)
			_exit(1);
		++*done;
	}
}

/* The same by a process for each link. */
static double drive_processes(const int *links, int n)
{
	_Atomic long *done = mmap(NULL, sizeof *done, PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pids[WRITERS];
	int start[2];

	if (done == MAP_FAILED || pipe(start) < 0)
		die("no memory or pipe");
	for (int i = 0; i < n; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			write_on(links[i], start, done);
	}
	close(start[0]);
	close(start[1]);
	double begin = now();
	usleep((useconds_t)(seconds * 1e6));
	double rate = (double)*done / (now() - begin);
	for (int i = 0; i < n; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
	munmap((void *)(uintptr_t)done, sizeof *done);
	return rate;
}

enum way { PROCESSES, LINKS, STREAMS };

static double drive(enum way way, const int *links, int n)
{
	if (way == PROCESSES)
		return drive_processes(links, n);
	return drive_links(links, n, way == STREAMS ? STREAM : 1);
}

/* --- Ours ---------------------------------------------------------------------- */

static int folder(const char *base, const char *name)
{
	char path[5000];

	snprintf(path, sizeof path, "%s/%s", base, name);
	if (mkdir(path, 0700) < 0 || chown(path, UID, UID) < 0)
		die("make %s (the folder has to be new)", path);
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int start_audit(const char *base, pid_t *pid)
{
	static const char *const parts[] = { "log", "key", "anchor" };
	static struct msg m;
	static int started;
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
	started++;
	msg_start(&m, MSG_START, 0);
	msg_put_u32(&m, UID);
	msg_put_u32(&m, UID);
	for (int i = 0; i < 3; i++) {
		snprintf(sub, sizeof sub, "%d-%s", started, parts[i]);
		msg_put_fd(&m, folder(base, sub));
		if (i == 0)
			msg_put_str(&m, "bench.example/log");
	}
	if (msg_send(pair[0], &m, &err) < 0 ||
	    msg_receive(pair[0], &m, &err) != 1 || m.type != MSG_READY)
		die("sekisho-audit did not start");
	return pair[0];
}

static int add_writer(int supervisor)
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
	if (msg_send(supervisor, &m, &err) < 0)
		die("%s", err.text);
	close(pair[1]);
	return pair[0];
}

/* What one way of driving came to. */
struct figure {
	double rate;
	double cost; /* microseconds of audit's for each record */
};

static struct figure measure(const char *base, enum way way, int n)
{
	static struct msg m;
	int links[WRITERS];
	struct err err;
	pid_t pid;
	int supervisor = start_audit(base, &pid);

	for (int i = 0; i < n; i++)
		links[i] = add_writer(supervisor);
	double before = spent(pid), rate = drive(way, links, n);
	double cost = (spent(pid) - before) / (rate * seconds);
	msg_start(&m, MSG_STOP, 0);
	msg_send(supervisor, &m, &err);
	waitpid(pid, NULL, 0);
	close(supervisor);
	for (int i = 0; i < n; i++)
		close(links[i]);
	return (struct figure){ rate, 1e6 * cost };
}

/* --- The same exchange without a log --------------------------------------------- */

/* What arrived is written, synced once and answered: no parsing, no hash. */
static _Noreturn void answer_bare(const int *links, int n, int fd)
{
	static char bytes[RECORD * WRITERS];
	static struct msg m;
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	struct err err;

	for (int i = 0; i < n; i++) {
		struct epoll_event event = { EPOLLIN, { .fd = links[i] } };

		epoll_ctl(epoll, EPOLL_CTL_ADD, links[i], &event);
	}
	for (;;) {
		struct epoll_event ready[WRITERS];
		uint32_t refs[WRITERS];
		int heard = epoll_wait(epoll, ready, WRITERS, -1);

		for (int i = 0; i < heard; i++) {
			if (msg_receive(ready[i].data.fd, &m, &err) != 1)
				_exit(0);
			refs[i] = m.ref;
		}
		if (write(fd, bytes, (size_t)heard * RECORD) < 0 ||
		    fdatasync(fd) < 0)
			_exit(1);
		for (int i = 0; i < heard; i++) {
			msg_start(&m, MSG_RECORDED, refs[i]);
			msg_put_u64(&m, 1);
			msg_send(ready[i].data.fd, &m, &err);
		}
	}
}

static double bare_rate(const char *base, enum way way, int n)
{
	int ours[WRITERS], theirs[WRITERS], pair[2];
	int fd = scratch(base, "bare");
	struct err err;

	for (int i = 0; i < n; i++) {
		if (msg_pair(pair, &err) < 0)
			die("%s", err.text);
		ours[i] = pair[0];
		theirs[i] = pair[1];
	}
	pid_t pid = fork();
	if (pid == 0)
		answer_bare(theirs, n, fd);
	double rate = drive(way, ours, n);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	for (int i = 0; i < n; i++) {
		close(ours[i]);
		close(theirs[i]);
	}
	close(fd);
	return rate;
}

/* --- The report ------------------------------------------------------------------ */

static const struct row {
	const char *what;
	enum way way;
	int writers;
	double target; /* of syncs x writers; 0: none */
} rows[] = {
	{ "1 writer", PROCESSES, 1, 0.85 },
	{ "64 links", LINKS, WRITERS, 0.70 },
	{ "64 processes", PROCESSES, WRITERS, 0 },
	{ "64 streams", STREAMS, WRITERS, 0 },
};

enum { ROWS = sizeof rows / sizeof *rows };

static void print(const struct row *row, const struct figure *ours, double raw,
		  double bare)
{
	printf("%-13s %7.0f/s", row->what, ours->rate);
	if (row->way != STREAMS)
		printf(", %.2f of syncs x %d", ours->rate / raw / row->writers,
		       row->writers);
	if (row->target > 0)
		printf(" (target %.2f)", row->target);
	printf("; %.2f of the exchange without a log; audit spends %.1f us on "
	       "one\n",
	       ours->rate / bare, ours->cost);
}

int main(int argc, char **argv)
{
	char base[4096];
	double raw[ROWS] = { 0 }, bare[ROWS] = { 0 };
	struct figure ours[ROWS] = { 0 };

	if (argc == 3 && strcmp(argv[2], "raw") == 0) {
		printf("%.0f\n", raw_rate(argv[1]));
		return 0;
	}
	if (argc != 2)
		die("usage: durable_bench FOLDER [raw]");
	snprintf(base, sizeof base, "%s/durable-XXXXXX", argv[1]);
	if (!mkdtemp(base))
		die("make a folder in %s", argv[1]);
	for (int i = 0; i < ROUNDS * ROWS; i++) {
		int at = i % ROWS, n = rows[at].writers;

		raw[at] += raw_rate(base) / ROUNDS / 2;
		struct figure one = measure(base, rows[at].way, n);
		raw[at] += raw_rate(base) / ROUNDS / 2;
		bare[at] += bare_rate(base, rows[at].way, n) / ROUNDS;
		ours[at].rate += one.rate / ROUNDS;
		ours[at].cost += one.cost / ROUNDS;
	}
	printf("write and fdatasync: %.0f/s\n", raw[0]);
	for (int i = 0; i < ROWS; i++)
		print(&rows[i], &ours[i], raw[i], bare[i]);
	return 0;
}
