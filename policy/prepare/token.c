/*
 * token - the wire to sekisho-token.
 *
 * Runs in sekisho-prepare. The helper is the same custodian's; what it answers
 * is checked for form all the same.
 */
#include "policy/prepare/token.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <openssl/crypto.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/base/msg.h"
#include "gateway/base/own.h"

enum { WIRE = 3, NONCE = 12, KEY = 32, WRAPPED = 48 };

static int wire = -1;
static pid_t helper;

/* In the child: become the helper, with its end as descriptor 3. */
static _Noreturn void become(int end)
{
	static char name[] = "sekisho-token";
	char self[4096], path[4096 + 64];
	char *words[] = { name, NULL };
	ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);

	if (len <= 0)
		_exit(127);
	self[len] = '\0';
	snprintf(path, sizeof path, "%s/%s", dirname(self), name);
	if (end == WIRE ? fcntl(end, F_SETFD, 0) < 0 : dup2(end, WIRE) < 0)
		_exit(127);
	execv(path, words);
	_exit(127);
}

int token_start(struct fault *fault)
{
	struct err err;
	int pair[2];

	if (msg_pair(pair, &err) < 0)
		return fault_say(fault, FAULT_KEY, err.text);
	pid_t pid = fork();
	if (pid == 0)
		become(pair[1]);
	close(pair[1]);
	if (pid < 0) {
		close(pair[0]);
		return fault_sys(fault, "sekisho-token");
	}
	wire = pair[0];
	helper = pid;
	return 0;
}

void token_end(void)
{
	if (wire < 0)
		return;
	own_close(&wire);
	while (waitpid(helper, NULL, 0) < 0 && errno == EINTR)
		;
}

/* Send m, and take the answer, of that type, in m. */
static int ask(struct msg *m, enum msg_type answer, struct fault *fault)
{
	struct err err = { "sekisho-token did not start, or ended" };
	char why[sizeof err.text];

	if (wire < 0 || msg_send(wire, m, &err) < 0 ||
	    msg_receive(wire, m, &err) <= 0)
		return fault_say(fault, FAULT_KEY, err.text);
	if (m->type == answer)
		return 0;
	msg_get_str(m, why, sizeof why);
	return fault_say(fault, FAULT_KEY,
			 m->type == MSG_TOKEN_FAILED && msg_done(m)
				 ? why
				 : "malformed answer of sekisho-token");
}

/* Bytes of an answer, exactly so many. */
static int take(struct msg *m, uint8_t *out, size_t len, struct fault *fault)
{
	size_t n;
	const uint8_t *bytes = msg_get_bytes(m, &n);
	bool good = msg_done(m) && n == len;

	if (good)
		memcpy(out, bytes, len);
	OPENSSL_cleanse(m->data, sizeof m->data);
	return good ? 0
		    : fault_say(fault, FAULT_KEY,
				"malformed answer of sekisho-token");
}

int token_open(uint32_t number, const char *uri, bool make, struct fault *fault)
{
	static struct msg m;

	msg_start(&m, MSG_TOKEN_OPEN, 0);
	msg_put_u32(&m, number);
	msg_put_u8(&m, make);
	msg_put_str(&m, uri);
	if (ask(&m, MSG_TOKEN_OPENED, fault) < 0)
		return -1;
	uint8_t found = msg_get_u8(&m);
	return msg_done(&m) && found;
}

void token_close(uint32_t number)
{
	static struct msg m;
	struct fault ignored;

	msg_start(&m, MSG_TOKEN_CLOSE, 0);
	msg_put_u32(&m, number);
	ask(&m, MSG_TOKEN_CLOSED, &ignored);
}

int token_seal(uint32_t number, const char *name, const uint8_t *nonce,
	       const uint8_t *key, uint8_t *out, struct fault *fault)
{
	static struct msg m;

	msg_start(&m, MSG_TOKEN_SEAL, 0);
	msg_put_u32(&m, number);
	msg_put_str(&m, name);
	msg_put_bytes(&m, nonce, NONCE);
	msg_put_bytes(&m, key, KEY);
	if (ask(&m, MSG_TOKEN_SEALED, fault) < 0)
		return -1;
	return take(&m, out, WRAPPED, fault);
}

int token_unseal(uint32_t number, const char *name, const uint8_t *nonce,
		 const uint8_t *wrapped, uint8_t *out, struct fault *fault)
{
	static struct msg m;

	msg_start(&m, MSG_TOKEN_UNSEAL, 0);
	msg_put_u32(&m, number);
	msg_put_str(&m, name);
	msg_put_bytes(&m, nonce, NONCE);
	msg_put_bytes(&m, wrapped, WRAPPED);
	if (ask(&m, MSG_TOKEN_UNSEALED, fault) < 0)
		return -1;
	return take(&m, out, KEY, fault);
}

int token_destroy(uint32_t number, struct fault *fault)
{
	static struct msg m;

	msg_start(&m, MSG_TOKEN_DESTROY, 0);
	msg_put_u32(&m, number);
	return ask(&m, MSG_TOKEN_DESTROYED, fault);
}
