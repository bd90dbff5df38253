/* links: gateway/supervisor sandbox audit gateway/base */
/*
 * The supervisor's side of the permits' keys; the test is sekisho-keys.
 */
#include "gateway/supervisor/permit_keys.h"
#include "tests/unit/supervisor_stage.h"

static struct msg m;
static struct err err;
static uint8_t key[PERMIT_KEY_LEN];
static enum permit_key outcome;
static int ended, heard, keys_end;

void fake_main(const char *program)
{
	(void)program;
}

static void on_key(struct ask *ask, struct msg *answer)
{
	(void)ask;
	heard++;
	outcome = permit_key_read(answer, key, &err);
}

static void on_ended(struct ask *ask, struct msg *answer)
{
	(void)ask;
	heard++;
	ended = permit_key_ended(answer, &err);
}

static struct ask for_key = { .answered = on_key };
static struct ask for_end = { .answered = on_ended };

static void begin(void)
{
	stage_begin();
	keys_end = stage_service(SERVICE_KEYS, "sekisho-keys");
}

static void end(void)
{
	kill(gateway.services[SERVICE_KEYS].pid, SIGKILL);
	stage_end();
}

static void ask(void)
{
	char text[ID_SIZE];

	CHECK_INT(permit_key_ask(&gateway, &for_key, "P-1", "vault", true), 0);
	CHECK_INT(stage_hear(keys_end, 5000), MSG_PERMIT_KEY);
	msg_get_str(&in, text, sizeof text);
	CHECK_STR(text, "P-1");
	msg_get_str(&in, text, sizeof text);
	CHECK_STR(text, "vault");
	CHECK_INT(msg_get_u8(&in), 1);
	CHECK(msg_done(&in));
}

/* An answer as it would arrive. False: not to be answered so. */
static bool answer(uint8_t how, size_t len, const char *why)
{
	msg_start(&m, MSG_PERMIT_KEY_IS, in.ref);
	msg_put_u8(&m, how);
	msg_put_bytes(&m, "0123456789abcdef0123456789abcdef", len);
	msg_put_str(&m, why);
	m.pos = MSG_HEADER;
	return asks_heard(&gateway, SERVICE_KEYS, &m);
}

TEST(here, "a key arrives for who asked, and does not stay in the message")
{
	begin();
	ask();
	CHECK(answer(KEY_HERE, PERMIT_KEY_LEN, ""));
	CHECK_INT(outcome, KEY_HERE);
	CHECK(memcmp(key, "0123456789abcdef0123456789abcdef", sizeof key) == 0);
	CHECK(memmem(m.data, sizeof m.data, "0123456789abcdef", 16) == NULL);
	end();
}

TEST(forgotten, "a key that nobody waits for any more does not stay either")
{
	begin();
	ask();
	ask_forget(&gateway, &for_key);
	CHECK(answer(KEY_HERE, PERMIT_KEY_LEN, ""));
	CHECK_INT(heard, 0);
	CHECK(memmem(m.data, sizeof m.data, "0123456789abcdef", 16) == NULL);
	end();
}

TEST(not_here, "no key, a gone one and a failure are told apart")
{
	begin();
	ask();
	CHECK(answer(KEY_NONE, 0, ""));
	CHECK_INT(outcome, KEY_NONE);
	ask();
	CHECK(answer(KEY_GONE, 0, ""));
	CHECK_INT(outcome, KEY_GONE);
	ask();
	CHECK(answer(KEY_FAILED, 0, "the disk is full"));
	CHECK_INT(outcome, KEY_FAILED);
	CHECK_ERR(err, "the disk is full");
	end();
}

TEST(odd, "an answer that is no answer is a failure")
{
	begin();
	ask();
	CHECK(answer(KEY_HERE, 16, ""));
	CHECK_INT(outcome, KEY_FAILED);
	ask();
	CHECK(answer(KEY_NONE, PERMIT_KEY_LEN, ""));
	CHECK_INT(outcome, KEY_FAILED);
	ask();
	CHECK(answer(9, 0, ""));
	CHECK_INT(outcome, KEY_FAILED);
	end();
}

TEST(dead, "who waits for a key hears that keys died, and can ask anew")
{
	begin();
	ask();
	gateway.services[SERVICE_KEYS].ready = false;
	asks_lost(&gateway, SERVICE_KEYS);
	CHECK_INT(heard, 1);
	CHECK_INT(outcome, KEY_FAILED);
	CHECK_INT(permit_key_ask(&gateway, &for_key, "P-1", "vault", true), -1);
	gateway.services[SERVICE_KEYS].ready = true;
	ask();
	end();
}

TEST(other, "another service cannot answer in the place of keys")
{
	begin();
	ask();
	CHECK(!store_heard(&gateway, &m));
	msg_start(&m, MSG_PERMIT_KEY_IS, in.ref);
	CHECK(!asks_heard(&gateway, SERVICE_STORE, &m));
	CHECK_INT(heard, 0);
	end();
}

TEST(ends, "a key's end is told, and asked for again when it was not")
{
	begin();
	CHECK_INT(permit_key_end(&gateway, &for_end, "P-1"), 0);
	CHECK_INT(stage_hear(keys_end, 5000), MSG_PERMIT_KEY_END);
	msg_start(&m, MSG_PERMIT_KEY_ENDED, in.ref);
	msg_put_u8(&m, 0);
	msg_put_str(&m, "the disk is full");
	m.pos = MSG_HEADER;
	CHECK(asks_heard(&gateway, SERVICE_KEYS, &m));
	CHECK_INT(ended, -1);
	CHECK_ERR(err, "the disk is full");
	CHECK_INT(permit_key_end(&gateway, &for_end, "P-1"), 0);
	CHECK_INT(stage_hear(keys_end, 5000), MSG_PERMIT_KEY_END);
	msg_start(&m, MSG_PERMIT_KEY_ENDED, in.ref);
	msg_put_u8(&m, 1);
	msg_put_str(&m, "");
	m.pos = MSG_HEADER;
	CHECK(asks_heard(&gateway, SERVICE_KEYS, &m));
	CHECK_INT(ended, 0);
	end();
}

TAP_MAIN
