/*
 * login - ask policy about a proven key, then about a one-time code.
 *
 * Runs in sekisho-conn. The client is not trusted, and libssh's idea of how
 * far the login has come is not used: conn->login is the only state.
 *
 * libssh checks the user's signature. Its answer is worth one factor of two.
 */
#include "gateway/conn/login.h"

#include <openssl/evp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/plan.h"
#include "gateway/base/text.h"
#include "gateway/base/visible.h"

enum {
	ATTEMPTS = 6,	 /* signatures and codes together */
	PROBES = 64,	 /* keys shown without a signature */
	WAIT_MS = 30000, /* for policy, whose denials come late on purpose */
	BLOB_MAX = 4096,
	CODE_MAX = 64,
	RSA_BITS = 3072,
};

/* A key as it goes to policy. */
struct shown_key {
	char type[64];
	uint8_t blob[BLOB_MAX];
	size_t len;
};

/* Send m to policy, wait for the answer, put it into m. 0 or -1: the link is
 * of no more use. Nothing else of this client is read meanwhile. */
static int ask_policy(struct conn *conn, struct msg *m)
{
	struct pollfd wait = { .fd = conn->policy, .events = POLLIN };
	struct err err;

	if (msg_send(conn->policy, m, &err) < 0 ||
	    poll(&wait, 1, WAIT_MS) != 1 ||
	    msg_receive(conn->policy, m, &err) != 1) {
		conn->ending = true;
		return -1;
	}
	return 0;
}

/* DENIED: count it, and end if policy says so. */
static void on_denied(struct conn *conn, struct msg *m)
{
	uint8_t last = msg_get_u8(m);

	if (m->type != MSG_DENIED || !msg_done(m) || last)
		conn->ending = true;
	if (++conn->login.attempts >= ATTEMPTS)
		conn->ending = true;
}

/* The first name counts; another one ends the connection (RFC 4252, 5). */
static bool pin_user(struct conn *conn, const char *user)
{
	char name[CONN_NAME_SIZE];

	visible_text(name, sizeof name, user ? user : "",
		     user ? strlen(user) : 0);
	if (!conn->login.pinned) {
		memcpy(conn->login.user, name, sizeof name);
		conn->login.pinned = true;
	}
	if (strcmp(conn->login.user, name) == 0)
		return true;
	conn->ending = true;
	return false;
}

/* Read one length and its bytes; false if they are not there. */
static bool take(const uint8_t **at, size_t *left, const uint8_t **bytes,
		 size_t *len)
{
	const uint8_t *p = *at;

	if (*left < 4)
		return false;
	*len = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 |
	       p[3];
	if (*len > *left - 4)
		return false;
	*bytes = p + 4;
	*at += 4 + *len;
	*left -= 4 + *len;
	return true;
}

/* Bits of the modulus of an ssh-rsa blob: type, e, n. 0 if malformed. */
static size_t rsa_bits(const uint8_t *at, size_t left)
{
	const uint8_t *bytes;
	size_t len;

	for (int i = 0; i < 3; i++)
		if (!take(&at, &left, &bytes, &len))
			return 0;
	while (len > 0 && *bytes == 0) {
		bytes++;
		len--;
	}
	if (len == 0)
		return 0;
	return len * 8 - (size_t)__builtin_clz(*bytes) + 24;
}

/* Decode base64 into the key's blob. False if it is too long. */
static bool read_blob(struct shown_key *key, const char *base64)
{
	size_t len = strlen(base64);

	if (len == 0 || len % 4 != 0 || len / 4 * 3 > sizeof key->blob)
		return false;
	int got = EVP_DecodeBlock(key->blob, (const unsigned char *)base64,
				  (int)len);
	if (got < 0)
		return false;
	key->len = (size_t)got;
	for (size_t i = len; i > 0 && base64[i - 1] == '='; i--)
		key->len--;
	return true;
}

/* The kinds of key that may open the first lock. No certificates: Debian's
 * libssh does not verify them. */
static bool type_allowed(ssh_key pubkey)
{
	enum ssh_keytypes_e type = ssh_key_type(pubkey);

	return type == SSH_KEYTYPE_ED25519 || type == SSH_KEYTYPE_SK_ED25519 ||
	       type == SSH_KEYTYPE_ECDSA_P256 ||
	       type == SSH_KEYTYPE_ECDSA_P384 ||
	       type == SSH_KEYTYPE_ECDSA_P521 || type == SSH_KEYTYPE_SK_ECDSA ||
	       type == SSH_KEYTYPE_RSA;
}

/* Fill key from what libssh parsed. False: a key that is never accepted. */
static bool show_key(ssh_key pubkey, struct shown_key *key)
{
	const uint8_t *at = key->blob, *name;
	char *base64 = NULL;
	size_t left, len;

	if (!type_allowed(pubkey) ||
	    ssh_pki_export_pubkey_base64(pubkey, &base64) != SSH_OK)
		return false;
	bool read = read_blob(key, base64);
	ssh_string_free_char(base64);
	left = key->len;
	if (!read || !take(&at, &left, &name, &len) || len >= sizeof key->type)
		return false;
	memcpy(key->type, name, len);
	key->type[len] = '\0';
	return ssh_key_type(pubkey) != SSH_KEYTYPE_RSA ||
	       rsa_bits(key->blob, key->len) >= RSA_BITS;
}

