/*
 * sessions - see sessions.h. Runs in the supervisor.
 */
#include "gateway/supervisor/sessions.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "gateway/supervisor/aides.h"
#include "gateway/supervisor/builds.h"
#include "gateway/supervisor/conns.h"
#include "gateway/supervisor/datasets.h"
#include "gateway/supervisor/holds.h"
#include "gateway/supervisor/mounts.h"
#include "gateway/supervisor/orders.h"
#include "gateway/supervisor/outs.h"
#include "gateway/supervisor/permit_keys.h"
#include "gateway/supervisor/services.h"
#include "gateway/supervisor/shells.h"
#include "gateway/supervisor/trail.h"
#include "gateway/supervisor/vault.h"
#include "gateway/supervisor/watching.h"

enum { BUILD_SECONDS = 20, END_SECONDS = 10, IDLE_SECONDS = 5 };

void session_record(const struct session *session, const char *event,
		    enum audit_result result, struct audit_record *record)
{
	audit_begin(record, event, result);
	snprintf(record->actor, sizeof record->actor, "%s",
		 session->plan.actor);
	snprintf(record->session, sizeof record->session, "%s",
		 session->plan.session);
	snprintf(record->permit, sizeof record->permit, "%s",
		 session->plan.permit);
}

static void session_tend(struct session *session, time_t now);

void session_end(struct session *session, const char *why)
{
	struct gateway *gateway = session->gateway;
	struct err err;

	if (session->state == SESSION_ENDING)
		return;
	session->state = SESSION_ENDING;
	session->deadline = gateway_now() + END_SECONDS;
	snprintf(session->why, sizeof session->why, "%s", why);
	child_hang_up(&session->box);
	if (session->has_cgroup && cgroup_kill(&session->cgroup, &err) < 0)
		note("%s: %s", session->plan.session, err.text);
	if (session->pidfd >= 0)
		syscall(SYS_pidfd_send_signal, session->pidfd, SIGKILL, NULL,
			0);
	loop_forget(gateway->loop, &session->control_watch);
	own_close(&session->control);
	ask_forget(gateway, &session->ask);
	outs_end(session);
	shells_stop(session, session->told[0] ? session->told : why);
}

void session_end_told(struct session *session, const char *why,
		      const char *told)
{
	if (session->state == SESSION_ENDING)
		return;
	snprintf(session->told, sizeof session->told, "%s", told);
	if (session->state == SESSION_RUNNING && told[0])
		shells_tell(session, told);
	session_end(session, why);
}

void session_refuse(struct session *session, const char *why, enum text_id told,
		    const char *first)
{
	char sentence[sizeof session->told];

	text_fill(sentence, sizeof sentence, session->plan.lang, told, first,
		  NULL, NULL);
	session_end_told(session, why, sentence);
}

/* From init: about shells, or its end. */
static void control_ready(struct watch *watch)
{
	struct session *session = watch->owner;
	static struct msg m;
	struct err err;
	int got = child_receive(session->control, "init", &m);

	if (got == 0)
		return;
	if (got < 0) {
		session_end(session, "the sandbox ended");
		return;
	}
	if (shells_heard(session, &m, &err) < 0) {
		note("%s: %s", session->plan.session, err.text);
		session_end(session, "the shell could not be started");
	}
	msg_clear(&m);
}

static void init_ready(struct watch *watch)
{
	struct session *session = watch->owner;

	loop_forget(session->gateway->loop, &session->init_watch);
	own_close(&session->pidfd);
	session_end(session, "the sandbox ended");
	session_tend(session, gateway_now());
}

static int start_desk(struct session *session, int listener, struct err *err)
{
	const struct plan *plan = &session->plan;
	struct desk_setup setup = { .role = "researcher", .cols = 80 };

	snprintf(setup.person, sizeof setup.person, "%s", plan->person);
	snprintf(setup.actor, sizeof setup.actor, "%s", plan->actor);
	snprintf(setup.session, sizeof setup.session, "%s", plan->session);
	snprintf(setup.permit, sizeof setup.permit, "%s", plan->permit);
	snprintf(setup.lang, sizeof setup.lang, "%s", plan->lang);
	return aides_session_desk(session->gateway, &session->desk, &setup,
				  listener, err);
}

