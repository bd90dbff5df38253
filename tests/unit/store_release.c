/* links: policy/airlock/store audit gateway/base; -lcrypto */
/*
 * store_release - approved files go out whole, once, with a receipt, and only
 * as the log says.
 */
#include "tests/unit/store_release.h"

/* A store with one copy, whose hash is in frozen_hash. */
static void start_with_copy(void)
{
	start();
	write_in(out, "table.csv", table, TABLE);
	CHECK_INT(freeze("table.csv"), FROZEN_COPIED);
}

static void nothing_stands(void)
{
	CHECK(entries("released/P-1/a-7") <= 0);
	CHECK_INT(entries("new"), 0);
}

/* The release is refused with this reason on record. */
static void refused(const char *reason)
{
	CHECK(!release());
	CHECK(strstr(stage.line, " error "));
	CHECK_STR(stage_field(&stage, "reason"), reason);
	nothing_stands();
}

TEST(unknown, "a file that was never frozen is not released, nor the others")
{
	uint8_t other[NAMES_HASH] = { 9 };

	start_with_copy();
	file_of("table.csv", frozen_hash);
	file_of("other.csv", other);
	write_statement();
	refused("missing");
}

TEST(rotten, "a copy that rotted is not released")
{
	char hex[NAMES_HEX], path[90];

	start_with_copy();
	names_hex(hex, frozen_hash);
	snprintf(path, sizeof path, "frozen/%.2s/%s", hex, hex);
	write_in(root, path, "area,count\nnorth,13\n", TABLE);
	file_of("table.csv", frozen_hash);
	write_statement();
	refused("damaged");
}

TEST(statement, "a statement that the log's entry does not name is refused")
{
	start_with_copy();
	file_of("table.csv", frozen_hash);
	write_statement();
	statement[strlen(statement) - 2] = '8';
	refused("statement");
}

TEST(foreign, "a file that the statement does not name is refused")
{
	uint8_t first[NAMES_HASH];

	start_with_copy();
	memcpy(first, frozen_hash, sizeof first);
	write_in(out, "secret.csv", "secret", 6);
	CHECK_INT(freeze("secret.csv"), FROZEN_COPIED);
	file_of("table.csv", first);
	write_statement();
	file_of("secret.csv", frozen_hash);
	refused("statement");
}

static void refused_unasked(const char *permit, const char *actor)
{
	ask_release_of(permit, actor);
	take_record("release.done error ");
	stage_durable(&stage);
	CHECK(!hear_released());
	CHECK_INT(entries("released"), 0);
	CHECK_INT(entries("new"), 0);
}

TEST(names, "names that lead elsewhere, or are a receipt's, are refused")
{
	static const char *const bad[] = {
		"../x", "/x",	"a/../../x",	     "receipt.json",
		"",	"a//b", "receipt.tlog-proof"
	};

	start_with_copy();
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		nnames = 0;
		file_of(bad[i], frozen_hash);
		write_statement();
		refused_unasked("P-1", "a-7");
	}
	nnames = 0;
	file_of("x", frozen_hash);
	write_statement();
	refused_unasked("..", "a-7");
	refused_unasked("P-1", "a/7");
	refused_unasked("", "a-7");
	nnames = 0;
	refused_unasked("P-1", "a-7");
}

TEST(twice, "two files of one name are refused")
{
	start_with_copy();
	file_of("table.csv", frozen_hash);
	file_of("table.csv", frozen_hash);
	write_statement();
	refused("name");
	nnames = 1;
	file_of("table.csv/inner", frozen_hash);
	write_statement();
	refused("name");
}

TEST(stands, "files, receipt and proof stand where the person can fetch them")
{
	start_with_copy();
	file_of("table.csv", frozen_hash);
	file_of("表/deep er/t.csv", frozen_hash);
	write_statement();
	CHECK(release());
	stands("table.csv", table);
	stands("表/deep er/t.csv", table);
	receipt_stands();
	CHECK_INT(entries("released/P-1/a-7/7"), 4);
	folder_mode("released/P-1", 0750);
	folder_mode("released/P-1/a-7", 0750);
	folder_mode("released/P-1/a-7/7", 0550);
	folder_mode("released/P-1/a-7/7/表", 0550);
	folder_mode("released/P-1/a-7/7/表/deep er", 0550);
	CHECK_INT(entries("new"), 0);
	CHECK(strncmp(stage.line, done_line, sizeof done_line - 1) == 0);
	CHECK_STR(stage_field(&stage, "files"), "2");
	CHECK_STR(stage_field(&stage, "index"), "41");
	CHECK_STR(stage_field(&stage, "reason"), "ok");
	stop();
}

