/*
 * store - see store.h. Runs in the supervisor. The store reads what
 * researchers wrote: an answer that nobody waits for is ignored, anything
 * else that it was not asked costs it its life.
 */
#include "gateway/supervisor/store.h"

#include "gateway/base/own.h"
#include "gateway/supervisor/checks.h"
#include "gateway/supervisor/outs.h"
#include "gateway/supervisor/releases.h"
#include "gateway/supervisor/services.h"

static const struct {
	enum msg_type question, answer;
} questions[] = {
	{ MSG_CHECK_DATASET, MSG_DATASET_CHECKED },
	{ MSG_HAND, MSG_HANDED },
	{ MSG_RELEASE, MSG_RELEASED },
};

bool store_serves(const struct gateway *gateway)
{
	return gateway->services[SERVICE_STORE].ready;
}

static enum msg_type answer_to(enum msg_type question)
{
	for (size_t i = 0; i < ARRAY_LEN(questions); i++)
		if (questions[i].question == question)
			return questions[i].answer;
	die("not a question to the store");
}

void store_ask(struct gateway *gateway, struct ask *ask, struct msg *m,
	       enum msg_type question)
{
	if (ask->ref)
		die("asked the store twice");
	if (++gateway->next_ask == 0)
		gateway->next_ask = 1;
	ask->ref = gateway->next_ask;
	ask->answer = answer_to(question);
	ask->next = gateway->asks;
	gateway->asks = ask;
	msg_start(m, question, ask->ref);
}

void store_forget(struct gateway *gateway, struct ask *ask)
{
	struct ask **at = &gateway->asks;

	if (!ask->ref)
		return;
	while (*at != ask)
		at = &(*at)->next;
	*at = ask->next;
	ask->ref = 0;
}

static void answer(struct gateway *gateway, struct ask *ask, struct msg *m)
{
	store_forget(gateway, ask);
	ask->answered(ask, m);
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

static bool heard_answer(struct gateway *gateway, struct msg *m)
{
	struct ask *ask = gateway->asks;
	bool known = false;

	for (size_t i = 0; i < ARRAY_LEN(questions); i++)
		known = known || questions[i].answer == m->type;
	while (ask && ask->ref != m->ref)
		ask = ask->next;
	if (ask && ask->answer != m->type)
		return false;
	if (ask)
		answer(gateway, ask, m);
	return known;
}

bool store_heard(struct gateway *gateway, struct msg *m)
{
	if (m->type == MSG_OUT_ENDED)
		return outs_ended(gateway, m);
	return heard_answer(gateway, m);
}

void store_died(struct gateway *gateway)
{
	while (gateway->asks)
		answer(gateway, gateway->asks, NULL);
	outs_lost(gateway);
}
