/* links: audit/vault audit gateway/base; -lsqlite3 -lcrypto */
/*
 * The real sekisho-vault: what is kept, who may read it, what erasing leaves.
 */
#include "tests/unit/vault_stage.h"

static const char secret[] = "naming-the-patient-Sato.R";

TEST(kept, "an opening that was kept is shown, its permit and field with it")
{
	start();
	int watch = link_as("watch", "*", "*");

	keep(watch, "P-1", secret);
	CHECK_INT(open_one(secret), OPENING_KEPT);
	CHECK_STR(shown.value, secret);
	CHECK_STR(shown.permit, "P-1");
	CHECK_STR(shown.field, "name");
	CHECK_INT(open_one("another"), OPENING_UNKNOWN);
	stop();
}

TEST(first_the_record, "nothing is shown before it is on record who asked")
{
	const char *const values[] = { secret, "unknown", NULL };
	char hex[COMMIT_TEXT];
	uint8_t hash[COMMIT_SIZE];

	start();
	int desk = link_as("desk", "a-9", "-");
	keep(link_as("watch", "*", "*"), "P-1", secret);
	ask_open(desk, values);
	CHECK(hear_record());
	CHECK(strncmp(stage.line, "vault.read ok a-9 - P-1 ", 24) == 0);
	hash_of(secret, hash);
	commit_hex(hash, hex);
	CHECK_STR(stage_field(&stage, "commit"), hex);
	CHECK_STR(stage_field(&stage, "index"), "42");
	uint32_t first = stage.ref;
	CHECK(hear_record());
	CHECK(strncmp(stage.line, "vault.read deny a-9 - - ", 24) == 0);
	CHECK_STR(stage_field(&stage, "state"), "unknown");
	CHECK(!stage_readable(desk, 200));
	stage_durable(&stage);
	CHECK(!stage_readable(desk, 200));
	stage.ref = first;
	stage_durable(&stage);
	CHECK_INT(hear(desk), MSG_VAULT_OPENED);
	stop();
}

TEST(whose, "whose an opening is, the link says and not its writer")
{
	start();
	int files = link_as("files", "a-7", "P-1");

	keep(files, "P-2", secret);
	CHECK_INT(open_one(secret), OPENING_KEPT);
	CHECK_STR(shown.permit, "P-1");
	keep(link_as("files", "a-9", "-"), "P-2", "an auditor's");
	CHECK_INT(open_one("an auditor's"), OPENING_KEPT);
	CHECK_STR(shown.permit, "-");
	stop();
}

/* The link that m went over is closed, and it is on record. */
static void costs_link(int link, const char *name)
{
	CHECK(msg_send(link, &m, &err) == 0);
	CHECK(hear_record());
	CHECK(strncmp(stage.line, "log.peer", 8) == 0);
	CHECK_STR(stage_field(&stage, "peer"), name);
	stage_durable(&stage);
	CHECK_INT(hear(link), MSG_NONE);
	close(link);
}

static void put_opening(const char *permit, const char *field,
			const char *value, size_t len)
{
	struct commit_opening o = { .field = field,
				    .value = value,
				    .len = len };
	uint8_t hash[COMMIT_SIZE];

	CHECK(commit_hash(&o, hash, &err) == 0);
	msg_start(&m, MSG_OPENING, 1);
	msg_put_str(&m, permit);
	msg_put_str(&m, field);
	msg_put_bytes(&m, hash, COMMIT_SIZE);
	msg_put_bytes(&m, o.salt, COMMIT_SALT);
	msg_put_bytes(&m, value, len);
}

TEST(malformed, "what is malformed costs its sender the link, and nobody else")
{
	static char large[COMMIT_VALUE + 1];
	int ends[2];

	start();
	int other = link_as("watch", "*", "*");

	put_opening("P-1", "name", "x", 1);
	m.data[m.len - 1] = 'y';
	costs_link(link_as("watch", "*", "*"), "watch");
	put_opening("../P-1", "name", "x", 1);
	costs_link(link_as("watch", "*", "*"), "watch");
	put_opening("P-1", "Name", "x", 1);
	costs_link(link_as("watch", "*", "*"), "watch");
	put_opening("P-1", "name", large, sizeof large);
	costs_link(link_as("watch", "*", "*"), "watch");
	put_opening("P-1", "name", "x", 1);
	msg_put_u8(&m, 0);
	costs_link(link_as("watch", "*", "*"), "watch");
	CHECK(pipe(ends) == 0);
	put_opening("P-1", "name", "x", 1);
	msg_put_fd(&m, ends[0]);
	costs_link(link_as("watch", "*", "*"), "watch");
	msg_start(&m, MSG_VAULT_OPEN, 1);
	msg_put_u64(&m, 0);
	msg_put_u32(&m, 0);
	costs_link(link_as("desk", "a-9", "-"), "desk");
	keep(other, "P-1", secret);
	CHECK_INT(open_one(secret), OPENING_KEPT);
	stop();
}