TEST(dropped, "what is released stays when its copy is dropped")
{
	start_with_copy();
	file_of("table.csv", frozen_hash);
	write_statement();
	CHECK(release());
	msg_start(&m, MSG_DROP, 0);
	msg_put_bytes(&m, frozen_hash, NAMES_HASH);
	CHECK(msg_send(policy, &m, &err) == 0);
	CHECK_INT(freeze("missing"), FROZEN_NO_FILE);
	CHECK_INT(copies(), 0);
	stands("table.csv", table);
}

TEST(durable, "nothing is said before its record is durable, nor stands "
	      "before its proof")
{
	start_with_copy();
	file_of("table.csv", frozen_hash);
	write_statement();
	ask_release();
	CHECK(!stage_readable(stage.link, 200));
	CHECK(entries("released/P-1/a-7") <= 0);
	/* Others are served meanwhile. */
	CHECK_INT(freeze("table.csv"), FROZEN_COPIED);
	prove();
	take_record(done_line);
	CHECK(!stage_readable(stage.link, 200));
	receipt_stands();
	stage_durable(&stage);
	CHECK(hear_released());
}

TEST(again, "a release that stands already is a release, on record once")
{
	char idem[64];
	struct stat before, after;

	start_with_copy();
	file_of("table.csv", frozen_hash);
	write_statement();
	CHECK(release());
	snprintf(idem, sizeof idem, "%s", last_idem);
	CHECK(fstatat(root, "released/P-1/a-7/7/table.csv", &before, 0) == 0);
	CHECK(release());
	CHECK_STR(last_idem, idem);
	CHECK(fstatat(root, "released/P-1/a-7/7/table.csv", &after, 0) == 0);
	CHECK_INT(before.st_ino, after.st_ino);
	/* The same number with other files is something else. */
	write_in(out, "table.csv", "changed", 7);
	CHECK_INT(freeze("table.csv"), FROZEN_COPIED);
	nnames = 0;
	file_of("table.csv", frozen_hash);
	write_statement();
	CHECK(!release());
	CHECK_STR(stage_field(&stage, "reason"), "other");
	stands("table.csv", table);
}

TEST(link, "a link where a person's folder should be is not followed")
{
	start_with_copy();
	CHECK(mkdirat(root, "away", 0777) == 0);
	CHECK(fchmodat(root, "away", 0777, 0) == 0);
	CHECK(symlinkat("../away", root, "released/P-1") == 0);
	file_of("table.csv", frozen_hash);
	write_statement();
	CHECK(!release());
	CHECK_STR(stage_field(&stage, "reason"), "room");
	CHECK_INT(entries("away"), 0);
	CHECK_INT(entries("new"), 0);
}

TEST(turns, "releases that were asked for at once are made one by one")
{
	start_with_copy();
	file_of("table.csv", frozen_hash);
	write_statement();
	for (int i = 0; i < 100; i++)
		ask_release();
	for (int i = 0; i < 100; i++) {
		prove();
		take_record(done_line);
		stage_durable(&stage);
		CHECK(hear_released());
	}
	CHECK_INT(entries("released/P-1/a-7"), 1);
}

static void expire(void)
{
	msg_start(&m, MSG_EXPIRE, 3);
	msg_put_str(&m, "P-1");
	msg_put_str(&m, "a-7");
	msg_put_u32(&m, REQUEST);
	CHECK(msg_send(policy, &m, &err) == 0);
	CHECK_INT(hear(policy), MSG_EXPIRED);
	CHECK_INT(msg_get_u32(&m), REQUEST);
	CHECK(msg_done(&m));
}

TEST(expired, "what has expired is gone, and can be taken away twice")
{
	start_with_copy();
	file_of("d/table.csv", frozen_hash);
	write_statement();
	CHECK(release());
	expire();
	CHECK_INT(entries("released/P-1/a-7"), 0);
	CHECK_INT(entries("new"), 0);
	CHECK_INT(copies(), 1);
	expire();
}

TEST(audit, "a store that loses audit ends")
{
	start_with_copy();
	file_of("table.csv", frozen_hash);
	write_statement();
	ask_release();
	CHECK_INT(hear(stage.audit), MSG_PROVE);
	close(stage.audit);
	CHECK_INT(stage_hear(&stage), MSG_FAILED);
	CHECK_INT(stage_end(&stage), 1);
}

TAP_MAIN
