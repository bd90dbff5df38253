/* links: audit/vault audit gateway/base; -lsqlite3 -lcrypto */
/*
 * vault_killed - the vault dies at each of its system calls in turn, or is
 * told that the disk is full, while it takes openings in and erases them.
 * What it said is kept is kept, and what it said is erased is nowhere.
 */
#include "tests/unit/stopper_stage.h"
#include "tests/unit/vault_stage.h"

static const char *const values[] = { "first", "second-text", "third" };
static int printed; /* by the stopper */

enum { PARTS = 6 }; /* each a test, for each has ten seconds */

static void begin_stopped(const char *option, const char *value)
{
	printed = stopper_begin(&stage, "build/bin/sekisho-vault", option,
				value, root);
}

static unsigned long end_stopped(void)
{
	return stopper_end(&stage, printed);
}

static void fresh_folders(void)
{
	static int n;
	char name[32];

	own_close(&root);
	snprintf(name, sizeof name, "vault%d", ++n);
	root = stage_folder(name);
}

/* What the vault has confirmed by now. */
static struct {
	int kept[3];
	bool erased, ended;
} told;

/* One record of its, said to be durable. False: it is gone. */
static bool record_it(void)
{
	if (!hear_record())
		return false;
	stage_durable(&stage);
	return true;
}

/* Its answer, and whatever it puts on record before. */
static bool hear_erased(int policy)
{
	for (;;) {
		struct pollfd p[] = { { policy, POLLIN, 0 },
				      { stage.audit, POLLIN, 0 } };

		CHECK(poll(p, 2, 8000) > 0);
		if (p[0].revents)
			return hear(policy) == MSG_VAULT_ERASED;
		if (!record_it())
			return false;
	}
}

static bool erase(int policy)
{
	uint8_t hash[COMMIT_SIZE];

	hash_of(values[1], hash);
	msg_start(&m, MSG_VAULT_ERASE, 3);
	msg_put_str(&m, "operator-op");
	msg_put_u32(&m, 1);
	msg_put_bytes(&m, hash, COMMIT_SIZE);
	msg_send(policy, &m, &err);
	told.erased = hear_erased(policy);
	return told.erased;
}

static bool end(int policy)
{
	msg_start(&m, MSG_VAULT_END, 4);
	msg_put_str(&m, "system");
	msg_put_str(&m, "P-2");
	msg_send(policy, &m, &err);
	told.ended = hear_erased(policy);
	return told.ended;
}

/* Two openings of one permit, one of another; one is erased, then the other
 * permit ends. False: it dies on the way. */
static bool live(void)
{
	memset(&told, 0, sizeof told);
	if (stage_hear(&stage) != MSG_READY)
		return false;
	int watch = link_as("watch", "*", "*");
	int policy = link_as("policy", "*", "*");
	for (uint32_t i = 0; i < 3; i++)
		send_opening(watch, i, i < 2 ? "P-1" : "P-2", values[i]);
	for (uint32_t i = 0; i < 3; i++)
		told.kept[i] = hear_kept(watch, i);
	bool done = told.kept[2] >= 0 && erase(policy) && end(policy);
	close(watch);
	close(policy);
	return done;
}

/* With the disk as it is: what was told is so. */
static void check_told(void)
{
	static const char second[] = "second-text";

	CHECK(!disk_has(second, sizeof second - 1));
	begin_stopped("--count", NULL);
	/* It may have something to say of what it finished. */
	CHECK_INT(stage_hear(&stage), MSG_READY);
	while (stage_readable(stage.audit, 0))
		CHECK(record_it());
	int first = open_one(values[0]), erased = open_one(values[1]),
	    ended = open_one(values[2]);
	CHECK(told.kept[0] != 1 || first == OPENING_KEPT);
	CHECK(told.kept[1] != 1 || erased != OPENING_UNKNOWN);
	CHECK(told.kept[2] != 1 || ended != OPENING_UNKNOWN);
	CHECK(!told.erased || erased == OPENING_ERASED || told.kept[1] == 0);
	CHECK(!told.ended || ended != OPENING_KEPT);
	CHECK(first != OPENING_DAMAGED && erased != OPENING_DAMAGED &&
	      ended != OPENING_DAMAGED);
	end_stopped();
}

