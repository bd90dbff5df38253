/* links: policy/airlock/store audit gateway/base; -lcrypto */
/*
 * store_killed - the store dies at each of its system calls in turn, or is
 * told that the disk is full, while it freezes and releases a file. What
 * stands is whole, and what is asked again is done.
 */
#include "tests/unit/stopper_stage.h"
#include "tests/unit/store_release.h"

static int printed; /* by the stopper */

static void begin_stopped(const char *option, const char *value)
{
	printed = stopper_begin(&stage, "build/bin/sekisho-store", option,
				value, root);
}

static unsigned long end_stopped(void)
{
	unsigned long calls = stopper_end(&stage, printed);

	own_close(&policy);
	return calls;
}

/* Ready, with policy and the session. False: it died on the way. */
static bool meet(void)
{
	int pair[2];

	if (stage_hear(&stage) != MSG_READY)
		return false;
	CHECK(msg_pair(pair, &err) == 0);
	policy = pair[0];
	msg_start(&m, MSG_PEER_POLICY, 0);
	msg_put_fd(&m, pair[1]);
	msg_send(stage.link, &m, &err);
	close(pair[1]);
	msg_start(&m, MSG_OUT, 0);
	msg_put_str(&m, session);
	msg_put_str(&m, "P-1");
	msg_put_str(&m, "a-7");
	msg_put_fd(&m, out);
	msg_send(stage.link, &m, &err);
	return true;
}

/* Audit's next part. False: the store is gone. */
static bool answer_as_audit(void)
{
	if (hear(stage.audit) == MSG_NONE)
		return false;
	bool asked = m.type == MSG_PROVE;
	CHECK(asked || m.type == MSG_RECORD);
	msg_start(&m, asked ? MSG_PROOF : MSG_RECORDED, m.ref);
	if (asked) {
		msg_put_bytes(&m, log_entry, strlen(log_entry));
		msg_put_bytes(&m, proof_text, strlen(proof_text));
	} else {
		msg_put_u64(&m, 1);
	}
	msg_send(stage.audit, &m, &err);
	return true;
}

/* Freeze the file and release it. False: it says no, or dies. */
static bool goes_out(void)
{
	msg_start(&m, MSG_FREEZE, 9);
	msg_put_str(&m, session);
	msg_put_str(&m, "table.csv");
	msg_put_u64(&m, 1000);
	msg_send(policy, &m, &err);
	if (hear(policy) != MSG_FROZEN || msg_get_u8(&m) != FROZEN_COPIED)
		return false;
	ask_release();
	for (;;) {
		struct pollfd p[] = { { stage.link, POLLIN, 0 },
				      { stage.audit, POLLIN, 0 } };

		CHECK(poll(p, 2, 8000) > 0);
		if (p[0].revents)
			return hear(stage.link) == MSG_RELEASED &&
			       msg_get_u8(&m) == 1;
		if (!answer_as_audit())
			return false;
	}
}

static void prepare(void)
{
	uint8_t hash[NAMES_HASH];

	if (geteuid() != 0)
		SKIP("needs root");
	signal(SIGPIPE, SIG_IGN);
	out = stage_folder("out");
	root = -1;
	write_in(out, "table.csv", table, TABLE);
	hash_of(hash, table, TABLE);
	file_of("d/table.csv", hash);
	write_statement();
}

/* Another empty root. */
static void fresh_root(void)
{
	static int n;
	char name[32];

	own_close(&root);
	snprintf(name, sizeof name, "requests%d", ++n);
	root = stage_folder(name);
}

/* Whatever is there is whole. */
static void whole_or_nothing(void)
{
	CHECK(copies() == 0 || copies() == 1);
	if (entries("released/P-1/a-7/7") < 0)
		return;
	stands("d/table.csv", table);
	receipt_stands();
	CHECK_INT(entries("released/P-1/a-7/7"), 3);
}

static void all_is_well(void)
{
	CHECK_INT(entries("new"), 0);
	CHECK_INT(copies(), 1);
	whole_or_nothing();
	folder_mode("released/P-1/a-7/7", 0550);
}

/* The calls of a life that is ready and ends, or also does its work. */
static unsigned long calls_of(bool work)
{
	fresh_root();
	begin_stopped("--count", NULL);
	CHECK(meet() && (!work || goes_out()));
	return end_stopped();
}

/* Kill at each third call of the work; then live once more. */
static void killed_at_each(unsigned long part)
{
	char number[32];
	int killed = 0;

	prepare();
	/* Its folders are made shortly before it is ready. */
	unsigned long from = calls_of(false) - 40, to = calls_of(true);
	CHECK(to > from + 60);
	for (unsigned long at = from + part; at <= to; at += 3) {
		fresh_root();
		snprintf(number, sizeof number, "%lu", at);
		begin_stopped("--kill-at", number);
		killed += !(meet() && goes_out());
		end_stopped();
		whole_or_nothing();
		begin_stopped("--count", NULL);
		CHECK(meet() && goes_out());
		all_is_well();
		end_stopped();
	}
	CHECK(killed > 20);
}

TEST(killed_a, "a store killed at any call leaves all or nothing (1, 4, 7 …)")
{
	killed_at_each(0);
}

TEST(killed_b, "a store killed at any call leaves all or nothing (2, 5, 8 …)")
{
	killed_at_each(1);
}

TEST(killed_c, "a store killed at any call leaves all or nothing (3, 6, 9 …)")
{
	killed_at_each(2);
}

/* The n-th call of that name fails once: the store says no, nothing of what
 * was asked stands, and a second asking succeeds. Returns whether there was such a call. */
static bool failed_at(const char *call, int n, const char *error)
{
	char point[32];

	fresh_root();
	snprintf(point, sizeof point, "%s:%d=%s", call, n, error);
	begin_stopped("--at", point);
	if (!meet()) { /* no folders: it says so and ends */
		end_stopped();
		return true;
	}
	bool failed = !goes_out();
	if (failed) {
		CHECK_INT(entries("released/P-1/a-7/7"), -1);
		CHECK_INT(entries("new"), 0);
		CHECK(goes_out());
	}
	all_is_well();
	end_stopped();
	return failed;
}

TEST(full, "whichever write, sync or rename fails, the store says no and "
	   "lives, and can do it later")
{
	static const char *const calls[] = { "write",	 "fsync",  "mkdirat",
					     "renameat", "linkat", "fchmod",
					     "renameat2" };
	int failed = 0;

	prepare();
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
		for (int n = 1; failed_at(calls[i], n, "ENOSPC"); n++)
			failed++;
	CHECK(failed > 20);
}

TAP_MAIN
