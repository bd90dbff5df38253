/*
 * asks - see asks.h. Runs in the supervisor. An answer that nobody waits for
 * is ignored; one that the service was not asked for costs it its life.
 */
#include "gateway/supervisor/asks.h"

#include <string.h>

#include "gateway/base/own.h"

static const struct row {
	enum msg_type question, answer;
	enum service_id service;
} table[] = {
#define ASK(question, answer, service)                                         \
	{ MSG_##question, MSG_##answer, SERVICE_##service },
#include "gateway/supervisor/asks.def"
#undef ASK
};

bool ask_possible(const struct gateway *gateway, enum service_id service)
{
	return gateway->services[service].ready;
}

static const struct row *row_of(enum msg_type question)
{
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (table[i].question == question)
			return &table[i];
	die("not a question to a service");
}

void ask_begin(struct gateway *gateway, struct ask *ask, struct msg *m,
	       enum msg_type question)
{
	const struct row *row = row_of(question);

	if (ask->ref)
		die("asked twice");
	if (++gateway->next_ask == 0)
		gateway->next_ask = 1;
	ask->ref = gateway->next_ask;
	ask->answer = row->answer;
	ask->service = row->service;
	ask->next = gateway->asks;
	gateway->asks = ask;
	msg_start(m, question, ask->ref);
}

void ask_forget(struct gateway *gateway, struct ask *ask)
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
	ask_forget(gateway, ask);
	ask->answered(ask, m);
}

static bool may_answer(enum service_id service, unsigned int type)
{
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (table[i].service == service && table[i].answer == type)
			return true;
	return false;
}

bool asks_heard(struct gateway *gateway, enum service_id service, struct msg *m)
{
	struct ask *ask = gateway->asks;

	if (!may_answer(service, m->type))
		return false;
	while (ask && (ask->ref != m->ref || ask->service != service))
		ask = ask->next;
	if (ask && ask->answer != m->type)
		return false;
	if (ask)
		answer(gateway, ask, m);
	else
		explicit_bzero(m->data, m->len); /* it may be a key */
	return true;
}

/* Who hears may ask others anew, so the search begins again each time. */
void asks_lost(struct gateway *gateway, enum service_id service)
{
	struct ask *ask = gateway->asks;

	while (ask) {
		if (ask->service == service) {
			answer(gateway, ask, NULL);
			ask = gateway->asks;
		} else {
			ask = ask->next;
		}
	}
}
