/* links: policy/airlock/parse policy/airlock/compare policy/airlock/findings gateway/base; -lz */
/*
 * check_bench - how fast a check is, beside grep over the same file.
 *
 *	build/tests/bench/check_bench FOLDER      as root
 *
 * 16 MiB of text against five million pseudonyms: the scan alone, and the
 * whole road through the built sekisho-parse and sekisho-compare; then one
 * small table. grep looks for runs of the alphabet only, without knowing
 * whose they are. The scan and grep are counted in processor time, so that
 * other work on the machine does not count; so are 500 small files, which may
 * take 12 ms each on two processors (10,000 in a minute). Programs otherwise in
 * elapsed time. Exit status 1 if a target was missed.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "gateway/base/process.h"
#include "policy/airlock/compare/review.h"
#include "policy/airlock/compare/solver.h"

enum { TEXT_BYTES = 16 << 20, PEOPLE = 5000000, ROUNDS = 7, UID = 64321 };

static uint64_t seed = 88172645463325252u;
static bool missed;

static uint64_t chance(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1000 + (double)t.tv_nsec / 1e6;
}

static double spent(int who)
{
	struct rusage used;

	getrusage(who, &used);
	return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000 +
	       (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1000;
}

static int in_order(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double median(double *ms)
{
	qsort(ms, ROUNDS, sizeof *ms, in_order);
	return ms[ROUNDS / 2];
}

static void row(const char *what, double ours, double theirs, double target)
{
	bool met = ours <= target;

	missed |= !met;
	printf("%-44s %8.1f ms", what, ours);
	if (theirs > 0)
		printf("  grep %8.1f ms", theirs);
	printf("  at most %.0f ms: %s\n", target, met ? "met" : "missed");
}

static int file_at(const char *folder, const char *name)
{
	char path[5000];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		die("make %s", path);
	return fd;
}

static void write_all(int fd, const void *bytes, size_t len)
{
	const uint8_t *at = bytes;

	while (len > 0) {
		ssize_t n = write(fd, at, len);

		if (n <= 0)
			die("write");
		at += n;
		len -= (size_t)n;
	}
}

/* Sorted as it is made: each value is a little above the one before. */
static int make_index(const char *folder)
{
	AUTO_FREE uint8_t *values = malloc((size_t)PEOPLE * PSEUDONYM_BYTES);
	int fd = file_at(folder, "index");
	uint64_t value = 0;

	if (!values)
		die("memory");
	for (size_t i = 0; i < PEOPLE; i++) {
		uint64_t rest = chance();

		value += 1 + chance() % (UINT64_MAX / PEOPLE * 2 - 2) / 2 * 2;
		uint64_t big = __builtin_bswap64(value);
		memcpy(values + i * PSEUDONYM_BYTES, &big, 8);
		memcpy(values + i * PSEUDONYM_BYTES + 8, &rest, 8);
	}
	write_all(fd, values, (size_t)PEOPLE * PSEUDONYM_BYTES);
	return fd;
}

/* A log as programs write them: words, numbers, dates, paths, hashes. */
static size_t make_text(char *text, size_t size)
{
	static const char *const words[] = {
		"fitting",  "model",	 "with",    "covariates", "converged",
		"warning:", "estimates", "for",	    "cohort",	  "n=",
		"age_band", "rows",	 "written", "baseline",	  "hazard",
	};
	size_t used = 0;

	while (used < size - 200) {
		used += (size_t)snprintf(text + used, 200,
					 "2024-%02u-%02u %02u:%02u ",
					 (unsigned int)(chance() % 12) + 1,
					 (unsigned int)(chance() % 28) + 1,
					 (unsigned int)(chance() % 24),
					 (unsigned int)(chance() % 60));
		for (uint64_t n = 3 + chance() % 8; n > 0; n--)
			used += (size_t)snprintf(text + used, 60, "%s %.3f ",
						 words[chance() % 15],
						 (double)(chance() % 99999) /
							 100);
		if (chance() % 16 == 0)
			used += (size_t)snprintf(text + used, 40, "%016llx",
						 (unsigned long long)chance());
		text[used++] = '\n';
	}
	return used;
}

static double scan(const char *text, size_t len, int index)
{
	static struct pseudonyms pseudonyms;
	static struct scan_hits hits;
	struct scan state = { 0 };
	struct err err;
	double begin = spent(RUSAGE_SELF);

	memset(&pseudonyms, 0, sizeof pseudonyms);
	if (pseudonyms_map(&pseudonyms, index, &err) < 0)
		die("%s", err.text);
	scan_init(&state, &pseudonyms, &hits);
	scan_feed(&state, (const uint8_t *)text, len);
	scan_end(&state);
	double ms = spent(RUSAGE_SELF) - begin;
	munmap((void *)(uintptr_t)pseudonyms.index[0].values,
	       (size_t)PEOPLE * PSEUDONYM_BYTES);
	return ms;
}

/* Start a program; the link to it. START has begun in m. */
static int start(const char *program, struct msg *m, pid_t *pid)
{
	struct err err;
	int pair[2];

	if (msg_pair(pair, &err) < 0)
		die("%s", err.text);
	*pid = fork();
	if (*pid == 0) {
		dup2(pair[1], PROCESS_LINK);
		close_range(PROCESS_LINK + 1, ~0u, 0);
		execl(program, program, (char *)NULL);
		_exit(127);
	}
	close(pair[1]);
	msg_start(m, MSG_START, 0);
	msg_put_u32(m, UID);
	msg_put_u32(m, UID);
	return pair[0];
}

static void send(int link, const struct msg *m)
{
	struct err err;

	if (msg_send(link, m, &err) < 0)
		die("%s", err.text);
}

