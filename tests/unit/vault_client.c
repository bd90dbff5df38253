/* links: audit gateway/base; -lcrypto */
/*
 * vault_client - what a writer does with openings when the vault is there, is
 * slow, dies, comes again, or never comes.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "audit/vault_client.h"
#include "tests/unit/tap.h"

static struct vault_client vault;
static struct audit_record record;
static struct msg m;
static struct err err;
static int end; /* the vault's */

static void start(void)
{
	CHECK(vault_client_init(&vault, &err) == 0);
}

static void link_up(void)
{
	int pair[2];

	CHECK(msg_pair(pair, &err) == 0);
	end = pair[1];
	fcntl(end, F_SETFL, O_RDWR | O_NONBLOCK);
	vault_client_link(&vault, pair[0]);
}

static void commit(const char *value, char hex[COMMIT_TEXT])
{
	const struct vault_text text = { "P-1", "name", value };

	CHECK(vault_commit(&vault, &text, hex, &err) == 0);
}

/* The next OPENING: its value; "" if there is none. */
static const char *hear(char hex[COMMIT_TEXT])
{
	static char value[64], permit[64], field[64];
	struct commit_opening o = { .field = field };
	uint8_t hash[COMMIT_SIZE];
	size_t len;

	value[0] = '\0';
	if (msg_receive(end, &m, &err) != 1)
		return value;
	CHECK_INT(m.type, MSG_OPENING);
	msg_get_str(&m, permit, sizeof permit);
	msg_get_str(&m, field, sizeof field);
	const uint8_t *said = msg_get_bytes(&m, &len);
	memcpy(o.salt, msg_get_bytes(&m, &len), COMMIT_SALT);
	o.value = msg_get_bytes(&m, &o.len);
	CHECK(msg_done(&m) && o.len < sizeof value);
	CHECK_STR(permit, "P-1");
	memcpy(value, o.value, o.len);
	value[o.len] = '\0';
	CHECK(commit_hash(&o, hash, &err) == 0);
	CHECK(memcmp(hash, said, COMMIT_SIZE) == 0);
	commit_hex(hash, hex);
	return value;
}

static void answer(bool kept)
{
	msg_start(&m, MSG_OPENING_KEPT, m.ref);
	msg_put_u8(&m, kept);
	CHECK(msg_send(end, &m, &err) == 0);
	vault_client_serve(&vault);
}

static int64_t lost(const char *field)
{
	for (unsigned int i = 0; i < record.nfields; i++)
		if (strcmp(record.fields[i].key, field) == 0)
			return record.fields[i].number;
	return -1;
}

TEST(sent, "an opening is on its way before the record can be, and is its "
	   "commitment's")
{
	char hex[COMMIT_TEXT], said[COMMIT_TEXT], again[COMMIT_TEXT];

	start();
	link_up();
	commit("a name", hex);
	CHECK_STR(hear(said), "a name");
	CHECK_STR(said, hex);
	answer(true);
	CHECK_INT(vault.n, 0);
	CHECK(!vault_lost(&vault, &record));
	commit("a name", again);
	CHECK(strcmp(hex, again) != 0);
}

TEST(later, "without a vault openings wait, and go to the one that comes")
{
	char hex[COMMIT_TEXT];

	start();
	commit("one", hex);
	commit("two", hex);
	CHECK_INT(vault.n, 2);
	link_up();
	CHECK_STR(hear(hex), "one");
	answer(true);
	CHECK_STR(hear(hex), "two");
	close(end);
	vault_client_serve(&vault);
	CHECK_INT(vault.link, -1);
	commit("three", hex);
	link_up();
	CHECK_STR(hear(hex), "two");
	answer(true);
	CHECK_STR(hear(hex), "three");
	answer(true);
	CHECK_INT(vault.n, 0);
	CHECK(!vault_lost(&vault, &record));
}

TEST(too_many, "what cannot lie here is counted once, and who can wait waits "
	       "for two seconds and no longer")
{
	char hex[COMMIT_TEXT];

	start();
	for (int i = 0; i < VAULT_LYING; i++)
		commit("x", hex);
	CHECK(vault.full > 0);
	CHECK(vault_client_late(&vault, vault.full + VAULT_WAIT_MS - 1));
	CHECK(!vault_client_late(&vault, vault.full + VAULT_WAIT_MS));
	CHECK(!vault_lost(&vault, &record));
	commit("y", hex);
	commit("z", hex);
	CHECK_INT(vault.n, VAULT_LYING);
	CHECK(vault_lost(&vault, &record));
	CHECK_STR(record.event, "vault.lost");
	CHECK_INT(lost("unkept"), 2);
	CHECK_INT(lost("no_room"), 0);
	CHECK(!vault_lost(&vault, &record));
	link_up();
	CHECK_STR(hear(hex), "x");
	answer(true);
	CHECK_INT(vault.full, 0);
}

TEST(no_room, "a vault without room says so, and that is counted too")
{
	char hex[COMMIT_TEXT];

	start();
	link_up();
	commit("x", hex);
	CHECK_STR(hear(hex), "x");
	answer(false);
	CHECK_INT(vault.n, 0);
	CHECK(vault_lost(&vault, &record));
	CHECK_INT(lost("no_room"), 1);
	CHECK_INT(lost("unkept"), 0);
}

TEST(long_text, "a text longer than the vault takes has a commitment all the "
		"same")
{
	static char text[COMMIT_VALUE + 2];
	char hex[COMMIT_TEXT] = "";

	start();
	link_up();
	memset(text, 'x', sizeof text - 1);
	commit(text, hex);
	CHECK_INT(strlen(hex), COMMIT_TEXT - 1);
	CHECK(vault_lost(&vault, &record));
	CHECK_INT(lost("unkept"), 1);
}

TEST(nonsense, "nonsense from the vault ends the link and loses nothing")
{
	char hex[COMMIT_TEXT];

	start();
	link_up();
	commit("x", hex);
	CHECK_STR(hear(hex), "x");
	msg_start(&m, MSG_OPENING_KEPT, 77);
	msg_put_u8(&m, 1);
	CHECK(msg_send(end, &m, &err) == 0);
	vault_client_serve(&vault);
	CHECK_INT(vault.link, -1);
	CHECK_INT(vault.n, 1);
}

TEST(silent, "a vault that reads nothing makes nobody wait")
{
	char hex[COMMIT_TEXT];

	start();
	link_up();
	for (int i = 0; i < 2000; i++)
		commit("a text of some length", hex);
	CHECK_INT(vault.n, 2000);
	CHECK(vault.unsent);
	CHECK(vault_client_events(&vault) & POLLOUT);
	CHECK(!vault_lost(&vault, &record));
}

TEST(finish, "at the end what nobody confirmed is lost, and said to be")
{
	char hex[COMMIT_TEXT];

	start();
	commit("x", hex);
	vault_client_finish(&vault, 100000);
	CHECK(vault_lost(&vault, &record));
	CHECK_INT(lost("unkept"), 1);
	link_up();
	commit("y", hex);
	commit("z", hex);
	CHECK_STR(hear(hex), "y");
	answer(true);
	vault_client_finish(&vault, 50);
	CHECK_INT(vault.link, -1);
	CHECK(vault_lost(&vault, &record));
	CHECK_INT(lost("unkept"), 1);
}

TAP_MAIN
