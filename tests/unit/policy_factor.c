/* links: policy audit gateway/base; -lsqlite3 -lyaml -lcrypto */
/*
 * policy_factor - second factors: the public vectors, a code works once, and
 * what the state file holds says nothing without the credential.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "policy/factor.h"
#include "policy/throttle.h"
#include "tests/unit/tap.h"

enum { NOW = 1800000000 };

static struct store store;
static struct seal seal;
static char path[600];
static struct err err;

static void credential(struct seal *out, uint8_t byte, size_t len)
{
	uint8_t bytes[64];
	int pipes[2];

	memset(bytes, byte, sizeof bytes);
	CHECK(pipe(pipes) == 0);
	CHECK(write(pipes[1], bytes, len) == (ssize_t)len);
	close(pipes[1]);
	CHECK_INT(seal_init(out, pipes[0], &err), len == 32 ? 0 : -1);
	close(pipes[0]);
}

static void open_store(void)
{
	snprintf(path, sizeof path, "%s/policy.db", tap_folder());
	CHECK_INT(store_open(&store, path, &err), 0);
	credential(&seal, 7, 32);
}

static enum factor check(const char *code, uint64_t now)
{
	enum factor used;

	CHECK_INT(factor_check(&store, &seal, "taro", code, now, &used, &err),
		  0);
	return used;
}

static uint8_t secret[TOTP_SECRET];

/* Read the secret back from its base32, to compute codes with. */
static void unbase32(const char *text)
{
	uint64_t bits = 0;
	size_t n = 0, have = 0;

	for (; *text; text++) {
		bits = bits << 5 | (uint64_t)(*text >= 'A' ? *text - 'A'
							   : *text - '2' + 26);
		have += 5;
		if (have >= 8) {
			have -= 8;
			secret[n++] = (uint8_t)(bits >> have);
		}
	}
	CHECK_INT(n, TOTP_SECRET);
}

static const char *code_at(uint64_t time)
{
	static char code[16];

	snprintf(code, sizeof code, "%06u",
		 totp_code(secret, time / TOTP_STEP));
	return code;
}

static void enrol(void)
{
	char text[TOTP_BASE32_SIZE];

	open_store();
	CHECK_INT(factor_add_totp(&store, &seal, "taro", text, &err), 0);
	unbase32(text);
}

TEST(vectors, "the codes of RFC 6238, appendix B")
{
	static const struct {
		uint64_t time;
		uint32_t code;
	} wants[] = { { 59, 287082 },	      { 1111111109, 81804 },
		      { 1111111111, 50471 },  { 1234567890, 5924 },
		      { 2000000000, 279037 }, { 20000000000, 353130 } };

	for (size_t i = 0; i < sizeof wants / sizeof *wants; i++)
		CHECK_INT(totp_code((const uint8_t *)"12345678901234567890",
				    wants[i].time / TOTP_STEP),
			  wants[i].code);
}

