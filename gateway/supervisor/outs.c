/*
 * outs - see outs.h. Runs in the supervisor.
 */
#include "gateway/supervisor/outs.h"

#include <stdio.h>
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/supervisor/mounts.h"
#include "gateway/supervisor/services.h"
#include "gateway/supervisor/store.h"
#include "sandbox/clone.h"
#include "sandbox/workspace.h"

enum { LET_GO_SECONDS = 5 };

int outs_open(struct gateway *gateway, struct err *err)
{
	gateway->out_ids = clone_ids(WORKSPACE_UID,
				     service_uid(gateway, SERVICE_STORE), err);
	return gateway->out_ids < 0 ? -1 : 0;
}

int outs_give(struct session *session, struct err *err)
{
	struct gateway *gateway = session->gateway;
	struct msg m;

	if (!store_serves(gateway))
		return 0;
	AUTO_FD int out =
		mounts_out(gateway, &session->plan, gateway->out_ids, err);
	if (out < 0)
		return -1;
	msg_start(&m, MSG_OUT, 0);
	msg_put_str(&m, session->plan.session);
	msg_put_str(&m, session->plan.permit);
	msg_put_str(&m, session->plan.actor);
	msg_put_fd(&m, out);
	services_send(gateway, SERVICE_STORE, &m);
	session->out = OUT_GIVEN;
	return 0;
}

void outs_give_all(struct gateway *gateway)
{
	struct err err;

	for (struct session *session = gateway->sessions; session;
	     session = session->next)
		if (session->state == SESSION_RUNNING &&
		    session->out == OUT_NONE && outs_give(session, &err) < 0)
			note("%s: %s", session->plan.session, err.text);
}

void outs_end(struct session *session)
{
	struct msg m;

	if (session->out != OUT_GIVEN)
		return;
	session->out = OUT_ENDING;
	session->out_deadline = gateway_now() + LET_GO_SECONDS;
	msg_start(&m, MSG_OUT_END, 0);
	msg_put_str(&m, session->plan.session);
	services_send(session->gateway, SERVICE_STORE, &m);
}

bool outs_ended(struct gateway *gateway, struct msg *m)
{
	char name[ID_SIZE];

	msg_get_str(m, name, sizeof name);
	if (!msg_done(m))
		return false;
	struct session *session = sessions_find(gateway, name);
	if (!session || session->out != OUT_ENDING)
		return false;
	session->out = OUT_NONE;
	sessions_tend(gateway, gateway_now());
	return true;
}

void outs_lost(struct gateway *gateway)
{
	for (struct session *session = gateway->sessions; session;
	     session = session->next)
		session->out = OUT_NONE;
}

bool outs_held(struct session *session, time_t now)
{
	struct child *store = &session->gateway->services[SERVICE_STORE];

	if (session->out == OUT_NONE)
		return false;
	if (now <= session->out_deadline)
		return true;
	snprintf(store->why, sizeof store->why,
		 "it did not let go of the files of a session that ended");
	child_end(store);
	store->gone(store);
	return false;
}
