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
	char mark[256];
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

TEST(half, "of what was acknowledged the newer whole line counts")
{
	struct journal_found found;
	struct err err;
	char mark[256];

	make(4);
	size_t m = load(dir, "acknowledged", bad);
	CHECK_INT(m, 208);
	memcpy(mark, bad, m);
	for (size_t i = 0; i < m; i++) {
		mark[i] ^= 1;
		store(dir, "acknowledged", mark, m);
		CHECK(reopen(&found, &err) == 0);
		CHECK_INT(found.torn, 0);
		mark[i] ^= 1;
	}
	mark[7] ^= 1;
	mark[150] ^= 1;
	store(dir, "acknowledged", mark, m);
	CHECK(reopen(&found, &err) < 0);
	CHECK_ERR(err, "acknowledged is damaged");
	store(dir, "acknowledged", mark, 104);
	CHECK(reopen(&found, &err) < 0);
}

TEST(recovered, "a recovery is itself a record, and the log is whole after it")
{
	char mark[256];

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

TEST(sectors, "whatever sectors of an unfinished batch reached the disk")
{
	enum { SECTOR = 512, MOST = 8 };
	struct journal_found found;
	struct err err;
	char mark[256];

	make(4);
	size_t acknowledged = length, m = load(dir, "acknowledged", bad);
	memcpy(mark, bad, m);
	open_ledger();
	heartbeats(9);
	close_ledger();
	length = load(dir, segment, good);
	size_t first = acknowledged / SECTOR;
	size_t sectors = (length - 1) / SECTOR - first + 1;
	CHECK(sectors >= 4 && sectors <= MOST);
	for (unsigned int lost = 0; lost < 1u << sectors; lost++) {
		memcpy(bad, good, length);
		for (size_t i = acknowledged; i < length; i++)
			if (lost >> (i / SECTOR - first) & 1)
				bad[i] = '\0';
		store(dir, segment, bad, length);
		store(dir, "acknowledged", mark, m);
		CHECK(reopen(&found, &err) == 0);
		CHECK(found.recovered);
		CHECK((lost == 0) == (found.torn == 0));
		size_t kept = load(dir, segment, bad);
		CHECK(kept >= acknowledged);
		CHECK(memcmp(bad, good, kept) == 0);
		CHECK(kept + found.torn == length);
	}
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

static enum ledger_fate add(const char *idem, uint64_t *index)
{
	static struct intake intake;
	struct intake_writer who = { .name = "policy" };
	struct err err;

	memset(&intake, 0, sizeof intake);
	intake.event = event_find("auth.end");
	memcpy(intake.result, "ok", 3);
	memcpy(intake.actor, "-", 2);
	memcpy(intake.session, "-", 2);
	memcpy(intake.permit, "-", 2);
	snprintf(intake.idem, sizeof intake.idem, "%s", idem);
	return ledger_add(&ledger, &who, &intake, index, &err);
}

TEST(known, "the newest 8,192 records are known again after a start")
{
	uint64_t index;

	open_ledger();
	heartbeats(3);
	CHECK_INT(add("first", &index), LEDGER_ADDED);
	CHECK_INT(add("second", &index), LEDGER_ADDED);
	CHECK_INT(index, 5);
	heartbeats(4000);
	heartbeats(4000);
	heartbeats(190);
	close_ledger();
	for (int life = 0; life < 2; life++) {
		open_ledger();
		CHECK_INT(add("second", &index), LEDGER_KNOWN);
		CHECK_INT(index, 5);
		close_ledger();
	}
	open_ledger();
	heartbeats(1);
	close_ledger();
	open_ledger();
	CHECK_INT(add("first", &index), LEDGER_ADDED);
	CHECK_INT(add("first", &index), LEDGER_KNOWN);
	CHECK_INT(index, 8197);
	close_ledger();
}

TEST(links, "a segment or folder that is shared or elsewhere is not opened")
{
	struct journal_found found;
	struct err err;

	make(4);
	CHECK(linkat(dir, segment, dir, "second", 0) == 0);
	CHECK(reopen(&found, &err) < 0);
	CHECK_ERR(err, "not a file with one name");
	CHECK(unlinkat(dir, "second", 0) == 0);
	CHECK(renameat(dir, "seg", dir, "other") == 0);
	CHECK(symlinkat("other", dir, "seg") == 0);
	CHECK(reopen(&found, &err) < 0);
	CHECK(unlinkat(dir, "seg", 0) == 0);
	CHECK(renameat(dir, "other", dir, "seg") == 0);
	CHECK(reopen(&found, &err) == 0);
}

TEST(memory, "a hash that changed in memory is never signed")
{
	struct err err;

	for (int what = 0; what < 3; what++) {
		uint8_t *bytes[] = { ledger.journal.tree.edge[0].bytes,
				     ledger.journal.chain.head.bytes,
				     ledger.journal.proved.edge[0].bytes };

		open_ledger();
		heartbeats(4);
		journal_hash_again(&ledger.journal);
		bytes[what][5] ^= 16;
		CHECK(ledger_sign(&ledger, &err) < 0);
		CHECK_ERR(err, "not signed");
		bytes[what][5] ^= 16;
		CHECK(ledger_sign(&ledger, &err) == 0);
		close_ledger();
	}
}

TEST(buffer, "an entry that changed in memory before it was written, neither")
{
	struct err err;

	open_ledger();
	for (int i = 0; i < 3; i++)
		CHECK(ledger_own(&ledger, "log.heartbeat", NULL, 0, &err) == 0);
	ledger.journal.buffer[100] ^= 1;
	CHECK(ledger_commit(&ledger, &err) == 0);
	CHECK(ledger_sign(&ledger, &err) < 0);
	CHECK_ERR(err, "not signed");
	close_ledger();
}

TEST(clock, "a clock that went back is told before the entry that shows it")
{
	open_ledger();
	heartbeats(1);
	/* As if the last entry had been written in 2099. */
	ledger.last_time = INT64_C(4070908800000000);
	heartbeats(2);
	close_ledger();
	dir = folder("log");
	load(dir, segment, good);
	const char *told = strstr(good, "\"event\":\"log.clock\"");
	CHECK(told != NULL && strstr(told + 12, "log.clock") == NULL);
	CHECK(strstr(told, "log.heartbeat") != NULL);
	verify_log(dir, NULL, NULL, &report);
	CHECK_INT(report.code, VERIFY_FINE);
}

TAP_MAIN
