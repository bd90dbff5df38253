/* links: audit gateway/base; -lcrypto */
/*
 * audit_faults - what somebody, or a crash, can do to a log's files, and that
 * the verifier and the next start see it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/ledger.h"
#include "audit/verify.h"
#include "tests/unit/tap.h"

static const char segment[] = "seg/00000000000000000000.jsonl";

static struct ledger ledger;
static struct note_key key;
static char good[1 << 20], bad[1 << 20];
static size_t length;
static int dir;

static int folder(const char *name)
{
	char path[600];

	snprintf(path, sizeof path, "%s/%s", tap_folder(), name);
	mkdir(path, 0700);
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static size_t load(int at, const char *name, char *out)
{
	int fd = openat(at, name, O_RDONLY | O_CLOEXEC);

	CHECK(fd >= 0);
	ssize_t n = read(fd, out, (1 << 20) - 1);
	close(fd);
	CHECK(n >= 0);
	out[n] = '\0';
	return (size_t)n;
}

static void store(int at, const char *name, const char *bytes, size_t len)
{
	int fd = openat(at, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
	                0600);

	CHECK(fd >= 0);
	CHECK(write(fd, bytes, len) == (ssize_t)len);
	close(fd);
}

static void open_ledger(void)
{
	struct err err;

	memset(&ledger, 0, sizeof ledger);
	ledger.dir = folder("log");
	ledger.key_dir = folder("key");
	ledger.anchor_dir = folder("anchor");
	if (ledger_open(&ledger, "test.example/log", &err) < 0)
		CHECK_STR(err.text, "");
}

static void close_ledger(void)
{
	ledger_close(&ledger);
	close(ledger.dir);
	close(ledger.key_dir);
	close(ledger.anchor_dir);
}

static void heartbeats(int n)
{
	struct err err;

	for (int i = 0; i < n; i++)
		CHECK(ledger_own(&ledger, "log.heartbeat", NULL, 0, &err) == 0);
	CHECK(ledger_commit(&ledger, &err) == 0);
}

/* A signed log of n entries; its segment is in good[0..length). */
static void make(int n)
{
	char vkey[NOTE_VKEY];
	struct err err;

	open_ledger();
	heartbeats(n - 1);
	CHECK(ledger_sign(&ledger, &err) == 0);
	note_key_text(vkey, &ledger.key);
	CHECK(note_key_parse(&key, vkey, &err) == 0);
	close_ledger();
	dir = folder("log");
	length = load(dir, segment, good);
}

static struct verify_report report;

static int verdict(void)
{
	verify_log(dir, &key, NULL, &report);
	return report.code;
}

static int verdict_on(const char *bytes, size_t len)
{
	store(dir, segment, bytes, len);
	return verdict();
}

/* Where line i begins; line n is the end. */
static size_t line_at(const char *text, size_t len, int i)
{
	size_t at = 0;

	while (i-- > 0 && at < len)
		at += strcspn(text + at, "\n") + 1;
	return at;
}

TEST(whole, "a whole log is fine, with its own key and with the right key")
{
	make(40);
	CHECK_INT(verdict(), VERIFY_FINE);
	CHECK_INT(report.entries, 40);
	CHECK_INT(report.covered, 40);
	verify_log(dir, NULL, NULL, &report);
	CHECK_INT(report.code, VERIFY_FINE);
	CHECK(report.own_key);
}

TEST(flip, "the flip of any bit of a small log is seen")
{
	make(2);
	int fd = openat(dir, segment, O_RDWR | O_CLOEXEC);
	for (size_t i = 0; i < length; i++) {
		for (int bit = 0; bit < 8; bit++) {
			char changed = (char)(good[i] ^ 1 << bit);

			CHECK(pwrite(fd, &changed, 1, (off_t)i) == 1);
			int code = verdict();
			if (code != VERIFY_TAMPERED &&
			    code != VERIFY_INCOMPLETE) {
				printf("# byte %zu bit %d\n", i, bit);
				CHECK_INT(code, VERIFY_TAMPERED);
			}
		}
		CHECK(pwrite(fd, &good[i], 1, (off_t)i) == 1);
	}
	CHECK_INT(verdict(), VERIFY_FINE);
}

TEST(truncate, "truncation at any byte is seen as an incomplete log")
{
	make(8);
	int fd = openat(dir, segment, O_RDWR | O_CLOEXEC);
	for (size_t i = length; i-- > 0;) {
		CHECK(ftruncate(fd, (off_t)i) == 0);
		CHECK_INT(verdict(), VERIFY_INCOMPLETE);
	}
}

