/*
 * watching - see watching.h. Runs in the supervisor.
 */
#include "gateway/supervisor/watching.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gateway/base/own.h"
#include "gateway/supervisor/services.h"
#include "sandbox/build.h"

enum { ALIVE_SECONDS = 10, OLD_SECONDS = 1, CLOSE_MS = 20, TALLY_SECONDS = 2 };

struct old_group {
	struct old_group *next;
	int group;
	time_t since;
};

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
		session->tally = TALLY_ASKED;
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
	struct session *session = gateway->sessions;
	char name[ID_SIZE];

	msg_get_str(m, name, sizeof name);
	uint64_t files = msg_get_u64(m);
	uint64_t bytes = msg_get_u64(m);
	if (!msg_done(m))
		return false;
	while (session && strcmp(session->plan.session, name) != 0)
		session = session->next;
	if (!session || session->tally != TALLY_ASKED)
		return true;
	session->tally = TALLY_KNOWN;
	session->opened_files = files;
	session->opened_bytes = bytes;
	sessions_tend(gateway, gateway_now());
	return true;
}

bool watching_heard(struct gateway *gateway, struct msg *m)
{
	if (m->type == MSG_WATCHED)
		return counted(gateway, m);
	if (m->type != MSG_ALIVE_IS || !msg_done(m) ||
	    gateway->alive_asked == 0)
		return false;
	gateway->alive_asked = 0;
	return true;
}
