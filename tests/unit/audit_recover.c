/* links: audit gateway/base; -lcrypto */
/*
 * audit_recover - what a crash can leave, and what the next start makes of it.
 */
#include "tests/unit/audit_log.h"

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
