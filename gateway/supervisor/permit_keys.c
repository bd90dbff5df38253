/*
 * permit_keys - see permit_keys.h. Runs in the supervisor.
 */
#include "gateway/supervisor/permit_keys.h"

#include <string.h>

#include "gateway/supervisor/services.h"

int permit_key_ask(struct gateway *gateway, struct ask *ask, const char *permit,
		   const char *purpose, bool make)
{
	struct msg m;

	if (!ask_possible(gateway, SERVICE_KEYS))
		return -1;
	ask_begin(gateway, ask, &m, MSG_PERMIT_KEY);
	msg_put_str(&m, permit);
	msg_put_str(&m, purpose);
	msg_put_u8(&m, make);
	services_send(gateway, SERVICE_KEYS, &m);
	return 0;
}

static int stopped(struct err *err)
{
	return err_set(err, "the keys' process stopped");
}

enum permit_key permit_key_read(struct msg *m,
				uint8_t key[static PERMIT_KEY_LEN],
				struct err *err)
{
	enum permit_key outcome = KEY_FAILED;
	size_t len = 0;

	if (!m) {
		stopped(err);
		return KEY_FAILED;
	}
	uint8_t answer = msg_get_u8(m);
	const uint8_t *bytes = msg_get_bytes(m, &len);
	msg_get_str(m, err->text, sizeof err->text);
	if (!msg_done(m) || answer > KEY_GONE ||
	    len != (answer == KEY_HERE ? PERMIT_KEY_LEN : 0))
		err_set(err, "the answer about a key was malformed");
	else
		outcome = (enum permit_key)answer;
	if (outcome == KEY_HERE)
		memcpy(key, bytes, len);
	explicit_bzero(m->data, sizeof m->data);
	return outcome;
}

int permit_key_end(struct gateway *gateway, struct ask *ask, const char *permit)
{
	struct msg m;

	if (!ask_possible(gateway, SERVICE_KEYS))
		return -1;
	ask_begin(gateway, ask, &m, MSG_PERMIT_KEY_END);
	msg_put_str(&m, permit);
	services_send(gateway, SERVICE_KEYS, &m);
	return 0;
}

int permit_key_ended(struct msg *m, struct err *err)
{
	if (!m)
		return stopped(err);
	bool ok = msg_get_u8(m) == 1;
	msg_get_str(m, err->text, sizeof err->text);
	if (!msg_done(m))
		return err_set(err, "the answer about a key was malformed");
	return ok ? 0 : -1;
}
