/*
 * hostkey - have the key exchange signed by another process.
 *
 * Runs in sekisho-conn. Of libssh's inner functions it knows two by name
 * (pki_sign_data, ssh_pki_import_signature_blob) and nothing of the structures
 * behind them; a libssh without them does not link.
 */
#include "gateway/conn/hostkey.h"

#include <libssh/libssh.h>
#include <openssl/evp.h>
#include <poll.h>
#include <string.h>

#include "gateway/base/msg.h"
#include "gateway/base/own.h"

enum { KEY_LEN = 32, HASH_LEN = 32, SIGNATURE_LEN = 64, WAIT_MS = 10000 };

static const char type_name[] = "ssh-ed25519";

struct ssh_signature_struct;
struct ssh_signature_struct *__real_pki_sign_data(ssh_key key, int digest,
						  const unsigned char *input,
						  size_t len);
struct ssh_signature_struct *__wrap_pki_sign_data(ssh_key key, int digest,
						  const unsigned char *input,
						  size_t len);
int ssh_pki_import_signature_blob(ssh_string blob, ssh_key key,
				  struct ssh_signature_struct **signature);

/*
 * Named so that a link without --wrap, or with the shared libssh, ends in an
 * undefined symbol instead of in a program that signs by itself.
 */
__attribute__((used)) static struct ssh_signature_struct *(*const replaced)(
	ssh_key, int, const unsigned char *, size_t) = __real_pki_sign_data;

/* libssh calls back without a place for an argument of ours. */
static int keys = -1;

/* Send m to keys and put the answer in its place. 0 or -1. */
static int ask(int link, struct msg *m, enum msg_type answer, struct err *err)
{
	struct pollfd wait = { .fd = link, .events = POLLIN };

	if (msg_send(link, m, err) < 0)
		return -1;
	if (poll(&wait, 1, WAIT_MS) != 1)
		return err_set(err, "sekisho-keys does not answer");
	if (msg_receive(link, m, err) != 1)
		return err_set(err, "sekisho-keys closed the link");
	if (m->type != answer) {
		msg_clear(m);
		return err_set(err, "expected %s, got %s", msg_name(answer),
			       msg_name(m->type));
	}
	return 0;
}

/* The answer's one byte field of len bytes to out. 0 or -1. */
static int read_bytes(struct msg *m, uint8_t *out, size_t len, struct err *err)
{
	size_t got;
	const uint8_t *bytes = msg_get_bytes(m, &got);
	int ok = msg_done(m) && got == len;

	if (ok)
		memcpy(out, bytes, len);
	msg_clear(m);
	return ok ? 0 : err_set(err, "malformed %s", msg_name(m->type));
}

/* A growing SSH packet body in the caller's storage, large enough for all. */
struct body {
	uint8_t data[512];
	size_t len;
};

static void put_raw(struct body *body, const void *bytes, size_t len)
{
	if (len > sizeof body->data - body->len)
		die("hostkey: body too small");
	memcpy(body->data + body->len, bytes, len);
	body->len += len;
}

static void put_u32(struct body *body, uint32_t value)
{
	uint8_t big[4] = { (uint8_t)(value >> 24), (uint8_t)(value >> 16),
			   (uint8_t)(value >> 8), (uint8_t)value };

	put_raw(body, big, sizeof big);
}

static void put_string(struct body *body, const void *bytes, size_t len)
{
	put_u32(body, (uint32_t)len);
	put_raw(body, bytes, len);
}

static void put_text(struct body *body, const char *text)
{
	put_string(body, text, strlen(text));
}

/* openssh-key-v1 as in PROTOCOL.key of OpenSSH; the private half is zeros. */
static void put_private(struct body *body, const uint8_t public[KEY_LEN])
{
	static const uint8_t zeros[KEY_LEN];
	struct body half = { .len = 0 };
	struct body inner = { .len = 0 };

	put_text(&half, type_name);
	put_string(&half, public, KEY_LEN);

	put_u32(&inner, 0); /* two equal check numbers */
	put_u32(&inner, 0);
	put_raw(&inner, half.data, half.len);
	put_u32(&inner, 2 * KEY_LEN);
	put_raw(&inner, zeros, KEY_LEN);
	put_raw(&inner, public, KEY_LEN);
	put_text(&inner, "");
	for (uint8_t pad = 1; inner.len % 8 != 0; pad++)
		put_raw(&inner, &pad, 1);

	put_raw(body, "openssh-key-v1", sizeof "openssh-key-v1");
	put_text(body, "none");
	put_text(body, "none");
	put_text(body, "");
	put_u32(body, 1);
	put_string(body, half.data, half.len);
	put_string(body, inner.data, inner.len);
}

static ssh_key import_private(const struct body *body, struct err *err)
{
	static const char begin[] = "-----BEGIN OPENSSH PRIVATE KEY-----\n";
	static const char end[] = "\n-----END OPENSSH PRIVATE KEY-----\n";
	char pem[sizeof begin + sizeof end + sizeof body->data * 2];
	size_t len = sizeof begin - 1;
	ssh_key key = NULL;

	memcpy(pem, begin, len);
	len += (size_t)EVP_EncodeBlock((unsigned char *)pem + len, body->data,
				       (int)body->len);
	memcpy(pem + len, end, sizeof end);
	if (ssh_pki_import_privkey_base64(pem, NULL, NULL, NULL, &key) !=
	    SSH_OK) {
		err_set(err, "libssh does not take the host key");
		return NULL;
	}
	return key;
}

ssh_key hostkey_new(int link, struct err *err)
{
	static struct msg m;
	struct body body = { .len = 0 };
	uint8_t public[KEY_LEN];

	msg_start(&m, MSG_HOST_KEY, 0);
	if (ask(link, &m, MSG_HOST_KEY_IS, err) < 0 ||
	    read_bytes(&m, public, sizeof public, err) < 0)
		return NULL;
	put_private(&body, public);
	keys = link;
	return import_private(&body, err);
}

/* The exchange hash, signed by keys. 0 or -1. */
static int sign(const unsigned char *hash, uint8_t signature[SIGNATURE_LEN],
		struct err *err)
{
	static struct msg m;

	msg_start(&m, MSG_SIGN, 0);
	msg_put_bytes(&m, hash, HASH_LEN);
	if (ask(keys, &m, MSG_SIGNATURE, err) < 0)
		return -1;
	return read_bytes(&m, signature, SIGNATURE_LEN, err);
}

/* Called by libssh in place of its own, for the key exchange alone. */
struct ssh_signature_struct *__wrap_pki_sign_data(ssh_key key, int digest,
						  const unsigned char *input,
						  size_t len)
{
	struct ssh_signature_struct *made = NULL;
	uint8_t signature[SIGNATURE_LEN];
	struct body body = { .len = 0 };
	struct err err;

	(void)digest;
	if (keys < 0 || len != HASH_LEN)
		return NULL;
	if (sign(input, signature, &err) < 0) {
		note("%s", err.text);
		return NULL;
	}
	put_text(&body, type_name);
	put_string(&body, signature, sizeof signature);
	ssh_string blob = ssh_string_new(body.len);
	if (!blob)
		return NULL;
	ssh_string_fill(blob, body.data, body.len);
	if (ssh_pki_import_signature_blob(blob, key, &made) != SSH_OK)
		made = NULL;
	ssh_string_free(blob);
	return made;
}