/* A parse over the file, from its beginning. */
static pid_t start_parse(int root, int file, uint64_t size, int pipe)
{
	static struct msg m;
	pid_t pid;

	if (lseek(file, 0, SEEK_SET) != 0)
		die("seek");
	AUTO_FD int link = start("build/bin/sekisho-parse", &m, &pid);
	msg_put_fd(&m, root);
	msg_put_str(&m, "t.csv");
	msg_put_u64(&m, size);
	msg_put_fd(&m, file);
	msg_put_fd(&m, pipe);
	send(link, &m);
	take_fd(&link); /* the parse ends when it has written all */
	close(pipe);
	return pid;
}

static void compare(int link, int root, int file, uint64_t size)
{
	static struct msg m;
	static const uint8_t sha256[32];
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		die("a pipe");
	pid_t pid = start_parse(root, file, size, ends[1]);
	msg_start(&m, MSG_COMPARE, 0);
	msg_put_u32(&m, 1);
	msg_put_str(&m, "t.csv");
	msg_put_u64(&m, size);
	msg_put_bytes(&m, sha256, sizeof sha256);
	msg_put_fd(&m, ends[0]);
	send(link, &m);
	close(ends[0]);
	waitpid(pid, NULL, 0);
}

/* One file n times through both programs, from their start to CHECKED. */
static double check(const char *folder, int file, int index, int n)
{
	static struct msg m;
	AUTO_FD int root = open(folder, O_PATH | O_CLOEXEC);
	struct err err;
	struct stat st;
	int findings[2];
	double begin = now();
	pid_t pid;

	if (fstat(file, &st) < 0 || msg_pair(findings, &err) < 0)
		die("a pair");
	AUTO_FD int link = start("build/bin/sekisho-compare", &m, &pid);
	msg_put_fd(&m, root);
	msg_put_u64(&m, 1);
	msg_put_str(&m, "P-1");
	msg_put_u32(&m, 10);
	msg_put_u32(&m, 1);
	msg_put_str(&m, "claims");
	msg_put_fd(&m, index);
	msg_put_fd(&m, findings[1]);
	send(link, &m);
	for (int i = 0; i < n; i++)
		compare(link, root, file, (uint64_t)st.st_size);
	msg_start(&m, MSG_COMPARE_ALL, 0);
	send(link, &m);
	do {
		if (msg_receive(findings[0], &m, &err) != 1)
			die("compare said nothing");
	} while (m.type != MSG_CHECKED);
	double ms = now() - begin;
	waitpid(pid, NULL, 0);
	close(findings[0]);
	close(findings[1]);
	return ms;
}

static double grep(const char *folder)
{
	char path[5000];
	double begin = spent(RUSAGE_CHILDREN);
	pid_t pid = fork();

	snprintf(path, sizeof path, "%s/text", folder);
	if (pid == 0) {
		int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

		dup2(null, 1);
		setenv("LC_ALL", "C", 1);
		execlp("grep", "grep", "-c", "-iE", "[0-9a-hjkmnp-tv-z]{26}",
		       path, (char *)NULL);
		_exit(127);
	}
	waitpid(pid, NULL, 0);
	return spent(RUSAGE_CHILDREN) - begin;
}

/* 2,000 unknowns in a square of sums, each nearly known */
static double solve(void)
{
	enum { SIDE = 44 };
	static struct solver solver;
	static int64_t truth[SIDE * SIDE];

	solver_init(&solver);
	for (uint32_t i = 0; i < SIDE * SIDE; i++) {
		truth[i] = 1 + (int64_t)(chance() % 9);
		solver_unknown(&solver, 1, 9);
	}
	for (uint32_t line = 0; line < 2 * SIDE; line++) {
		int64_t sum = 0;

		for (uint32_t i = 0; i < SIDE; i++)
			sum += truth[line < SIDE ? line * SIDE + i
						 : i * SIDE + line - SIDE];
		solver_sum(&solver, sum, sum);
		for (uint32_t i = 0; i < SIDE; i++)
			solver_term(&solver,
				    line < SIDE ? line * SIDE + i
						: i * SIDE + line - SIDE,
				    false);
	}
	double begin = spent(RUSAGE_SELF);
	solver_run(&solver);
	return spent(RUSAGE_SELF) - begin;
}

int main(int argc, char **argv)
{
	static const char table[] = "sex,E11,I10\nM,34,51\nF,28,47\n";
	static char text[TEXT_BYTES];
	double ours[ROUNDS], theirs[ROUNDS], whole[ROUNDS], small[ROUNDS];

	if (argc != 2)
		die("usage: check_bench FOLDER");
	AUTO_FD int index = make_index(argv[1]);
	AUTO_FD int file = file_at(argv[1], "text");
	AUTO_FD int little = file_at(argv[1], "table");
	AUTO_FD int few = file_at(argv[1], "few");
	size_t len = make_text(text, sizeof text);
	write_all(file, text, len);
	write_all(little, table, sizeof table - 1);
	for (int i = 0; i < ROUNDS; i++) {
		ours[i] = scan(text, len, index);
		theirs[i] = grep(argv[1]);
		whole[i] = check(argv[1], file, index, 1);
		small[i] = check(argv[1], little, index, 1);
	}
	double peer = median(theirs);
	row("16 MiB, 5 million pseudonyms: the scan", median(ours), peer, 200);
	row("the same through both programs", median(whole), peer, 1000);
	row("one small table through both programs", median(small), 0, 50);
	write_all(few, text, 10000);
	double begin = spent(RUSAGE_CHILDREN);
	check(argv[1], few, index, 500);
	row("500 files of 10 kB, processor time",
	    spent(RUSAGE_CHILDREN) - begin, 0, 6000);
	row("margins with 1,936 unknowns", solve(), 0, 1000);
	return missed;
}