TEST(roles, "writers cannot read, readers cannot write, neither can erase")
{
	static const char *const values[] = { "x", NULL };
	uint8_t hash[COMMIT_SIZE] = { 0 };

	start();
	int files = link_as("files", "a-7", "P-1");
	ask_open(-1, values);
	costs_link(files, "files");
	put_opening("P-1", "name", "x", 1);
	costs_link(link_as("desk", "a-9", "-"), "desk");
	for (int i = 0; i < 3; i++) {
		const char *who[] = { "desk", "watch", "store" };

		msg_start(&m, MSG_VAULT_ERASE, 1);
		msg_put_str(&m, "operator-x");
		msg_put_u32(&m, 1);
		msg_put_bytes(&m, hash, sizeof hash);
		costs_link(link_as(who[i], "*", "*"), who[i]);
	}
	ask_open(-1, values);
	costs_link(link_as("policy", "*", "*"), "policy");
	stop();
}

/* --- Erasing ---------------------------------------------------------------------- */

static void ask_erase(int policy, const char *value)
{
	uint8_t hash[COMMIT_SIZE];

	hash_of(value, hash);
	msg_start(&m, MSG_VAULT_ERASE, 3);
	msg_put_str(&m, "operator-op");
	msg_put_u32(&m, 1);
	msg_put_bytes(&m, hash, COMMIT_SIZE);
	CHECK(msg_send(policy, &m, &err) == 0);
}

static void expect_record(const char *begin, const char *phase)
{
	CHECK(hear_record());
	if (strncmp(stage.line, begin, strlen(begin)) != 0)
		CHECK_STR(stage.line, begin);
	CHECK_STR(stage_field(&stage, "phase"), phase);
}

static void expect_erased(int policy, uint64_t erased, uint64_t before,
			  uint64_t unknown)
{
	CHECK_INT(hear(policy), MSG_VAULT_ERASED);
	CHECK_INT(msg_get_u64(&m), erased);
	CHECK_INT(msg_get_u64(&m), before);
	CHECK_INT(msg_get_u64(&m), unknown);
	CHECK(msg_done(&m));
}

TEST(erase, "what is erased is nowhere on the disk, its neighbours stay, and "
	    "it is on record before and after")
{
	static uint8_t sealed[4096];
	size_t each = SEAL_MORE + sizeof secret - 1;

	start();
	int watch = link_as("watch", "*", "*");
	int policy = link_as("policy", "*", "*");
	keep(watch, "P-1", "before");
	size_t from = read_file(root, "sealed", sealed, sizeof sealed);
	keep(watch, "P-1", secret);
	keep(watch, "P-1", "behind");
	CHECK(read_file(root, "sealed", sealed, sizeof sealed) > from + each);
	CHECK(disk_has(sealed + from, each));
	CHECK(!disk_has(secret, sizeof secret - 1));
	ask_erase(policy, secret);
	expect_record("erase.vault ok operator-op - P-1", "begin");
	CHECK(disk_has(sealed + from, each));
	stage_durable(&stage);
	expect_record("erase.vault ok operator-op - P-1", "done");
	for (size_t i = 0; i + 16 <= each; i++)
		CHECK(!disk_has(sealed + from + i, 16));
	stage_durable(&stage);
	expect_erased(policy, 1, 0, 0);
	CHECK_INT(open_one(secret), OPENING_ERASED);
	CHECK_STR(shown.permit, "P-1");
	CHECK_INT(open_one("before"), OPENING_KEPT);
	CHECK_INT(open_one("behind"), OPENING_KEPT);
	ask_erase(policy, secret);
	expect_record("erase.vault deny operator-op - P-1", "begin");
	CHECK_STR(stage_field(&stage, "state"), "erased");
	stage_durable(&stage);
	expect_erased(policy, 0, 1, 0);
	ask_erase(policy, "never");
	expect_record("erase.vault deny operator-op - -", "begin");
	stage_durable(&stage);
	expect_erased(policy, 0, 0, 1);
	stop();
	begin();
	CHECK_INT(open_one(secret), OPENING_ERASED);
	CHECK_INT(open_one("behind"), OPENING_KEPT);
	stop();
}

