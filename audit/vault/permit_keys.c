#include "audit/vault/permit_keys.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

/* How PERMIT_KEY_IS tells it (messages.def). */
enum { KEY_FAILED = 0, KEY_HERE, KEY_NONE, KEY_GONE };
enum { PAUSE_MS = 250 };

static const char *name_of(const char *permit)
{
	return strcmp(permit, "-") == 0 ? PERMIT_KEYS_NOBODY : permit;
}

/* Where a permit's key is, or would be. */
static struct permit_key *place(struct permit_keys *keys, const char *name)
{
	unsigned int sum = 0;

	for (const char *c = name; *c; c++)
		sum = sum * 31 + (unsigned char)*c;
	return &keys->at_hand[sum % PERMIT_KEYS];
}

static int read_answer(struct permit_keys *keys, struct permit_key *at,
		       struct err *err)
{
	struct msg *m = &keys->m;
	uint8_t outcome = msg_get_u8(m);
	size_t len;
	const uint8_t *bytes = msg_get_bytes(m, &len);
	bool good = msg_done(m) && outcome <= KEY_GONE &&
		    len == (outcome == KEY_HERE ? SEAL_KEY : 0);

	if (good && outcome == KEY_HERE)
		memcpy(at->key, bytes, SEAL_KEY);
	explicit_bzero(m->data, m->len);
	return good ? outcome : err_set(err, "malformed VAULT_KEY");
}

/* The outcome of one question; or -1. */
static int ask(struct permit_keys *keys, const char *name, bool make,
	       struct permit_key *at, struct err *err)
{
	struct msg *m = &keys->m;

	msg_start(m, MSG_VAULT_ASKS_KEY, 0);
	msg_put_str(m, name);
	msg_put_u8(m, make);
	if (msg_send(keys->link, m, err) < 0)
		return -1;
	for (;;) {
		int got = msg_receive(keys->link, m, err);

		if (got <= 0)
			return got < 0 ? -1
				       : err_set(err, "the supervisor is gone");
		if (m->type == MSG_VAULT_KEY)
			return read_answer(keys, at, err);
		int done = keys->other(keys->owner, m, err);
		msg_clear(m);
		if (done < 0)
			return -1;
	}
}

int permit_keys_get(struct permit_keys *keys, const char *permit, bool make,
		    uint8_t key[SEAL_KEY], struct err *err)
{
	const char *name = name_of(permit);
	struct permit_key *at = place(keys, name);
	int outcome = KEY_HERE;

	for (int ms = 0; strcmp(at->permit, name) != 0; ms += PAUSE_MS) {
		at->permit[0] = '\0';
		outcome = ask(keys, name, make, at, err);
		if (outcome == KEY_HERE)
			snprintf(at->permit, sizeof at->permit, "%s", name);
		else if (outcome != KEY_FAILED)
			return outcome < 0 ? -1 : 0;
		else if (ms >= PERMIT_KEYS_MS)
			return err_set(err, "sekisho-keys gives no key");
		else
			poll(NULL, 0, PAUSE_MS); /* it is started again */
	}
	memcpy(key, at->key, SEAL_KEY);
	return 1;
}

void permit_keys_forget(struct permit_keys *keys, const char *permit)
{
	struct permit_key *at = place(keys, name_of(permit));

	explicit_bzero(at, sizeof *at);
}
