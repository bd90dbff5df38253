/*
 * sekisho-token - a token's module, apart from keys and sources.
 *
 * Started by sekisho-prepare before it confines itself, with a wire as
 * descriptor 3 and the custodian's terminal. A token's module is its vendor's
 * code: it may load libraries and speak to devices, so no filter of ours fits
 * it. It sees the wrapping key's uses and the 32 bytes that are wrapped, never
 * a source, a recipe or a folder of keys. Ends when the wire does. Distrusts
 * nobody: both ends are the same custodian's.
 */
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "gateway/base/msg.h"
#include "gateway/base/own.h"
#include "policy/token/pin.h"
#include "policy/token/pkcs11.h"

/* A rotation holds two keys: the old and the new. */
enum { WIRE = 3, KEYS = 2, NAME = 160, URI = 1024 };

struct held {
	bool open;
	char uri[URI];
	struct pkcs11 token;
};

static struct held held[KEYS];

static void answer_failed(struct msg *m, struct err *err)
{
	msg_start(m, MSG_TOKEN_FAILED, 0);
	msg_put_str(m, err->text);
}

static int open_key(struct msg *m, struct err *err)
{
	uint32_t number = msg_get_u32(m);
	uint8_t make = msg_get_u8(m);
	char uri[URI];

	msg_get_str(m, uri, sizeof uri);
	if (!msg_done(m) || number >= KEYS || held[number].open)
		return err_set(err, "malformed TOKEN_OPEN");
	struct held *one = &held[number];
	memcpy(one->uri, uri, sizeof uri);
	one->open = true;
	int found = pkcs11_open(&one->token, uri, err);
	if (found == 0 && make)
		found = pkcs11_make(&one->token, uri, err) < 0 ? -1 : 1;
	if (found < 0)
		return -1;
	msg_start(m, MSG_TOKEN_OPENED, 0);
	msg_put_u8(m, (uint8_t)found);
	return 0;
}

/* The open key that a message names, or NULL. */
static struct pkcs11 *key_of(struct msg *m)
{
	uint32_t number = msg_get_u32(m);

	return number < KEYS && held[number].open && held[number].token.key
		       ? &held[number].token
		       : NULL;
}

static int seal(struct msg *m, struct err *err)
{
	struct pkcs11 *token = key_of(m);
	uint8_t out[PKCS11_KEY + PKCS11_TAG];
	char name[NAME];
	size_t nonce_len, len;

	msg_get_str(m, name, sizeof name);
	const uint8_t *nonce = msg_get_bytes(m, &nonce_len);
	const uint8_t *in = msg_get_bytes(m, &len);
	if (!msg_done(m) || !token || nonce_len != PKCS11_NONCE ||
	    len != PKCS11_KEY)
		return err_set(err, "malformed TOKEN_SEAL");
	if (pkcs11_seal(token, name, nonce, in, out, err) < 0)
		return -1;
	msg_start(m, MSG_TOKEN_SEALED, 0);
	msg_put_bytes(m, out, sizeof out);
	return 0;
}

static int unseal(struct msg *m, struct err *err)
{
	struct pkcs11 *token = key_of(m);
	uint8_t out[PKCS11_KEY];
	char name[NAME];
	size_t nonce_len, len;

	msg_get_str(m, name, sizeof name);
	const uint8_t *nonce = msg_get_bytes(m, &nonce_len);
	const uint8_t *in = msg_get_bytes(m, &len);
	if (!msg_done(m) || !token || nonce_len != PKCS11_NONCE ||
	    len != PKCS11_KEY + PKCS11_TAG)
		return err_set(err, "malformed TOKEN_UNSEAL");
	if (pkcs11_unseal(token, name, nonce, in, out, err) < 0)
		return -1;
	msg_start(m, MSG_TOKEN_UNSEALED, 0);
	msg_put_bytes(m, out, sizeof out);
	explicit_bzero(out, sizeof out);
	return 0;
}

static int destroy(struct msg *m, struct err *err)
{
	struct pkcs11 *token = key_of(m);

	if (!msg_done(m) || !token)
		return err_set(err, "malformed TOKEN_DESTROY");
	if (pkcs11_destroy(token, err) < 0)
		return -1;
	msg_start(m, MSG_TOKEN_DESTROYED, 0);
	return 0;
}

static int close_key(struct msg *m, struct err *err)
{
	uint32_t number = msg_get_u32(m);

	if (!msg_done(m) || number >= KEYS)
		return err_set(err, "malformed TOKEN_CLOSE");
	pkcs11_close(&held[number].token);
	held[number].open = false;
	msg_start(m, MSG_TOKEN_CLOSED, 0);
	return 0;
}

static const struct {
	enum msg_type type;
	int (*act)(struct msg *m, struct err *err); /* m becomes the answer */
} acts[] = {
	{ MSG_TOKEN_OPEN, open_key },	{ MSG_TOKEN_SEAL, seal },
	{ MSG_TOKEN_UNSEAL, unseal },	{ MSG_TOKEN_DESTROY, destroy },
	{ MSG_TOKEN_CLOSE, close_key },
};

static int answer(struct msg *m, struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(acts); i++)
		if (acts[i].type == m->type)
			return acts[i].act(m, err);
	return err_set(err, "unknown message");
}

int main(void)
{
	static struct msg m;
	const struct rlimit none = { 0, 0 };
	struct err err;

	if (setrlimit(RLIMIT_CORE, &none) < 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		die("cannot give up core dumps");
	while (msg_receive(WIRE, &m, &err) > 0) {
		if (answer(&m, &err) < 0)
			answer_failed(&m, &err);
		if (msg_send(WIRE, &m, &err) < 0)
			break;
		explicit_bzero(m.data, sizeof m.data);
	}
	for (int i = 0; i < KEYS; i++)
		if (held[i].open)
			pkcs11_close(&held[i].token);
	pin_forget();
	return 0;
}