static void ask_end(int policy, const char *permit)
{
	msg_start(&m, MSG_VAULT_END, 4);
	msg_put_str(&m, "system");
	msg_put_str(&m, permit);
	CHECK(msg_send(policy, &m, &err) == 0);
}

TEST(ends, "a permit's end takes all of its openings, and no other's")
{
	static uint8_t sealed[1 << 20];
	char value[32];

	start();
	int watch = link_as("watch", "*", "*");
	int policy = link_as("policy", "*", "*");
	for (uint32_t i = 0; i < 1500; i++) {
		snprintf(value, sizeof value, "file %u", i);
		send_opening(watch, i, i % 3 ? "P-1" : "P-2", value);
		/* As many under way as fit the link. */
		if (i >= 50)
			CHECK_INT(hear_kept(watch, i - 50), 1);
	}
	for (uint32_t i = 1450; i < 1500; i++)
		CHECK_INT(hear_kept(watch, i), 1);
	size_t each = SEAL_MORE + strlen("file 0");
	read_file(root, "sealed", sealed, sizeof sealed);
	ask_end(policy, "P-1");
	expect_record("erase.vault ok system - P-1", "begin");
	CHECK(disk_has(sealed + each, each));
	stage_durable(&stage);
	expect_record("erase.vault ok system - P-1", "done");
	CHECK_STR(stage_field(&stage, "rows"), "1000");
	stage_durable(&stage);
	expect_erased(policy, 1000, 0, 0);
	CHECK(disk_has(sealed, each));
	CHECK(!disk_has(sealed + each, 16) && !disk_has(sealed + 2 * each, 16));
	CHECK_INT(open_one("file 1"), OPENING_ERASED);
	CHECK_INT(open_one("file 3"), OPENING_KEPT);
	stop();
}

TEST(key_ended, "without its permit's key nothing opens, and nothing is kept")
{
	start();
	int watch = link_as("watch", "*", "*");
	keep(watch, "P-1", secret);
	stop();
	begin();
	keys_ended = "P-1";
	CHECK_INT(open_one(secret), OPENING_ERASED);
	watch = link_as("watch", "*", "*");
	send_opening(watch, 5, "P-1", "another");
	send_opening(watch, 6, "P-2", "a neighbour's");
	CHECK_INT(hear_kept(watch, 5), 0);
	CHECK_INT(hear_kept(watch, 6), 1);
	CHECK_INT(open_one("another"), OPENING_UNKNOWN);
	CHECK_INT(open_one("a neighbour's"), OPENING_KEPT);
	stop();
}

TEST(keys_away, "while sekisho-keys is away openings wait, and are kept")
{
	start();
	keys_fail = 3;
	keep(link_as("watch", "*", "*"), "P-1", secret);
	CHECK_INT(open_one(secret), OPENING_KEPT);
	stop();
}

/* --- What else may happen ----------------------------------------------------------- */

TEST(again, "what is handed over again is kept once")
{
	static uint8_t sealed[4096];

	start();
	int watch = link_as("watch", "*", "*");
	keep(watch, "P-1", secret);
	size_t once = read_file(root, "sealed", sealed, sizeof sealed);
	keep(watch, "P-1", secret);
	for (uint32_t i = 0; i < 20; i++)
		send_opening(watch, i, "P-1", "the same");
	for (uint32_t i = 0; i < 20; i++)
		CHECK_INT(hear_kept(watch, i), 1);
	CHECK_INT(read_file(root, "sealed", sealed, sizeof sealed),
		  2 * once - (sizeof secret - 1) + strlen("the same"));
	stop();
	begin();
	watch = link_as("watch", "*", "*");
	keep(watch, "P-1", secret);
	CHECK_INT(open_one(secret), OPENING_KEPT);
	stop();
}

TEST(leaves, "what a writer said before it left is kept")
{
	start();
	int watch = link_as("watch", "*", "*");
	char value[32];

	for (uint32_t i = 0; i < 100; i++) {
		snprintf(value, sizeof value, "file %u", i);
		send_opening(watch, i, "P-1", value);
	}
	close(watch);
	CHECK_INT(open_one("file 99"), OPENING_KEPT);
	CHECK_INT(open_one("file 0"), OPENING_KEPT);
	stop();
}

