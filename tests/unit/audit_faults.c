/* links: audit gateway/base; -lcrypto */
/*
 * audit_faults - what somebody can do to a log's files, and that the verifier
 * sees it.
 */
#include "tests/unit/audit_log.h"

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

TEST(every_range, "the deletion of any byte range of a log of one record")
{
	static struct verify_keys trusted;
	struct verify_heads heads = { 0 };

	make(1);
	CHECK(length < 1024);
	trusted.n = 1;
	trusted.all[0] = key;
	note_key_text(trusted.text[0], &key);
	CHECK(verify_collect(dir, &trusted, NULL, &heads, &report) == 0);
	for (size_t a = 0; a < length; a++) {
		for (size_t b = a + 1; b <= length; b++) {
			memcpy(bad, good, a);
			memcpy(bad + a, good + b, length - b);
			store(dir, segment, bad, a + length - b);
			CHECK(verify_entries(dir, &trusted, &heads, &report) <
			      0);
		}
	}
	store(dir, segment, good, length);
	CHECK(verify_entries(dir, &trusted, &heads, &report) == 0);
	free(heads.all);
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

	for (; line_at(text, len, i + 1) < len; i++) {
		size_t a = line_at(text, len, i), b = line_at(text, len, i + 1);
		struct hash leaf = hash_leaf(&hasher, text + a, b - a - 1);
		char base64[HASH_BASE64_SIZE];

		hash_base64(base64, &leaf);
		char *p = strstr(text + b, "\"_p\":\"");
		CHECK(p != NULL);
		memcpy(p + 6, base64, 44);
	}
}

TEST(edit, "an edited record is seen though the rest was chained again")
{
	make(40);
	for (int i = 0; i < 40; i++) {
		memcpy(bad, good, length + 1);
		char *boot =
			strstr(bad + line_at(bad, length, i), "\"boot\":\"");
		boot[8] = boot[8] == '0' ? '1' : '0';
		rechain(bad, length, i);
		CHECK_INT(verdict_on(bad, length), VERIFY_TAMPERED);
		/* Genesis was signed alone, the rest together. */
		CHECK_INT(report.index, i == 0 ? 0 : 39);
	}
}

TEST(insert, "an inserted record is seen though the rest was chained again")
{
	make(12);
	for (int i = 1; i < 11; i++) {
		size_t a = line_at(good, length, i);
		size_t b = line_at(good, length, i + 1), used = a;

		/* The record once more, and each index behind it one higher. */
		memcpy(bad, good, b);
		used = b;
		for (int k = i; k < 12; k++) {
			size_t from = line_at(good, length, k);
			size_t to = line_at(good, length, k + 1);
			size_t head = strcspn(good + from, ",");

			used += (size_t)sprintf(bad + used, "{\"_i\":%d",
						k + 1);
			memcpy(bad + used, good + from + head,
			       to - from - head);
			used += to - from - head;
		}
		bad[used] = '\0';
		rechain(bad, used, i);
		CHECK_INT(verdict_on(bad, used), VERIFY_TAMPERED);
		CHECK_INT(report.index, 11);
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
	CHECK(renameat(dir, "away", dir, "seg/00000000000000065536.jsonl") ==
	      0);
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

TEST(foreign, "the segment of another log is seen at its first entry")
{
	make(8);
	memcpy(bad, good, length);
	size_t len = length;
	close(dir);
	struct note_key first = key;
	put_away("log");
	put_away("key");
	put_away("anchor");
	make(8);
	CHECK_INT(verdict_on(bad, len), VERIFY_TAMPERED);
	CHECK_INT(report.index, 0);
	/* And the whole of the new log under the key of the old one. */
	store(dir, segment, good, length);
	CHECK_INT(verdict(), VERIFY_FINE);
	verify_log(dir, &first, NULL, &report);
	CHECK_INT(report.code, VERIFY_TAMPERED);
	note_key_clear(&first);
}

TEST(hole, "a hole in a segment is seen where it begins")
{
	make(40);
	for (int i = 0; i < 40; i += 3) {
		size_t a = line_at(good, length, i);

		memcpy(bad, good, length);
		memset(bad + a, 0, length - a < 512 ? length - a : 512);
		CHECK_INT(verdict_on(bad, length),
			  i == 39 ? VERIFY_INCOMPLETE : VERIFY_TAMPERED);
		CHECK_INT(report.index, i);
	}
}

TEST(second, "a segment that is there a second time is seen")
{
	make(8);
	store(dir, "seg/00000000000000065536.jsonl", good, length);
	CHECK_INT(verdict(), VERIFY_INCOMPLETE);
	CHECK_INT(report.index, 8);
}

TEST(tiles, "derived hashes prove nothing, right or wrong")
{
	make(8);
	store(dir, "hash/0", good, 8 * HASH_SIZE);
	CHECK_INT(verdict(), VERIFY_FINE);
}

TAP_MAIN
