/* links: audit gateway/base; -lcrypto */
/*
 * audit_bench - how fast records are built, read and proven, against the
 * limits of SHA-256 on this machine in the same run. durable_bench measures
 * the disk.
 *
 *	build/tests/bench/audit_bench FOLDER   as root
 *
 * ENTRIES is how many the log has that is read (2,000,000). The cores may be
 * shared with others, so what counts is processor time.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "audit/ledger.h"
#include "audit/nodes.h"

enum { UID = 64321, MEMORY = 1000000, ENTRIES = 2000000, PROOFS = 500 };

static int entries = ENTRIES;

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

static double cpu(int whose)
{
	struct rusage used;

	getrusage(whose, &used);
	return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
	       (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

/* A record as short as they get, 258 bytes, the key of its caller varying. */
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
	for (int i = 0; i < entries; i++) {
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
	double rate = entries / spent;
	printf("verify, %d entries: %.2f GB/s by the clock, %.2f GB/s of two "
	       "cores' time (target 0.85; %.2f of the hashes' limit), %ld MB\n",
	       entries, (double)bytes / wall / 1e9,
	       2 * (double)bytes / spent / 1e9, rate / limit,
	       used.ru_maxrss / 1024);
}

/* --- Proofs -------------------------------------------------------------------- */

static int below(const char *base, const char *name)
{
	char path[5000];

	snprintf(path, sizeof path, "%s/read/%s", base, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		die("open %s", path);
	return fd;
}

/* Have the kernel forget what it holds of the tiles. */
static void forget(const char *base)
{
	for (int level = 0; level < 3; level++) {
		char name[16];

		snprintf(name, sizeof name, "hash/%d", level);
		int fd = below(base, name);
		if (fdatasync(fd) < 0 ||
		    posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) != 0)
			die("%s cannot be forgotten", name);
		close(fd);
	}
}

static int ascending(const void *a, const void *b)
{
	const double *left = a, *right = b;

	return *left < *right ? -1 : *left > *right;
}

/* Microseconds for the inclusion proof of some entry: tiles opened, read, put
 * together. The median. */
static double proof_time(const char *base, int folder, bool cold)
{
	static double times[PROOFS];
	struct hasher hasher;
	struct nodes nodes;
	struct proof proof;
	struct err err;

	for (int i = 0; i < PROOFS; i++) {
		uint64_t size = (uint64_t)entries;
		uint64_t index = (uint64_t)i * 7919 * 104729 % size;

		if (cold)
			forget(base);
		double begin = now();
		if (nodes_open(&nodes, folder, &hasher, &err) < 0)
			die("%s", err.text);
		struct proof_source source = nodes_source(&nodes);
		if (proof_inclusion(&source, &hasher, index, size, &proof) < 0)
			die("no proof");
		nodes_close(&nodes);
		times[i] = 1e6 * (now() - begin);
	}
	qsort(times, PROOFS, sizeof *times, ascending);
	return times[PROOFS / 2];
}

/* The same with the entry itself and the checkpoint, as the store is given
 * it. */
static double receipt_time(const char *base, int folder)
{
	static char note[CHECKPOINT_NOTE];
	static struct prove_found found;
	static double times[PROOFS];
	struct checkpoint checkpoint;
	struct hasher hasher;
	struct note text;
	struct err err;
	int file = below(base, "checkpoint");
	ssize_t n = read(file, note, sizeof note - 1);

	close(file);
	if (n < 0 || note_parse(&text, note, (size_t)n, &err) < 0 ||
	    checkpoint_parse(&checkpoint, text.text, text.text_len, &err) < 0)
		die("no checkpoint");
	struct prove_log log = { .seg = below(base, "seg"),
				 .hash = folder,
				 .head = checkpoint.head,
				 .checkpoint = note,
				 .hasher = &hasher };
	for (int i = 0; i < PROOFS; i++) {
		uint64_t index =
			(uint64_t)i * 7919 * 104729 % (uint64_t)entries;
		double begin = now();

		if (prove_entry(&log, index, &found, &err) < 0)
			die("%s", err.text);
		times[i] = 1e6 * (now() - begin);
	}
	close(log.seg);
	qsort(times, PROOFS, sizeof *times, ascending);
	return times[PROOFS / 2];
}

static void proofs(const char *base)
{
	int folder = below(base, "hash");

	printf("inclusion proof in %d: %.0f us with the tiles on disk (target "
	       "100), %.0f us with them in the page cache; with its entry, as "
	       "a receipt has it: %.0f us\n",
	       entries, proof_time(base, folder, true),
	       proof_time(base, folder, false), receipt_time(base, folder));
	close(folder);
}

int main(int argc, char **argv)
{
	const char *many = getenv("ENTRIES");
	char base[4096];

	if (argc != 2)
		die("usage: audit_bench FOLDER");
	if (many && atoi(many) > 0)
		entries = atoi(many);
	snprintf(base, sizeof base, "%s/audit-bench-XXXXXX", argv[1]);
	if (!mkdtemp(base))
		die("make a folder in %s", argv[1]);
	double limit = memory_rate(false), memory = memory_rate(true);
	printf("in memory: %.2f M/s (target 2.5), %.2f of the hashes' limit of "
	       "%.2f M/s\n",
	       memory / 1e6, memory / limit, limit / 1e6);
	verify_rate(base, limit);
	proofs(base);
	printf("left in %s\n", base);
	return 0;
}
