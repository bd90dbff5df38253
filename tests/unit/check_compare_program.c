/* links: policy/airlock/compare policy/airlock/findings gateway/base; -lz -lcrypto */
/*
 * The real sekisho-compare, fed by real sekisho-parse processes over pipes,
 * with the test as supervisor and policy.
 */
#include <openssl/evp.h>
#include <signal.h>
#include <stdlib.h>

#include "gateway/base/own.h"
#include "gateway/base/parsed.h"
#include "tests/unit/checking.h"
#include "tests/unit/stage.h"

static struct stage stage, parse;
static struct checking fixture;
static struct err err;
static int findings = -1;
static char heard[8192];
static unsigned int verdict, told, lost;

/* A file of these bytes; its descriptor, for reading. */
static int file_of(const char *name, const void *bytes, size_t len)
{
	char path[512];

	snprintf(path, sizeof path, "%s/%s", tap_folder(), name);
	int file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	CHECK(file >= 0);
	CHECK(write(file, bytes, len) == (ssize_t)len);
	CHECK(lseek(file, 0, SEEK_SET) == 0);
	return file;
}

static void start_with(uint32_t k, int index)
{
	int pair[2];

	if (geteuid() != 0)
		SKIP("needs root");
	CHECK(msg_pair(pair, &err) == 0);
	findings = pair[0];
	stage_start(&stage, "build/bin/sekisho-compare", stage_folder("root"));
	msg_put_u64(&stage.m, 7);
	msg_put_str(&stage.m, "P-1");
	msg_put_u32(&stage.m, k);
	msg_put_u32(&stage.m, index >= 0);
	if (index >= 0) {
		msg_put_str(&stage.m, "claims");
		msg_put_fd(&stage.m, index);
	}
	msg_put_fd(&stage.m, pair[1]);
	CHECK(msg_send(stage.link, &stage.m, &err) == 0);
	close(pair[1]);
}

static void start(void)
{
	checking_fixture(&fixture);
	int index =
		file_of("index", fixture.index, fixture.pids * PSEUDONYM_BYTES);

	start_with(10, index);
	close(index);
	CHECK_INT(stage_hear(&stage), MSG_READY);
}

static enum msg_type kind = MSG_COMPARE;

/* size bytes of text are the file that was frozen. */
static void put_compare(uint32_t number, const char *name, const char *text,
			uint64_t size, int pipe)
{
	uint8_t sha256[32];

	CHECK(EVP_Digest(text, size, sha256, NULL, EVP_sha256(), NULL) == 1);
	msg_start(&stage.m, kind, 0);
	msg_put_u32(&stage.m, number);
	msg_put_str(&stage.m, name);
	msg_put_u64(&stage.m, size);
	msg_put_bytes(&stage.m, sha256, sizeof sha256);
	msg_put_fd(&stage.m, pipe);
	CHECK(msg_send(stage.link, &stage.m, &err) == 0);
	close(pipe);
}

/* Hand over one file through a parse of its own. */
static void compare(uint32_t number, const char *name, const char *text)
{
	AUTO_FD int file = file_of("file", text, strlen(text));
	AUTO_FD int root = open(tap_folder(), O_PATH | O_CLOEXEC);
	int ends[2];

	CHECK(pipe2(ends, O_CLOEXEC) == 0);
	stage_start(&parse, "build/bin/sekisho-parse", root);
	msg_put_str(&parse.m, name);
	msg_put_u64(&parse.m, strlen(text));
	msg_put_fd(&parse.m, file);
	msg_put_fd(&parse.m, ends[1]);
	CHECK(msg_send(parse.link, &parse.m, &err) == 0);
	close(ends[1]);
	put_compare(number, name, text, strlen(text), ends[0]);
	CHECK_INT(stage_hear(&parse), MSG_READY);
	CHECK_INT(stage_end(&parse), 0);
}

/* A parse that says these bytes of a file. */
static void compare_raw(uint32_t number, const char *text, const char *said,
			size_t len)
{
	int ends[2];

	CHECK(pipe2(ends, O_CLOEXEC) == 0);
	CHECK(write(ends[1], said, len) == (ssize_t)len);
	close(ends[1]);
	put_compare(number, "t.csv", text, strlen(text), ends[0]);
}

static void hear_finding(struct msg *m)
{
	char code[64];
	size_t used = strlen(heard);
	unsigned int file = msg_get_u32(m);

	msg_get_str(m, code, sizeof code);
	unsigned int severity = msg_get_u8(m);
	unsigned int row = msg_get_u32(m), column = msg_get_u32(m);
	unsigned long long first = msg_get_u64(m), second = msg_get_u64(m);
	snprintf(heard + used, sizeof heard - used,
		 "%u %s %u %u:%u %llu %llu\n", file, code, severity, row,
		 column, first, second);
	CHECK(msg_done(m));
	told++;
}

static void finish(void)
{
	static struct msg m;

	msg_start(&stage.m, MSG_COMPARE_ALL, 0);
	CHECK(msg_send(stage.link, &stage.m, &err) == 0);
	for (;;) {
		CHECK(stage_readable(findings, 8000));
		CHECK_INT(msg_receive(findings, &m, &err), 1);
		if (m.type != MSG_FINDING)
			break;
		hear_finding(&m);
	}
	CHECK_INT(m.type, MSG_CHECKED);
	verdict = msg_get_u8(&m);
	CHECK_INT(msg_get_u32(&m), told);
	lost = msg_get_u32(&m);
	CHECK(msg_done(&m));
	CHECK_INT(stage_end(&stage), 0);
}