/* As many long openings as the link takes. */
static void pour(int link, unsigned int number)
{
	struct pollfd room = { link, POLLOUT, 0 };
	char value[COMMIT_VALUE + 1];

	memset(value, 'x', COMMIT_VALUE);
	value[COMMIT_VALUE] = '\0';
	for (unsigned int i = 0; i < 100 && poll(&room, 1, 0) == 1; i++) {
		snprintf(value + COMMIT_VALUE - 16, 17, "%07u %08u", number, i);
		send_opening(link, i, "P-1", value);
	}
}

TEST(leaves_full, "nor is it lost when the others fill a batch meanwhile")
{
	enum { OTHERS = 96 };
	int other[OTHERS], watch;
	char value[32];

	start();
	for (unsigned int i = 0; i < OTHERS; i++) {
		other[i] = link_as("files", "a-7", "P-1");
		keep(other[i], "-", "the same");
	}
	watch = link_as("watch", "*", "*");
	keep(watch, "P-1", "the same");
	/* So that it finds all of it at once. */
	CHECK(kill(stage.pid, SIGSTOP) == 0);
	for (unsigned int i = 0; i < OTHERS; i++)
		pour(other[i], i);
	for (uint32_t i = 0; i < 10; i++) {
		snprintf(value, sizeof value, "file %u", i);
		send_opening(watch, i, "P-1", value);
	}
	close(watch);
	CHECK(kill(stage.pid, SIGCONT) == 0);
	CHECK_INT(open_one("file 9"), OPENING_KEPT);
	CHECK_INT(open_one("file 0"), OPENING_KEPT);
	stop();
}

TEST(flood, "who floods the vault and does not listen holds up nobody")
{
	start();
	int flood = link_as("files", "a-7", "P-1");
	int watch = link_as("watch", "*", "*");
	char value[32];
	uint32_t sent = 0;

	fcntl(flood, F_SETFL, O_RDWR | O_NONBLOCK);
	for (;; sent++) {
		struct commit_opening o;
		uint8_t hash[COMMIT_SIZE];

		snprintf(value, sizeof value, "file %u", sent);
		o = opening_of(value);
		hash_of(value, hash);
		msg_start(&m, MSG_OPENING, sent);
		msg_put_str(&m, "-");
		msg_put_str(&m, "name");
		msg_put_bytes(&m, hash, COMMIT_SIZE);
		msg_put_bytes(&m, o.salt, COMMIT_SALT);
		msg_put_bytes(&m, o.value, o.len);
		struct pollfd room = { flood, POLLOUT, 0 };
		/* Full, and still after a while: it is not read any more. */
		if (msg_try(flood, &m, &err) <= 0 &&
		    (poll(&room, 1, 300) == 0 || msg_try(flood, &m, &err) <= 0))
			break;
		CHECK(sent < 100000);
	}
	keep(watch, "P-1", secret);
	CHECK_INT(open_one(secret), OPENING_KEPT);
	stop();
}

TEST(damaged, "a byte that changed on the disk shows as damaged, not as text")
{
	start();
	keep(link_as("watch", "*", "*"), "P-1", secret);
	int fd = openat(root, "sealed", O_RDWR | O_CLOEXEC);
	uint8_t byte;

	CHECK(pread(fd, &byte, 1, 30) == 1);
	byte ^= 1;
	CHECK(pwrite(fd, &byte, 1, 30) == 1);
	CHECK_INT(open_one(secret), OPENING_DAMAGED);
	CHECK_STR(shown.value, "");
	stop();
}

TEST(moved, "a sealed opening in another's place does not open")
{
	uint8_t two[2 * SEAL_MOST];
	size_t each = SEAL_MORE + strlen("one");

	start();
	int watch = link_as("watch", "*", "*");
	keep(watch, "P-1", "one");
	keep(watch, "P-1", "two");
	CHECK_INT(read_file(root, "sealed", two, sizeof two), 2 * each);
	int fd = openat(root, "sealed", O_RDWR | O_CLOEXEC);
	CHECK(pwrite(fd, two + each, each, 0) == (ssize_t)each);
	CHECK_INT(open_one("one"), OPENING_DAMAGED);
	CHECK_INT(open_one("two"), OPENING_KEPT);
	stop();
}

TEST(unread_question, "a question whose asker has left is answered nobody")
{
	const char *const values[] = { secret, NULL };

	start();
	int desk = link_as("desk", "a-9", "-");
	keep(link_as("watch", "*", "*"), "P-1", secret);
	ask_open(desk, values);
	CHECK(hear_record());
	close(desk);
	stage_durable(&stage);
	CHECK_INT(open_one(secret), OPENING_KEPT);
	stop();
}

TAP_MAIN