static int built(struct session *session, struct msg *m, struct err *err)
{
	struct gateway *gateway = session->gateway;
	struct audit_record record;

	session->pidfd = msg_get_fd(m);
	session->control = msg_get_fd(m);
	AUTO_FD int listener = msg_get_fd(m);
	if (watching_begin(session, m, err) < 0)
		return -1;
	fcntl(session->control, F_SETFL, O_NONBLOCK);
	if (loop_watch(gateway->loop, &session->init_watch, session->pidfd,
		       init_ready, session, err) < 0 ||
	    loop_watch(gateway->loop, &session->control_watch, session->control,
		       control_ready, session, err) < 0)
		return -1;
	session->state = SESSION_RUNNING;
	session_record(session, "session.start", AUDIT_OK, &record);
	audit_number(&record, "lease", session->uid);
	audit_text(&record, "toolset", session->plan.toolset);
	audit_text(&record, "toolset_sha256", session->toolset);
	audit_text(&record, "workspace",
		   session->encrypted ? "encrypted" : "plain");
	trail_write(gateway, &record);
	if (outs_give(session, err) < 0 ||
	    start_desk(session, listener, err) < 0)
		return -1;
	return shells_spawn(session, err);
}

static void box_heard(struct child *child, struct msg *m)
{
	struct session *session = child->owner;
	struct err err = { "the box broke the rules" };

	/* Too late: what it hands over is closed, and the sandbox ends. */
	if (session->state == SESSION_ENDING)
		return;
	if (session->state == SESSION_BUILDING && m->type == MSG_BUILT &&
	    built(session, m, &err) == 0)
		return;
	note("%s: %s", session->plan.session, err.text);
	session_end(session, "the sandbox could not be built");
}

static void box_gone(struct child *child)
{
	struct session *session = child->owner;

	if (session->state == SESSION_BUILDING) {
		note("%s: %s", session->plan.session, child->why);
		session_end(session, "the sandbox could not be built");
	}
	sessions_tend(session->gateway, gateway_now());
}

static void desk_heard(struct child *child, struct msg *m)
{
	struct session *session = child->owner;

	if (m->type != MSG_READY)
		session_end(session, "the desk broke the rules");
}

static void desk_gone(struct child *child)
{
	struct session *session = child->owner;

	if (session->state == SESSION_ENDING)
		return;
	note("desk of %s: %s", session->plan.session, child->why);
	session_end(session, "the desk stopped");
}

static struct session *session_new(struct gateway *gateway,
				   const struct plan *plan, uint32_t conn,
				   struct err *err)
{
	struct session *session = calloc(1, sizeof *session);

	if (!session) {
		err_set(err, "out of memory");
		return NULL;
	}
	*session = (struct session){ .next = gateway->sessions,
				     .gateway = gateway,
				     .plan = *plan,
				     .conn = conn,
				     .pidfd = -1,
				     .control = -1,
				     .group = -1 };
	session->box.owner = session->desk.owner = session;
	session->box.heard = box_heard;
	session->box.gone = box_gone;
	session->desk.heard = desk_heard;
	session->desk.gone = desk_gone;
	session->ask.owner = session;
	gateway->sessions = session;
	return session;
}

static void not_built(struct session *session, const struct err *err)
{
	note("%s: %s", session->plan.session, err->text);
	session_end(session, "the sandbox could not be built");
}