static int ask_key(struct conn *conn, const struct shown_key *key)
{
	static struct msg m;

	msg_start(&m, MSG_KEY, 0);
	msg_put_str(&m, conn->login.user);
	msg_put_str(&m, key->type);
	msg_put_bytes(&m, key->blob, key->len);
	if (ask_policy(conn, &m) < 0)
		return SSH_AUTH_DENIED;
	if (m.type == MSG_KEY_OK) {
		msg_get_str(&m, conn->lang, sizeof conn->lang);
		if (msg_done(&m)) {
			conn->login.state = LOGIN_CODE;
			ssh_set_auth_methods(conn->session,
					     SSH_AUTH_METHOD_INTERACTIVE);
			msg_clear(&m);
			return SSH_AUTH_PARTIAL;
		}
		conn->ending = true;
	} else {
		on_denied(conn, &m);
	}
	msg_clear(&m);
	return SSH_AUTH_DENIED;
}

/*
 * A key without a signature is "acceptable" whoever asks, or anybody with
 * somebody's public key could learn whether that person is enrolled.
 */
static int on_key(ssh_session session, const char *user,
		  struct ssh_key_struct *pubkey, char state, void *userdata)
{
	struct conn *conn = userdata;
	static struct shown_key key;

	(void)session;
	if (conn->ending || !pin_user(conn, user) ||
	    conn->login.state != LOGIN_KEY)
		return SSH_AUTH_DENIED;
	bool fit = show_key(pubkey, &key);
	if (!fit || state == SSH_PUBLICKEY_STATE_NONE) {
		if (++conn->login.probes >= PROBES)
			conn->ending = true;
		return fit ? SSH_AUTH_SUCCESS : SSH_AUTH_DENIED;
	}
	if (state != SSH_PUBLICKEY_STATE_VALID) {
		conn->ending = true;
		return SSH_AUTH_DENIED;
	}
	return ask_key(conn, &key);
}

/* Kerberos is not spoken here. */
static ssh_string on_gssapi(ssh_session session, const char *user, int n,
			    ssh_string *oids, void *userdata)
{
	struct conn *conn = userdata;

	(void)session;
	(void)user;
	(void)n;
	(void)oids;
	if (++conn->login.probes >= PROBES)
		conn->ending = true;
	return NULL;
}

void login_callbacks(struct ssh_server_callbacks_struct *table)
{
	table->auth_pubkey_function = on_key;
	table->gssapi_select_oid_function = on_gssapi;
}

static int ask_for_code(struct conn *conn, ssh_message message)
{
	const char *prompt = text(conn->lang, TEXT_LOGIN_CODE);
	char echo = 0;

	if (!pin_user(conn, ssh_message_auth_user(message)))
		return 1;
	conn->login.asked = true;
	ssh_message_auth_interactive_request(message, "", "", 1, &prompt,
					     &echo);
	return 0;
}

static int on_welcome(struct conn *conn, struct msg *m, ssh_message message)
{
	char person[ID_SIZE], role[ID_SIZE];

	msg_get_str(m, person, sizeof person);
	msg_get_str(m, role, sizeof role);
	msg_get_str(m, conn->lang, sizeof conn->lang);
	conn->max_channels = msg_get_u32(m);
	if (!msg_done(m)) {
		conn->ending = true;
		return 1;
	}
	conn->login.state = LOGIN_DONE;
	ssh_message_auth_reply_success(message, 0);
	return 0;
}

static int on_code(struct conn *conn, ssh_message message)
{
	const char *code = ssh_userauth_kbdint_getanswer(conn->session, 0);
	static struct msg m;
	int refused = 1;

	conn->login.asked = false;
	if (ssh_userauth_kbdint_getnanswers(conn->session) != 1 || !code ||
	    strlen(code) > CODE_MAX) {
		conn->ending = true;
		return 1;
	}
	char shown[CODE_MAX * 8];
	visible_text(shown, sizeof shown, code, strlen(code));
	msg_start(&m, MSG_CODE, 0);
	msg_put_str(&m, shown);
	explicit_bzero(shown, sizeof shown);
	if (ask_policy(conn, &m) < 0)
		return 1;
	if (m.type == MSG_WELCOME)
		refused = on_welcome(conn, &m, message);
	else
		on_denied(conn, &m);
	msg_clear(&m);
	return refused;
}

int login_message(struct conn *conn, ssh_message message)
{
	if (conn->ending || conn->login.state == LOGIN_DONE)
		return 0; /* RFC 4252, 5.1: silently ignored after success */
	if (ssh_message_subtype(message) == SSH_AUTH_METHOD_INTERACTIVE &&
	    conn->login.state == LOGIN_CODE) {
		if (!ssh_message_auth_kbdint_is_response(message))
			return ask_for_code(conn, message);
		if (conn->login.asked)
			return on_code(conn, message);
	}
	/* "none" lists the methods; the rest is guessing. */
	if (++conn->login.probes >= PROBES)
		conn->ending = true;
	return 1;
}