TEST(ranges, "the deletion of any range of 40 records is seen")
{
	make(40);
	for (int from = 0; from < 40; from++) {
		for (int to = from + 1; to <= 40; to++) {
			size_t a = line_at(good, length, from);
			size_t b = line_at(good, length, to);

			memcpy(bad, good, a);
			memcpy(bad + a, good + b, length - b);
			CHECK(verdict_on(bad, a + length - b) ==
			      (to == 40 ? VERIFY_INCOMPLETE : VERIFY_TAMPERED));
			if (to < 40)
				CHECK_INT(report.index, from);
		}
	}
}

TEST(bytes, "the deletion of byte ranges of a small log is seen")
{
	make(2);
	for (size_t a = 0; a < length; a += 13) {
		for (size_t b = a + 1; b <= length; b += 17) {
			memcpy(bad, good, a);
			memcpy(bad + a, good + b, length - b);
			CHECK(verdict_on(bad, a + length - b) != VERIFY_FINE);
		}
	}
}

TEST(order, "swapped, repeated and inserted records are seen")
{
	make(40);
	for (int i = 0; i + 1 < 40; i++) {
		size_t a = line_at(good, length, i);
		size_t b = line_at(good, length, i + 1);
		size_t c = line_at(good, length, i + 2);

		memcpy(bad, good, length);
		memcpy(bad + a, good + b, c - b);
		memcpy(bad + a + (c - b), good + a, b - a);
		CHECK_INT(verdict_on(bad, length), VERIFY_TAMPERED);
		CHECK_INT(report.index, i);

		memcpy(bad, good, b);
		memcpy(bad + b, good + a, length - a);
		CHECK_INT(verdict_on(bad, length + b - a), VERIFY_TAMPERED);
		CHECK_INT(report.index, i + 1);
	}
}

/* Make the lines from record i on follow each other again. */
static void rechain(char *text, size_t len, int i)
{
	struct hasher hasher;
	struct err err;

	CHECK(hasher_init(&hasher, &err) == 0);
	for (; line_at(text, len, i + 1) < len; i++) {
		size_t a = line_at(text, len, i), b = line_at(text, len, i + 1);
		struct hash leaf = hash_leaf(&hasher, text + a, b - a - 1);
		char base64[HASH_BASE64_SIZE];

		hash_base64(base64, &leaf);
		char *p = strstr(text + b, "\"_p\":\"");
		CHECK(p != NULL);
		memcpy(p + 6, base64, 44);
	}
	hasher_clear(&hasher);
}

TEST(edit, "an edited record is seen though the rest was chained again")
{
	make(40);
	for (int i = 0; i < 40; i++) {
		memcpy(bad, good, length + 1);
		char *boot = strstr(bad + line_at(bad, length, i), "\"boot\":\"");
		boot[8] = boot[8] == '0' ? '1' : '0';
		rechain(bad, length, i);
		CHECK_INT(verdict_on(bad, length), VERIFY_TAMPERED);
		/* Genesis was signed alone, the rest together. */
		CHECK_INT(report.index, i == 0 ? 0 : 39);
	}
}

static void replaced(const char *what, const char *by)
{
	size_t at = line_at(good, length, 3);
	char *place = strstr(good + at, what);
	size_t head = (size_t)(place - good);

	CHECK(place != NULL);
	memcpy(bad, good, head);
	memcpy(bad + head, by, strlen(by));
	memcpy(bad + head + strlen(by), place + strlen(what),
	       length - head - strlen(what));
	CHECK_INT(verdict_on(bad, length - strlen(what) + strlen(by)),
	          VERIFY_TAMPERED);
	CHECK_INT(report.index, 3);
	CHECK_INT(report.line, 4);
	CHECK_STR(report.file, segment);
}

TEST(spelling, "another spelling of the same record is seen at its place")
{
	make(8);
	replaced("\n", "\r\n");
	replaced("\"result\":\"ok\"", "\"result\":\"ok\",\"result\":\"ok\"");
	replaced("\"result\":\"ok\"", "\"result\":\"\\u006fk\"");
	replaced("\"result\":\"ok\"", "\"result\":\"\xff\"");
	replaced("\"result\":\"ok\"", "\"result\": \"ok\"");
	replaced("\"result\":\"ok\"", "\"result\":\"maybe\"");
	replaced("{\"_i\":3", "{\"_i\":3.0");
	replaced("{\"_i\":3", "{\"_i\":03");
	replaced("{\"_i\":3", "\xef\xbb\xbf{\"_i\":3");
	static char longer[70000];
	memset(longer, 'a', sizeof longer - 1);
	replaced("heartbeat", longer);
	size_t at = line_at(good, length, 3);
	memcpy(bad, good, at);
	bad[at] = '\n';
	memcpy(bad + at + 1, good + at, length - at);
	CHECK_INT(verdict_on(bad, length + 1), VERIFY_TAMPERED);
	CHECK_INT(report.index, 3);
}