TEST(base32, "the secret is written as RFC 4648 says")
{
	char text[TOTP_BASE32_SIZE];

	base32_write((const uint8_t *)"12345678901234567890", 20, text);
	CHECK_STR(text, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
}

TEST(once, "a code works once, and no earlier one after it")
{
	char before[16];

	enrol();
	snprintf(before, sizeof before, "%s", code_at(NOW - TOTP_STEP));
	CHECK_INT(check(code_at(NOW), NOW), FACTOR_TOTP);
	CHECK_INT(check(code_at(NOW), NOW), FACTOR_NONE);
	CHECK_INT(check(before, NOW), FACTOR_NONE);
	CHECK_INT(check(code_at(NOW + TOTP_STEP), NOW), FACTOR_TOTP);
}

TEST(window, "codes more than a step away are wrong")
{
	enrol();
	CHECK_INT(check(code_at(NOW - 2 * TOTP_STEP), NOW), FACTOR_NONE);
	CHECK_INT(check(code_at(NOW + 2 * TOTP_STEP), NOW), FACTOR_NONE);
	CHECK_INT(check("", NOW), FACTOR_NONE);
	CHECK_INT(check("12345", NOW), FACTOR_NONE);
	CHECK_INT(check("１２３４５６", NOW), FACTOR_NONE);
}

TEST(restart, "a used code stays used after the file is opened again")
{
	enrol();
	CHECK_INT(check(code_at(NOW), NOW), FACTOR_TOTP);
	store_close(&store);
	open_store();
	CHECK_INT(check(code_at(NOW), NOW), FACTOR_NONE);
}

TEST(other_person, "a code is one person's alone")
{
	enum factor used;

	enrol();
	CHECK_INT(factor_check(&store, &seal, "jiro", code_at(NOW), NOW, &used,
			       &err),
		  0);
	CHECK_INT(used, FACTOR_NONE);
}

TEST(moved_secret, "a sealed secret does not work for another person")
{
	char sql[] = "INSERT INTO actors VALUES ('jiro', 'p2');"
		     "UPDATE totp SET person = 'jiro'";
	enum factor used;

	enrol();
	CHECK_INT(sqlite3_exec(store.db, sql, NULL, NULL, NULL), SQLITE_OK);
	CHECK_INT(factor_check(&store, &seal, "jiro", code_at(NOW), NOW, &used,
			       &err),
		  0);
	CHECK_INT(used, FACTOR_NONE);
}

TEST(other_credential, "another site's credential opens nothing")
{
	enrol();
	credential(&seal, 8, 32);
	CHECK_INT(check(code_at(NOW), NOW), FACTOR_NONE);
}

TEST(short_credential, "a credential of another length is refused")
{
	struct seal other;

	credential(&other, 7, 31);
	credential(&other, 7, 33);
}

TEST(list, "a printed code works once, however it is typed")
{
	char codes[FACTOR_CODES][LIST_CODE_SIZE];
	char typed[32] = "";

	open_store();
	CHECK_INT(factor_add_list(&store, &seal, "taro", 3, codes, &err), 0);
	for (size_t i = 0; codes[1][i]; i++)
		snprintf(typed + strlen(typed), 3, "%c",
			 codes[1][i] >= 'A' && codes[1][i] <= 'Z'
				 ? codes[1][i] - 'A' + 'a'
				 : codes[1][i]);
	CHECK_INT(check(typed, NOW), FACTOR_LIST);
	CHECK_INT(check(codes[1], NOW), FACTOR_NONE);
	CHECK_INT(check(codes[0], NOW), FACTOR_LIST);
	CHECK_INT(check("AAAA-AAAA-AAAA", NOW), FACTOR_NONE);
}

TEST(new_list, "a new list ends the old one")
{
	char old[FACTOR_CODES][LIST_CODE_SIZE];
	char codes[FACTOR_CODES][LIST_CODE_SIZE];
	struct factor_count count;

	open_store();
	CHECK_INT(factor_add_list(&store, &seal, "taro", 2, old, &err), 0);
	CHECK_INT(factor_add_list(&store, &seal, "taro", 2, codes, &err), 0);
	CHECK_INT(check(old[0], NOW), FACTOR_NONE);
	CHECK_INT(factor_count(&store, "taro", &count, &err), 0);
	CHECK_INT(count.codes, 2);
	CHECK_INT(factor_reset(&store, "taro", &err), 0);
	CHECK_INT(check(codes[0], NOW), FACTOR_NONE);
}

TEST(clear, "no code and no secret stands in the file in clear")
{
	char codes[FACTOR_CODES][LIST_CODE_SIZE], plain[LIST_CODE_SIZE];
	static uint8_t bytes[1 << 20];
	ssize_t len;

	enrol();
	CHECK_INT(factor_add_list(&store, &seal, "taro", 1, codes, &err), 0);
	CHECK_INT(list_code_read(codes[0], plain), 0);
	store_close(&store);
	int fd = open(path, O_RDONLY);
	len = read(fd, bytes, sizeof bytes);
	CHECK(len > 0);
	CHECK(!memmem(bytes, (size_t)len, secret, sizeof secret));
	CHECK(!memmem(bytes, (size_t)len, plain, strlen(plain)));
	CHECK(!memmem(bytes, (size_t)len, codes[0], strlen(codes[0])));
}

TEST(epoch, "the policy epoch only grows, over restarts too")
{
	uint64_t first, second;

	open_store();
	CHECK_INT(store_epoch(&store, &first, &err), 0);
	store_close(&store);
	open_store();
	CHECK_INT(store_epoch(&store, &second, &err), 0);
	CHECK_INT(second, first + 1);
}

TEST(newer, "a state file of a newer version is refused")
{
	open_store();
	CHECK_INT(sqlite3_exec(store.db, "PRAGMA user_version = 99", NULL, NULL,
			       NULL),
		  SQLITE_OK);
	store_close(&store);
	CHECK_INT(store_open(&store, path, &err), -1);
	CHECK_ERR(err, "install the newer one");
}

TEST(damaged, "a damaged state file is refused")
{
	open_store();
	store_close(&store);
	int fd = open(path, O_WRONLY);
	CHECK(pwrite(fd, "nonsense nonsense", 17, 0) == 17);
	close(fd);
	CHECK_INT(store_open(&store, path, &err), -1);
	CHECK_ERR(err, "state file");
}

TEST(actors, "a person keeps one random id")
{
	char first[ID_SIZE], again[ID_SIZE], other[ID_SIZE];

	open_store();
	CHECK_INT(store_actor(&store, "taro", first, &err), 0);
	CHECK_INT(store_actor(&store, "taro", again, &err), 0);
	CHECK_INT(store_actor(&store, "jiro", other, &err), 0);
	CHECK_STR(first, again);
	CHECK(strcmp(first, other) != 0 && strlen(first) == 17);
}

TEST(pause, "pauses grow for one source, end, and spare the others")
{
	static struct throttle throttle;
	uint64_t last = 0;

	for (int i = 0; i < 8; i++) {
		throttle_failed(&throttle, "taro", "a", 1000, 30000);
		CHECK(throttle_until(&throttle, "taro", "a") >= last);
		last = throttle_until(&throttle, "taro", "a");
	}
	CHECK_INT(last, 31000);
	CHECK_INT(throttle_until(&throttle, "taro", "b"), 0);
	CHECK_INT(throttle_until(&throttle, "jiro", "a"), 0);
	throttle_passed(&throttle, "taro", "a");
	CHECK_INT(throttle_until(&throttle, "taro", "a"), 0);
}

TEST(many_sources, "guessing from many sources is slowed a little for all")
{
	static struct throttle throttle;
	char source[16];

	for (int i = 0; i < 40; i++) {
		snprintf(source, sizeof source, "s%d", i);
		throttle_failed(&throttle, "taro", source, 1000, 30000);
	}
	CHECK_INT(throttle_until(&throttle, "taro", "home"), 6000);
}

TEST(full_table, "a full table forgets the oldest, never refuses")
{
	static struct throttle throttle;
	char source[16];

	for (int i = 0; i < THROTTLE_ENTRIES * 2; i++) {
		snprintf(source, sizeof source, "s%d", i);
		throttle_failed(&throttle, "taro", source, (uint64_t)(1000 + i),
				30000);
	}
	CHECK(throttle_until(&throttle, "taro", source) > 0);
}

TAP_MAIN
