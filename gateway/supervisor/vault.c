/*
 * vault - see vault.h. Runs in the supervisor.
 */
#include "gateway/supervisor/vault.h"

#include <string.h>

#include "gateway/base/own.h"
#include "gateway/supervisor/aides.h"
#include "gateway/supervisor/permit_keys.h"
#include "gateway/supervisor/services.h"

/* The services that are its peers; they name what they hand over. */
static const struct {
	enum service_id id;
	struct trail_name name;
} peers[] = {
	{ SERVICE_POLICY, { "policy", "*", "*", "*" } },
	{ SERVICE_WATCH, { "watch", "*", "*", "*" } },
};

bool vault_serves(const struct gateway *gateway)
{
	return gateway->services[SERVICE_VAULT].ready;
}

int vault_link(struct gateway *gateway, struct child *child,
	       const struct trail_name *name, struct err *err)
{
	struct child *vault = &gateway->services[SERVICE_VAULT];
	struct msg m;
	int pair[2];

	if (!vault->program || !child->program)
		return 0;
	if (msg_pair(pair, err) < 0)
		return -1;
	AUTO_FD int ours = pair[0];
	AUTO_FD int theirs = pair[1];
	msg_start(&m, MSG_VAULT_PEER, 0);
	msg_put_str(&m, name->writer);
	msg_put_str(&m, name->actor);
	msg_put_str(&m, name->session);
	msg_put_str(&m, name->permit);
	msg_put_fd(&m, ours);
	child_send(vault, &m);
	msg_start(&m, MSG_LINK_VAULT, 0);
	msg_put_fd(&m, theirs);
	child_send(child, &m);
	return 0;
}

int vault_started(struct gateway *gateway, struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(peers); i++)
		if (vault_link(gateway, &gateway->services[peers[i].id],
			       &peers[i].name, err) < 0)
			return -1;
	return aides_link_vault(gateway, err);
}

static void tell_key(struct gateway *gateway, enum permit_key outcome,
		     const uint8_t key[static PERMIT_KEY_LEN])
{
	struct msg m;

	msg_start(&m, MSG_VAULT_KEY, 0);
	msg_put_u8(&m, (uint8_t)outcome);
	msg_put_bytes(&m, key, outcome == KEY_HERE ? PERMIT_KEY_LEN : 0);
	services_send(gateway, SERVICE_VAULT, &m);
	explicit_bzero(m.data, m.len);
}

static void answered(struct ask *ask, struct msg *m)
{
	struct gateway *gateway = ask->owner;
	uint8_t key[PERMIT_KEY_LEN] = { 0 };
	struct err err;
	enum permit_key outcome = permit_key_read(m, key, &err);

	gateway->vault_asks = NULL;
	if (outcome == KEY_FAILED)
		note("a key for the vault: %s", err.text);
	tell_key(gateway, outcome, key);
	explicit_bzero(key, sizeof key);
}

bool vault_heard(struct gateway *gateway, struct msg *m)
{
	static const uint8_t none[PERMIT_KEY_LEN];
	static struct ask ask;
	char permit[ID_SIZE];
	uint8_t make;

	if (m->type != MSG_VAULT_ASKS_KEY || gateway->vault_asks)
		return false;
	msg_get_str(m, permit, sizeof permit);
	make = msg_get_u8(m);
	if (!msg_done(m) || make > 1 || !id_valid(permit))
		return false;
	ask = (struct ask){ .owner = gateway, .answered = answered };
	if (permit_key_ask(gateway, &ask, permit, "vault", make) == 0)
		gateway->vault_asks = &ask;
	else
		tell_key(gateway, KEY_FAILED, none);
	return true;
}

void vault_died(struct gateway *gateway)
{
	if (gateway->vault_asks)
		ask_forget(gateway, gateway->vault_asks);
	gateway->vault_asks = NULL;
}