/* What the workspace's disk says of itself decides whether that will do. */
static void key_answered(struct ask *ask, struct msg *m)
{
	struct session *session = ask->owner;
	uint8_t key[PERMIT_KEY_LEN];
	struct err err;
	enum permit_key outcome = permit_key_read(m, key, &err);
	int done = -1;

	if (outcome == KEY_GONE)
		err_set(&err, "the permit's key was destroyed");
	else if (outcome != KEY_FAILED)
		done = build_begin(session, outcome == KEY_HERE ? key : NULL,
				   &err);
	explicit_bzero(key, sizeof key);
	if (done < 0)
		not_built(session, &err);
}

/* A key is made with the disk, never for one that is there. */
void session_build(struct session *session)
{
	struct gateway *gateway = session->gateway;
	const struct plan *plan = &session->plan;
	bool make = plan->encryption != ENCRYPTION_OFF &&
		    !workspace_exists(gateway->tree.folders[TREE_WORKSPACES],
				      plan->permit);
	struct err err;

	session->deadline = gateway_now() + BUILD_SECONDS;
	session->ask.answered = key_answered;
	if (permit_key_ask(gateway, &session->ask, plan->permit, "workspace",
			   make) == 0)
		return;
	err_set(&err, "the keys' process does not run");
	not_built(session, &err);
}

void sessions_recorded(struct gateway *gateway, uint32_t ref)
{
	for (struct session *session = gateway->sessions; session;
	     session = session->next) {
		if (session->state != SESSION_BUILDING ||
		    session->ndatasets < session->plan.ndatasets ||
		    session->datasets_ref == 0 || session->datasets_ref > ref)
			continue;
		session->datasets_ref = 0;
		session_build(session);
	}
}

struct session *sessions_find(struct gateway *gateway, const char *name)
{
	struct session *session = gateway->sessions;

	while (session && strcmp(session->plan.session, name) != 0)
		session = session->next;
	return session;
}

/* A session that ended is never built again under its name: policy has
 * forgotten it, and nobody would end it. */
static int find_for(struct gateway *gateway, const struct plan *plan,
		    const struct shell_order *order, struct session **session,
		    struct err *err)
{
	*session = sessions_find(gateway, plan->session);
	if (holds_allow(gateway, plan->lang, err) < 0)
		return -1;
	if (!*session && !(store_serves(gateway) && vault_serves(gateway) &&
			   ask_possible(gateway, SERVICE_KEYS)))
		return err_set(err, "%s", text(plan->lang, TEXT_AWAY_PART));
	if (*session && order->first)
		return err_set(err, "the session is there already");
	if (*session ? (*session)->state == SESSION_ENDING : !order->first)
		return err_set(err, "%s", text(plan->lang, TEXT_AWAY_ENDED));
	return 0;
}

int sessions_shell(struct gateway *gateway, const struct plan *plan,
		   const struct shell_order *order, struct err *err)
{
	struct session *session;

	if (find_for(gateway, plan, order, &session, err) < 0)
		return -1;
	if (order->first)
		session = session_new(gateway, plan, order->conn, err);
	if (!session || !shell_new(session, order, err))
		return -1;
	session->idle = 0;
	if (order->first) {
		datasets_check(session);
	} else if (session->state == SESSION_RUNNING &&
		   shells_spawn(session, err) < 0) {
		session_end(session, "the shell could not be started");
	}
	return 0; /* the shells have heard of a failure by now */
}

void session_idle(struct session *session)
{
	if (conns_find(session->gateway, session->conn))
		session->idle = gateway_now();
	else
		session_end(session, "the last shell ended");
}

void sessions_hung_up(struct gateway *gateway, uint32_t conn)
{
	for (struct session *session = gateway->sessions; session;
	     session = session->next)
		if (session->conn == conn && session->idle)
			session_end(session, "the last shell ended");
}

void sessions_end_matching(struct gateway *gateway, const char *name,
			   const char *permit, const char *person,
			   const char *why, const char *told)
{
	for (struct session *session = gateway->sessions; session;
	     session = session->next) {
		const struct plan *plan = &session->plan;

		if ((!name[0] || strcmp(name, plan->session) == 0) &&
		    (!permit[0] || strcmp(permit, plan->permit) == 0) &&
		    (!person[0] || strcmp(person, plan->person) == 0))
			session_end_told(session, why, told);
	}
}

