/*
 * watching - see watching.h. Runs in the supervisor.
 */
#include "gateway/supervisor/watching.h"

#include "gateway/base/own.h"
#include "gateway/supervisor/services.h"
#include "sandbox/build.h"

enum { ALIVE_SECONDS = 10 };

static void pass_trees(struct msg *built, struct msg *m)
{
	char at[TREE_PATH];
	uint32_t n = msg_get_u32(built);

	msg_put_u32(m, n);
	for (; n > 0 && !built->bad; n--) {
		msg_get_str(built, at, sizeof at);
		msg_put_str(m, at);
		msg_put_u64(m, msg_get_u64(built));
	}
}

int watching_begin(struct session *session, struct msg *built, struct err *err)
{
	const struct plan *plan = &session->plan;
	struct msg m;

	session->group = msg_get_fd(built);
	msg_start(&m, MSG_WATCH_FILES, 0);
	msg_put_str(&m, plan->session);
	msg_put_str(&m, plan->permit);
	msg_put_str(&m, plan->actor);
	msg_put_fd(&m, session->group);
	pass_trees(built, &m);
	if (!msg_done(built))
		return err_set(err, "malformed BUILT");
	services_send(session->gateway, SERVICE_WATCH, &m);
	return 0;
}

void watching_end(struct session *session)
{
	struct msg m;

	if (session->group < 0)
		return;
	msg_start(&m, MSG_WATCH_END, 0);
	msg_put_str(&m, session->plan.session);
	services_send(session->gateway, SERVICE_WATCH, &m);
	own_close(&session->group);
}

void watching_tend(struct gateway *gateway, time_t now)
{
	struct child *watcher = &gateway->services[SERVICE_WATCH];
	struct msg m;

	if (!watcher->ready) {
		gateway->alive_asked = 0;
	} else if (gateway->alive_asked == 0) {
		gateway->alive_asked = now;
		msg_start(&m, MSG_ALIVE, 0);
		child_send(watcher, &m);
	} else if (now - gateway->alive_asked > ALIVE_SECONDS) {
		note("the watcher has not answered for %d seconds",
		     ALIVE_SECONDS);
		child_kill(watcher);
	}
}

bool watching_heard(struct gateway *gateway, const struct msg *m)
{
	if (m->type != MSG_ALIVE_IS || !msg_done(m) ||
	    gateway->alive_asked == 0)
		return false;
	gateway->alive_asked = 0;
	return true;
}
