/*
 * store - see store.h. Runs in the supervisor. The store reads what
 * researchers wrote: anything that it was not asked costs it its life.
 */
#include "gateway/supervisor/store.h"

#include "gateway/base/own.h"
#include "gateway/supervisor/checks.h"
#include "gateway/supervisor/outs.h"
#include "gateway/supervisor/releases.h"
#include "gateway/supervisor/services.h"

bool store_serves(const struct gateway *gateway)
{
	return ask_possible(gateway, SERVICE_STORE);
}

int store_link(struct gateway *gateway, struct err *err)
{
	struct child *store = &gateway->services[SERVICE_STORE];
	struct child *policy = &gateway->services[SERVICE_POLICY];
	struct msg m;
	int pair[2];

	if (!store->program || !policy->program)
		return 0;
	if (msg_pair(pair, err) < 0)
		return -1;
	AUTO_FD int theirs = pair[0];
	AUTO_FD int policys = pair[1];
	msg_start(&m, MSG_PEER_POLICY, 0);
	msg_put_fd(&m, theirs);
	child_send(store, &m);
	msg_start(&m, MSG_LINK_STORE, 0);
	msg_put_fd(&m, policys);
	child_send(policy, &m);
	return 0;
}

void store_ready(struct gateway *gateway)
{
	outs_give_all(gateway);
	releases_ask(gateway);
	checks_turn(gateway);
}

bool store_heard(struct gateway *gateway, struct msg *m)
{
	if (m->type == MSG_OUT_ENDED)
		return outs_ended(gateway, m);
	return asks_heard(gateway, SERVICE_STORE, m);
}

void store_died(struct gateway *gateway)
{
	asks_lost(gateway, SERVICE_STORE);
	outs_lost(gateway);
}