void sessions_end_all(struct gateway *gateway, const char *why)
{
	sessions_end_matching(gateway, "", "", "", why, "");
}

struct usage {
	uint64_t cpu_us, peak_bytes;
};

static void tell_policy(const struct session *session,
			const struct usage *usage)
{
	struct msg m;

	msg_start(&m, MSG_SESSION_GONE, 0);
	msg_put_str(&m, session->plan.session);
	msg_put_str(&m, session->why);
	msg_put_u64(&m, usage->cpu_us);
	msg_put_u64(&m, usage->peak_bytes);
	msg_put_u8(&m, session->tally == TALLY_KNOWN);
	msg_put_u64(&m, session->opened_files);
	msg_put_u64(&m, session->opened_bytes);
	services_send(session->gateway, SERVICE_POLICY, &m);
}

static struct usage record_close(struct session *session)
{
	struct audit_record record;
	struct usage usage = { 0, 0 };

	if (session->has_cgroup)
		cgroup_usage(&session->cgroup, &usage.cpu_us,
			     &usage.peak_bytes);
	session_record(session, "session.close", AUDIT_OK, &record);
	audit_text(&record, "why", session->why);
	audit_number(&record, "cpu_us", (int64_t)usage.cpu_us);
	audit_number(&record, "peak_bytes", (int64_t)usage.peak_bytes);
	if (session->tally == TALLY_KNOWN) {
		audit_number(&record, "opened_files",
			     (int64_t)session->opened_files);
		audit_number(&record, "opened_bytes",
			     (int64_t)session->opened_bytes);
	}
	trail_write(session->gateway, &record);
	return usage;
}

/* Nothing runs any more: give back what the session had. */
static void session_sweep(struct session *session)
{
	struct gateway *gateway = session->gateway;
	struct session **at = &gateway->sessions;
	struct err err;

	shells_kill(session);
	child_end(&session->desk);
	watching_end(session);
	struct usage usage = record_close(session);
	while (*at != session)
		at = &(*at)->next;
	*at = session->next;
	if (session->has_cgroup && cgroup_remove(&session->cgroup, &err) < 0)
		note("%s: %s", session->plan.session, err.text);
	if (session->has_workspace)
		mounts_release(gateway, session->plan.permit);
	loop_forget(gateway->loop, &session->init_watch);
	own_close(&session->pidfd);
	tell_policy(session, &usage);
	free(session);
}

/* Asked of the kernel: the loop may have had no room to watch it. */
static bool init_runs(const struct session *session)
{
	struct pollfd ended = { .fd = session->pidfd, .events = POLLIN };

	return session->pidfd >= 0 && poll(&ended, 1, 0) != 1;
}

static bool is_dead(const struct session *session)
{
	return !init_runs(session) && !session->box.program &&
	       (!session->has_cgroup || !cgroup_populated(&session->cgroup));
}

static void session_tend(struct session *session, time_t now)
{
	bool late = now > session->deadline;

	if (session->state == SESSION_BUILDING && late)
		session_end(session, "the sandbox took too long");
	if (session->idle && now - session->idle >= IDLE_SECONDS)
		session_end(session, "the last shell ended");
	if (session->state != SESSION_ENDING || !is_dead(session))
		return;
	if ((!session->shells || late) && !outs_held(session, now) &&
	    !watching_held(session, now))
		session_sweep(session);
}

void sessions_tend(struct gateway *gateway, time_t now)
{
	struct session *next;

	for (struct session *session = gateway->sessions; session;
	     session = next) {
		next = session->next;
		session_tend(session, now);
	}
}

bool sessions_own(const struct gateway *gateway, pid_t pid)
{
	for (const struct session *session = gateway->sessions; session;
	     session = session->next)
		if (session->desk.pid == pid || shells_own(session, pid))
			return true;
	return false;
}
