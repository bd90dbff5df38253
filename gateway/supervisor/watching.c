/*
 * watching - see watching.h. Runs in the supervisor.
 */
#include "gateway/supervisor/watching.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gateway/base/own.h"
#include "gateway/supervisor/holds.h"
#include "gateway/supervisor/services.h"
#include "gateway/supervisor/shells.h"

enum { ALIVE_SECONDS = 10, OLD_SECONDS = 1, CLOSE_MS = 20, TALLY_SECONDS = 2 };

struct old_group {
	struct old_group *next;
	int group;
	time_t since;
};

/* The group goes to a watcher that runs. One that took over may owe an answer
 * that its predecessor did not give any more. */
static void hand_over(struct session *session, bool again)
{
	const struct plan *plan = &session->plan;
	struct gateway *gateway = session->gateway;
	struct msg m;

	if (session->watched || !gateway->services[SERVICE_WATCH].program)
		return;
	session->watched = true;
	msg_start(&m, MSG_WATCH_FILES, 0);
	msg_put_str(&m, plan->session);
	msg_put_str(&m, plan->permit);
	msg_put_str(&m, plan->actor);
	msg_put_fd(&m, session->group);
	msg_put_u32(&m, session->ntrees);
	for (uint32_t i = 0; i < session->ntrees; i++) {
		msg_put_str(&m, session->trees[i].at);
		msg_put_u64(&m, session->trees[i].mount);
	}
	msg_put_u8(&m, again);
	services_send(gateway, SERVICE_WATCH, &m);
}

int watching_begin(struct session *session, struct msg *built, struct err *err)
{
	session->group = msg_get_fd(built);
	uint32_t n = msg_get_u32(built);
	if (n > TREES)
		return err_set(err, "malformed BUILT");
	for (uint32_t i = 0; i < n; i++) {
		struct watched_tree *tree = &session->trees[i];

		msg_get_str(built, tree->at, sizeof tree->at);
		tree->mount = msg_get_u64(built);
	}
	if (!msg_done(built))
		return err_set(err, "malformed BUILT");
	session->ntrees = n;
	hand_over(session, false);
	return 0;
}

void watching_died(struct gateway *gateway)
{
	for (struct session *session = gateway->sessions; session;
	     session = session->next) {
		session->uncounted |= session->watched;
		session->watched = false;
		shells_unwatched(session);
	}
	holds_all(gateway, HOLD_WATCHER, "a protection stopped");
}

void watching_ready(struct gateway *gateway)
{
	watching_limits(gateway);
	for (struct session *session = gateway->sessions; session;
	     session = session->next) {
		if (session->state != SESSION_RUNNING)
			continue;
		hand_over(session, true);
		shells_watch(session);
	}
	holds_over(gateway, HOLD_WATCHER);
}

void watching_limits(struct gateway *gateway)
{
	struct msg m;

	if (!gateway->site.known || !gateway->services[SERVICE_WATCH].ready)
		return;
	msg_start(&m, MSG_WATCH_LIMITS, 0);
	msg_put_u32(&m, gateway->site.records_a_second);
	msg_put_u32(&m, gateway->site.records_a_day);
	services_send(gateway, SERVICE_WATCH, &m);
}

/*
 * Who closes a group last waits for the kernel to be done with its marks, some
 * ten milliseconds, but for nothing if they are gone. They go with the
 * session's mounts; so a group is laid aside for a moment.
 */
static void lay_aside(struct session *session)
{
	struct gateway *gateway = session->gateway;
	struct old_group *old = calloc(1, sizeof *old);

	if (!old) {
		own_close(&session->group);
		return;
	}
	old->group = take_fd(&session->group);
	old->since = gateway_now();
	old->next = gateway->old_groups;
	gateway->old_groups = old;
}

static int64_t clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Others are not kept waiting for long: what takes time goes on next time. */
static void close_old(struct gateway *gateway, time_t now)
{
	struct old_group **at = &gateway->old_groups;
	int64_t end = clock_ms() + CLOSE_MS;

	while (*at && clock_ms() < end) {
		struct old_group *old = *at;

		if (now - old->since <= OLD_SECONDS) {
			at = &old->next;
			continue;
		}
		*at = old->next;
		own_close(&old->group);
		free(old);
	}
}

void watching_end(struct session *session)
{
	struct msg m;

	if (session->group < 0)
		return;
	msg_start(&m, MSG_WATCH_END, 0);
	msg_put_str(&m, session->plan.session);
	services_send(session->gateway, SERVICE_WATCH, &m);
	lay_aside(session);
}

void watching_tend(struct gateway *gateway, time_t now)
{
	struct child *watcher = &gateway->services[SERVICE_WATCH];
	struct msg m;

	close_old(gateway, now);
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

bool watching_held(struct session *session, time_t now)
{
	const struct child *watcher =
		&session->gateway->services[SERVICE_WATCH];

	if (session->group >= 0) {
		watching_end(session);
		session->tally = session->uncounted ? TALLY_LOST : TALLY_ASKED;
		session->tally_deadline = now + TALLY_SECONDS;
	}
	if (session->tally == TALLY_ASKED &&
	    (!watcher->ready || now > session->tally_deadline))
		session->tally = TALLY_LOST;
	return session->tally == TALLY_ASKED;
}

/* A session that did not wait for it is gone by now, which is no offence. */
static bool counted(struct gateway *gateway, struct msg *m)
{
	char name[ID_SIZE];

	msg_get_str(m, name, sizeof name);
	uint64_t files = msg_get_u64(m);
	uint64_t bytes = msg_get_u64(m);
	if (!msg_done(m))
		return false;
	struct session *session = sessions_find(gateway, name);
	if (!session || session->tally != TALLY_ASKED)
		return true;
	session->tally = TALLY_KNOWN;
	session->opened_files = files;
	session->opened_bytes = bytes;
	sessions_tend(gateway, gateway_now());
	return true;
}

static bool on_flooded(struct gateway *gateway, struct msg *m)
{
	char name[ID_SIZE];

	msg_get_str(m, name, sizeof name);
	if (!msg_done(m))
		return false;
	struct session *session = sessions_find(gateway, name);
	if (session)
		hold_session(session, HOLD_QUOTA);
	return true;
}

void watching_go_on(struct session *session)
{
	struct msg m;

	msg_start(&m, MSG_WATCH_GO_ON, 0);
	msg_put_str(&m, session->plan.session);
	services_send(session->gateway, SERVICE_WATCH, &m);
	thaw_session(session, HOLD_QUOTA);
}

bool watching_heard(struct gateway *gateway, struct msg *m)
{
	if (m->type == MSG_WATCHED)
		return counted(gateway, m);
	if (m->type == MSG_FLOODED)
		return on_flooded(gateway, m);
	if (m->type != MSG_ALIVE_IS || !msg_done(m) ||
	    gateway->alive_asked == 0)
		return false;
	gateway->alive_asked = 0;
	return true;
}