TEST(clear, "a clean table is clear")
{
	start();
	compare(0, "t.csv", "sex,E11,I10\nM,34,51\nF,28,47\n");
	finish();
	CHECK_STR(heard, "");
	CHECK_INT(verdict, CHECKED_CLEAR);
}

TEST(small, "a count below k blocks, and the finding says where")
{
	start();
	compare(3, "t.csv", "sex,E11,I10\nM,34,51\nF,7,47\n");
	finish();
	CHECK_STR(heard, "3 T01_MIN_CELL 0 3:2 10 0\n");
	CHECK_INT(verdict, CHECKED_BLOCK);
}

TEST(several, "each file has its findings under its own number")
{
	start();
	compare(1, "a.txt", "subject vzj3nqpxr39rfhecyx56de30x4 ok\n");
	compare(2, "b.csv", "g,n\na,20\n");
	compare(3, "c.exe", "x\n");
	finish();
	CHECK_STR(heard, "1 I01_PSEUDONYM 0 1:0 0 0\n3 F01_TYPE 0 0:0 0 0\n");
}

TEST(earlier, "a count that differs by a few from an earlier release blocks")
{
	start();
	kind = MSG_COMPARE_EARLIER;
	compare(5, "old.csv", "g,n\na,120\nb,8\n");
	kind = MSG_COMPARE;
	compare(1, "new.csv", "g,n\na,121\nb,85\n");
	finish();
	CHECK_STR(heard, "1 D01_CELL_DIFF 0 2:2 1 0\n");
}

TEST(late, "a release that comes after the files ends the check")
{
	start();
	compare(1, "new.csv", "g,n\na,121\n");
	kind = MSG_COMPARE_EARLIER;
	put_compare(5, "old.csv", "x", 1, file_of("old", "x", 1));
	CHECK_INT(stage_hear(&stage), MSG_FAILED);
}

TEST(no_files, "a check of no files is clear")
{
	start();
	finish();
	CHECK_INT(verdict, CHECKED_CLEAR);
}

TEST(broken, "a parse that breaks off blocks its file; the check goes on")
{
	start();
	compare_raw(1, "x", "\1\3\0\0\0csv", 8);
	compare_raw(2, "x", "", 0);
	compare_raw(3, "x", "garbage....", 11);
	compare(4, "b.csv", "g,n\na,2\n");
	finish();
	CHECK(strstr(heard, "1 E01_ENGINE 0 0:0") != NULL);
	CHECK(strstr(heard, "2 E01_ENGINE 0 0:0") != NULL);
	CHECK(strstr(heard, "3 E01_ENGINE 0 0:0") != NULL);
	CHECK(strstr(heard, "4 T01_MIN_CELL 0 2:2") != NULL);
	CHECK_INT(verdict, CHECKED_BLOCK);
}

TEST(fewer, "a parse that keeps bytes back blocks its file")
{
	start();
	compare_raw(1, "xy",
		    "\1\4\0\0\0text\2\1\0\0\0x\7\10\0\0\0\0\0\0\0\0\0\0\0", 28);
	finish();
	CHECK_STR(heard, "1 E01_ENGINE 0 0:0 0 0\n");
}

TEST(other, "a parse that shows other bytes than were frozen blocks its file")
{
	start();
	compare_raw(1, "x",
		    "\1\4\0\0\0text\2\1\0\0\0y\7\10\0\0\0\0\0\0\0\0\0\0\0", 28);
	finish();
	CHECK_STR(heard, "1 E01_ENGINE 0 0:0 0 0\n");
}

TEST(foreign_code, "a parse cannot raise what is not a fault of a form")
{
	start();
	compare_raw(1, "",
		    "\1\3\0\0\0csv\6\26\0\0\0\1\0\0\0\1\0\0\0T01_MIN_CELL__",
		    35);
	finish();
	CHECK_STR(heard, "1 E01_ENGINE 0 0:0 0 0\n");
}

TEST(many, "what does not fit is counted, and blocks come through")
{
	static char text[20000];
	size_t used = 0;

	start();
	used += (size_t)snprintf(text, sizeof text, "g,n\n");
	for (int i = 0; i < 900; i++)
		used += (size_t)snprintf(text + used, sizeof text - used,
					 "g%d,0\n", i);
	for (uint32_t f = 1; f <= 12; f++)
		compare(f, "t.csv", text);
	compare(99, "z.csv", "g,n\na,7\n");
	finish();
	CHECK_INT(told, FINDINGS_MOST);
	CHECK(lost > 10000);
	CHECK(strstr(heard, "99 T01_MIN_CELL 0 2:2 10 0\n") != NULL);
	CHECK_INT(verdict, CHECKED_BLOCK);
}

TEST(no_k, "a START without a smallest count is refused")
{
	start_with(0, -1);
	CHECK_INT(stage_hear(&stage), MSG_FAILED);
	CHECK_INT(stage_end(&stage), 1);
}

TEST(cut_index, "an index that is cut is refused")
{
	start_with(10, file_of("index", "0123456789", 10));
	CHECK_INT(stage_hear(&stage), MSG_FAILED);
	CHECK_INT(stage_end(&stage), 1);
}

TEST(stranger, "another message than COMPARE ends it")
{
	start();
	msg_start(&stage.m, MSG_SPAWN, 0);
	CHECK(msg_send(stage.link, &stage.m, &err) == 0);
	CHECK_INT(stage_hear(&stage), MSG_FAILED);
	CHECK_INT(stage_end(&stage), 1);
}

TAP_MAIN