/* What is erased or was never confirmed is not in the file of openings. */
static void check_bytes(void)
{
	static uint8_t sealed[65536];
	size_t len = read_file(root, "sealed", sealed, sizeof sealed), used = 0;

	for (size_t i = 0; i < len; i++)
		used += sealed[i] != 0;
	/* Of each that is left at least half is not zero. */
	if (told.erased && told.ended)
		CHECK(used <= SEAL_MORE + strlen(values[0]));
}

static unsigned long calls_of(bool work)
{
	fresh_folders();
	begin_stopped("--count", NULL);
	if (work)
		CHECK(live());
	else
		CHECK_INT(stage_hear(&stage), MSG_READY);
	return end_stopped();
}

static void killed_at_each(unsigned long part)
{
	char number[32];
	int killed = 0;

	if (geteuid() != 0)
		SKIP("needs root");
	signal(SIGPIPE, SIG_IGN);
	/* Its files are made shortly before it is ready. */
	unsigned long from = calls_of(false) - 30, to = calls_of(true);
	CHECK(to > from + 60);
	for (unsigned long at = from + part; at <= to; at += PARTS) {
		fresh_folders();
		snprintf(number, sizeof number, "%lu", at);
		begin_stopped("--kill-at", number);
		killed += !live();
		end_stopped();
		check_told();
		check_bytes();
	}
	CHECK(killed > 8);
}

TEST(killed_1, "a vault killed at any call has what it confirmed (1, 7 …)")
{
	killed_at_each(0);
}

TEST(killed_2, "a vault killed at any call has what it confirmed (2, 8 …)")
{
	killed_at_each(1);
}

TEST(killed_3, "a vault killed at any call has what it confirmed (3, 9 …)")
{
	killed_at_each(2);
}

TEST(killed_4, "a vault killed at any call has what it confirmed (4, 10 …)")
{
	killed_at_each(3);
}

TEST(killed_5, "a vault killed at any call has what it confirmed (5, 11 …)")
{
	killed_at_each(4);
}

TEST(killed_6, "a vault killed at any call has what it confirmed (6, 12 …)")
{
	killed_at_each(5);
}

/* The n-th call of that name fails once. It says that there was no room and
 * lives, or it dies; in each case its next life has what it confirmed.
 * Returns whether something of what was asked failed. */
static bool failed_at(const char *call, int n, const char *error)
{
	char point[32];

	fresh_folders();
	begin(); /* what is made at the first start is there */
	stop();
	snprintf(point, sizeof point, "%s:%d=%s", call, n, error);
	begin_stopped("--at", point);
	bool failed = !live() || told.kept[0] == 0 || told.kept[1] == 0 ||
		      told.kept[2] == 0;
	end_stopped();
	check_told();
	return failed;
}

/* How many of the first calls of that name fail what was asked. Not all do:
 * SQLite takes a failed sync of a folder lightly. */
static int failing(const char *call, int most)
{
	int failed = 0;

	if (geteuid() != 0)
		SKIP("needs root");
	signal(SIGPIPE, SIG_IGN);
	for (int n = 1; n <= most; n++)
		failed += failed_at(call, n, "ENOSPC");
	return failed;
}

TEST(full, "whichever write fails, what was confirmed is there")
{
	CHECK(failing("pwrite64", 20) > 8);
}

TEST(sync, "whichever sync fails, what was confirmed is there")
{
	CHECK(failing("fdatasync", 10) > 4);
}

TEST(room, "a full disk costs openings, not the vault, and is over when there "
	   "is room again")
{
	if (geteuid() != 0)
		SKIP("needs root");
	signal(SIGPIPE, SIG_IGN);
	fresh_folders();
	begin();
	int watch = link_as("watch", "*", "*");
	keep(watch, "P-1", values[0]);
	stop();
	for (int n = 1; n < 8; n++) {
		char point[32];

		snprintf(point, sizeof point, "pwrite64:%d=ENOSPC", n);
		begin_stopped("--at", point);
		CHECK_INT(stage_hear(&stage), MSG_READY);
		watch = link_as("watch", "*", "*");
		send_opening(watch, 5, "P-1", values[1]);
		if (hear_kept(watch, 5) == 0) {
			keep(watch, "P-1", values[1]);
			CHECK_INT(open_one(values[1]), OPENING_KEPT);
			CHECK_INT(open_one(values[0]), OPENING_KEPT);
			end_stopped();
			return;
		}
		end_stopped();
	}
	CHECK(false); /* never refused */
}

TAP_MAIN