TEST(tail, "whole entries behind the last checkpoint are fine and counted")
{
	make(8);
	open_ledger();
	heartbeats(3);
	close_ledger();
	CHECK_INT(verdict(), VERIFY_FINE);
	CHECK_INT(report.entries, 11);
	CHECK_INT(report.covered, 8);
	length = load(dir, segment, good);
	CHECK_INT(verdict_on(good, length - 5), VERIFY_FINE);
	CHECK_INT(report.entries, 10);
	CHECK(report.torn > 100);
}

TEST(segments, "missing, renamed, foreign and shared segments are seen")
{
	make(8);
	CHECK(renameat(dir, segment, dir, "seg/x") == 0);
	CHECK_INT(verdict(), VERIFY_TAMPERED);
	CHECK(renameat(dir, "seg/x", dir, "away") == 0);
	CHECK_INT(verdict(), VERIFY_INCOMPLETE);
	CHECK(renameat(dir, "away", dir,
	               "seg/00000000000000065536.jsonl") == 0);
	CHECK_INT(verdict(), VERIFY_INCOMPLETE);
	CHECK(renameat(dir, "seg/00000000000000065536.jsonl", dir, segment) ==
	      0);
	CHECK_INT(verdict(), VERIFY_FINE);
	CHECK(linkat(dir, segment, dir, "copy", 0) == 0);
	CHECK_INT(verdict(), VERIFY_USAGE);
	CHECK(renameat(dir, segment, dir, "copy2") == 0);
	CHECK(symlinkat("../copy2", dir, segment) == 0);
	CHECK_INT(verdict(), VERIFY_USAGE);
}

TEST(heads, "checkpoints that are gone, altered or of another key are seen")
{
	char note[4096], history[16384];
	struct note_key other;
	struct err err;
	uint8_t seed[32] = { 1 };

	make(8);
	size_t n = load(dir, "checkpoint", good);
	memcpy(note, good, n + 1);
	size_t h = load(dir, "checkpoints.jsonl", good);
	memcpy(history, good, h + 1);
	for (size_t i = 0; i < n; i++) {
		note[i] ^= 1;
		store(dir, "checkpoint", note, n);
		CHECK(verdict() != VERIFY_FINE);
		note[i] ^= 1;
	}
	store(dir, "checkpoint", note, n);
	for (size_t i = 0; i < h; i++) {
		history[i] ^= 1;
		store(dir, "checkpoints.jsonl", history, h);
		if (verdict() == VERIFY_FINE &&
		    !strstr(history + (i > 30 ? i - 30 : 0), "\"time\""))
			CHECK_INT(i, -1);
		history[i] ^= 1;
	}
	size_t first = strcspn(history, "\n") + 1;
	store(dir, "checkpoints.jsonl", history, first);
	CHECK_INT(verdict(), VERIFY_INCOMPLETE);
	store(dir, "checkpoints.jsonl", history, h);
	CHECK_INT(verdict(), VERIFY_FINE);
	CHECK(unlinkat(dir, "checkpoint", 0) == 0);
	CHECK_INT(verdict(), VERIFY_INCOMPLETE);
	store(dir, "checkpoint", note, n);
	CHECK(note_key_from_seed(&other, "test.example/log", seed, &err) == 0);
	verify_log(dir, &other, NULL, &report);
	CHECK_INT(report.code, VERIFY_TAMPERED);
	note_key_clear(&other);
}

TEST(since, "an older checkpoint must be part of the past")
{
	char old[4096], newer[4096];

	make(8);
	size_t n = load(dir, "checkpoint", good);
	memcpy(old, good, n + 1);
	verify_log(dir, &key, old, &report);
	CHECK_INT(report.code, VERIFY_FINE);
	length = load(dir, segment, good);
	static char history[65536];
	size_t h = load(dir, "checkpoints.jsonl", bad);
	memcpy(history, bad, h);
	open_ledger();
	heartbeats(4);
	struct err err;
	CHECK(ledger_sign(&ledger, &err) == 0);
	close_ledger();
	n = load(dir, "checkpoint", bad);
	memcpy(newer, bad, n + 1);
	verify_log(dir, &key, old, &report);
	CHECK_INT(report.code, VERIFY_FINE);
	/* The folder is put back to the older state. */
	store(dir, segment, good, length);
	store(dir, "checkpoint", old, strlen(old));
	store(dir, "checkpoints.jsonl", history, h);
	CHECK_INT(verdict(), VERIFY_FINE);
	verify_log(dir, &key, newer, &report);
	CHECK_INT(report.code, VERIFY_INCOMPLETE);
}

/* Open the journal alone; -1 and err as it says. */
static int reopen(struct journal_found *found, struct err *err)
{
	static struct journal journal;

	memset(found, 0, sizeof *found);
	int done = journal_open(&journal, dir, NULL, found, err);
	if (done == 0)
		journal_close(&journal);
	return done;
}

TEST(torn, "a torn tail is set aside, at any byte of the last record")
{
	char mark[128];
	struct journal_found found;
	struct err err;

	make(2);
	size_t acknowledged = length;
	size_t m = load(dir, "acknowledged", bad);
	memcpy(mark, bad, m);
	open_ledger();
	heartbeats(1);
	close_ledger();
	length = load(dir, segment, good);
	for (size_t n = acknowledged + 1; n < length; n++) {
		store(dir, segment, good, n);
		store(dir, "acknowledged", mark, m);
		CHECK(reopen(&found, &err) == 0);
		CHECK(found.recovered);
		CHECK_INT(found.torn, n - acknowledged);
		CHECK_INT(load(dir, segment, bad), acknowledged);
		CHECK(memcmp(bad, good, acknowledged) == 0);
	}
	store(dir, segment, good, length);
	store(dir, "acknowledged", mark, m);
	CHECK(reopen(&found, &err) == 0);
	CHECK_INT(found.kept, 1);
	CHECK_INT(found.torn, 0);
}

TEST(acknowledged, "damage or loss in what was acknowledged refuses the start")
{
	struct journal_found found;
	struct err err;

	make(4);
	for (size_t n = 0; n < length; n += 7) {
		store(dir, segment, good, n);
		CHECK(reopen(&found, &err) < 0);
	}
	for (size_t i = 0; i < length; i += 3) {
		memcpy(bad, good, length);
		bad[i] ^= 4;
		store(dir, segment, bad, length);
		CHECK(reopen(&found, &err) < 0);
		CHECK(load(dir, segment, bad) == length);
	}
	store(dir, segment, good, length);
	CHECK(reopen(&found, &err) == 0);
	CHECK(!found.recovered);
	CHECK(unlinkat(dir, "acknowledged", 0) == 0);
	CHECK(reopen(&found, &err) < 0);
	CHECK_ERR(err, "'acknowledged' is missing");
}

TEST(recovered, "a recovery is itself a record, and the log is whole after it")
{
	char mark[128];

	make(4);
	size_t acknowledged = length, m = load(dir, "acknowledged", bad);
	memcpy(mark, bad, m);
	open_ledger();
	heartbeats(2);
	close_ledger();
	length = load(dir, segment, good);
	store(dir, segment, good, length - 9);
	store(dir, "acknowledged", mark, m);
	CHECK(acknowledged < length);
	open_ledger();
	close_ledger();
	CHECK_INT(verdict(), VERIFY_FINE);
	CHECK_INT(report.entries, 6);
	CHECK_INT(report.covered, 6);
	load(dir, segment, good);
	CHECK(strstr(good, "\"event\":\"log.recovered\"") != NULL);
	CHECK(strstr(good, "\"kept\":1") != NULL);
}

TEST(boundary, "segments end at 65,536 entries, also inside a batch")
{
	struct err err;

	open_ledger();
	for (int i = 0; i < 17; i++) {
		heartbeats(4000);
		if (i == 5 || i == 15)
			CHECK(ledger_sign(&ledger, &err) == 0);
	}
	CHECK(ledger_sign(&ledger, &err) == 0);
	close_ledger();
	dir = folder("log");
	open_ledger();
	heartbeats(1);
	close_ledger();
	verify_log(dir, NULL, NULL, &report);
	CHECK_STR(report.why, "");
	CHECK_INT(report.entries, 68002);
	CHECK_INT(report.covered, 68001);
	CHECK(unlinkat(dir, segment, 0) == 0);
	verify_log(dir, NULL, NULL, &report);
	CHECK_INT(report.code, VERIFY_INCOMPLETE);
	CHECK_INT(report.index, 0);
}

TAP_MAIN
