/*
 * shells - see shells.h. Runs in the supervisor. Init and recorder are not
 * trusted: nonsense from either ends the session.
 */
#include "gateway/supervisor/shells.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "gateway/base/own.h"
#include "gateway/supervisor/conns.h"
#include "gateway/supervisor/orders.h"
#include "gateway/supervisor/services.h"
#include "gateway/supervisor/trail.h"

static void begin_record(const struct shell *shell, const char *event,
			 struct audit_record *record)
{
	const struct plan *plan = &shell->session->plan;

	audit_begin(record, event, AUDIT_OK);
	snprintf(record->actor, sizeof record->actor, "%s", plan->actor);
	snprintf(record->session, sizeof record->session, "%s", plan->session);
	snprintf(record->permit, sizeof record->permit, "%s", plan->permit);
	audit_number(record, "shell", shell->id);
}

/* Policy hears once of each shell whether it serves. */
static void answer(struct shell *shell, bool ok, const char *why)
{
	if (shell->order.order)
		order_done(shell->session->gateway, shell->order.order, ok,
			   why);
	shell->order.order = 0;
}

static void shell_free(struct shell *shell)
{
	struct shell **at = &shell->session->shells;

	while (*at != shell)
		at = &(*at)->next;
	*at = shell->next;
	answer(shell, false, "the shell ended before it began");
	child_end(&shell->recorder);
	own_close(&shell->wire);
	own_close(&shell->listener);
	free(shell);
}

/* The recorder is gone: the shell is over, and with the last one the
 * session. A recorder that did not finish its work ends the session. */
static void shell_over(struct shell *shell)
{
	struct session *session = shell->session;
	bool finished = shell->finished;

	shell_free(shell);
	if (!finished)
		session_end(session, "the recorder stopped");
	else if (!session->shells)
		session_idle(session);
}

static void serve(struct shell *shell)
{
	struct gateway *gateway = shell->session->gateway;
	struct conn *conn = conns_find(gateway, shell->order.conn);
	struct audit_record record;

	begin_record(shell, "session.shell", &record);
	audit_text(&record, "tty", shell->order.tty ? "yes" : "no");
	trail_write(gateway, &record);
	if (conn)
		conns_channel(conn, shell->order.channel, shell->wire);
	own_close(&shell->wire);
	answer(shell, true, "");
}

static void tell_exit(struct shell *shell, uint32_t status)
{
	struct msg m;

	msg_start(&m, MSG_RECORDER_EXIT, 0);
	msg_put_u32(&m, status);
	child_send(&shell->recorder, &m);
}

/* The client left first: nobody will ever see this shell again. */
static void hang_up(struct shell *shell)
{
	struct err err;
	struct msg m;

	msg_start(&m, MSG_SIGNAL, 0);
	msg_put_u32(&m, shell->id);
	msg_put_u32(&m, SIGHUP);
	if (shell->session->control >= 0)
		msg_send(shell->session->control, &m, &err);
}

static void heard(struct child *child, struct msg *m)
{
	struct shell *shell = child->owner;

	if (m->type == MSG_READY) {
		serve(shell);
		return;
	}
	if (m->type != MSG_RECORDER_DONE) {
		note("%s: may not send %s", child->program, msg_name(m->type));
		session_end(shell->session, "the recorder broke the rules");
		return;
	}
	shell->finished = true;
	if (!shell->exited)
		hang_up(shell);
}

static void gone(struct child *child)
{
	struct shell *shell = child->owner;

	if (!shell->finished)
		note("recorder of %s: %s", shell->session->plan.session,
		     child->why);
	shell_over(shell);
}

struct shell *shell_new(struct session *session,
			const struct shell_order *order, struct err *err)
{
	struct shell *shell = calloc(1, sizeof *shell);

	if (!shell) {
		err_set(err, "out of memory");
		return NULL;
	}
	shell->session = session;
	shell->id = ++session->gateway->next_shell;
	shell->order = *order;
	shell->wire = shell->listener = -1;
	shell->recorder.owner = shell;
	shell->recorder.heard = heard;
	shell->recorder.gone = gone;
	shell->next = session->shells;
	session->shells = shell;
	return shell;
}

static void put_argv(const struct shell *shell, struct msg *m)
{
	bool login = shell->order.command[0] == '\0';

	msg_put_u32(m, login ? 2 : 3);
	msg_put_str(m, "/bin/bash");
	msg_put_str(m, login ? "-l" : "-c");
	if (!login)
		msg_put_str(m, shell->order.command);
}

/* The whole environment: nothing of the client's but the terminal's name. */
static void put_environment(const struct shell *shell, struct msg *m)
{
	const struct plan *plan = &shell->session->plan;
	const char *const fixed[] = {
		"HOME=/home/researcher",
		"USER=researcher",
		"LOGNAME=researcher",
		"SHELL=/bin/bash",
		"PATH=/usr/local/bin:/usr/bin:/bin",
		"LANG=C.UTF-8",
		"TMPDIR=/tmp",
	};
	const struct {
		const char *name, *value;
	} own[] = {
		{ "TERM", shell->order.term[0] ? shell->order.term : "dumb" },
		{ "SEKISHO_PERSON", plan->person },
		{ "SEKISHO_PERMIT", plan->permit },
		{ "SEKISHO_LANG", plan->lang },
	};

	msg_put_u32(m, ARRAY_LEN(fixed) + ARRAY_LEN(own));
	for (size_t i = 0; i < ARRAY_LEN(fixed); i++)
		msg_put_str(m, fixed[i]);
	for (size_t i = 0; i < ARRAY_LEN(own); i++) {
		char line[200];

		snprintf(line, sizeof line, "%s=%s", own[i].name, own[i].value);
		msg_put_str(m, line);
	}
}

static int spawn(struct shell *shell, struct err *err)
{
	struct msg m;

	shell->asked = true;
	msg_start(&m, MSG_SPAWN, 0);
	msg_put_u32(&m, shell->id);
	msg_put_u8(&m, shell->order.tty);
	msg_put_u32(&m, shell->order.cols);
	msg_put_u32(&m, shell->order.rows);
	put_argv(shell, &m);
	put_environment(shell, &m);
	return msg_send(shell->session->control, &m, err);
}

int shells_spawn(struct session *session, struct err *err)
{
	for (struct shell *shell = session->shells; shell; shell = shell->next)
		if (!shell->asked && spawn(shell, err) < 0)
			return -1;
	return 0;
}

/* The listener is kept beside: a call that was denied waits while no watcher
 * lives, and is asked for anew by the next one. */
static void watch_calls(struct shell *shell)
{
	struct gateway *gateway = shell->session->gateway;
	const struct plan *plan = &shell->session->plan;
	struct msg m;

	if (shell->listener < 0 || shell->watched ||
	    !gateway->services[SERVICE_WATCH].program)
		return;
	shell->watched = true;
	msg_start(&m, MSG_WATCH, 0);
	msg_put_str(&m, plan->session);
	msg_put_str(&m, plan->permit);
	msg_put_str(&m, plan->actor);
	msg_put_fd(&m, shell->listener);
	services_send(gateway, SERVICE_WATCH, &m);
}

static int start_recorder(struct shell *shell, const int *ends, size_t nends,
			  struct err *err)
{
	struct session *session = shell->session;
	struct gateway *gateway = session->gateway;
	const struct plan *plan = &session->plan;
	struct trail_name name = { "record", plan->actor, plan->session,
				   plan->permit };
	uint32_t uid = lease_take(&gateway->leases, err);
	char folder[ID_SIZE + 16];
	struct msg m;
	int pair[2];

	if (uid == 0 || msg_pair(pair, err) < 0)
		return -1;
	AUTO_FD int theirs = pair[0];
	shell->wire = pair[1];
	snprintf(folder, sizeof folder, "%s-%u", plan->session, shell->id);
	AUTO_FD int recording =
		tree_recording(&gateway->tree, plan->permit, folder, uid, err);
	if (recording < 0 ||
	    child_start(&shell->recorder, gateway->loop,
			gateway->settings->programs, "sekisho-record", err) < 0)
		return -1;
	start_begin(&m, uid, uid, gateway->tree.folders[TREE_EMPTY]);
	msg_put_str(&m, plan->session);
	msg_put_str(&m, plan->permit);
	msg_put_str(&m, plan->actor);
	msg_put_u32(&m, shell->id);
	msg_put_u8(&m, shell->order.tty);
	msg_put_fd(&m, theirs);
	msg_put_fd(&m, recording);
	for (size_t i = 0; i < nends; i++)
		msg_put_fd(&m, ends[i]);
	child_send(&shell->recorder, &m);
	return trail_link(gateway, &shell->recorder, &name, err);
}

static int on_spawned(struct shell *shell, struct msg *m, struct err *err)
{
	size_t nends = shell->order.tty ? 1 : 3;
	AUTO_FD int listener = msg_get_fd(m);
	int ends[3] = { -1, -1, -1 };

	for (size_t i = 0; i < nends; i++)
		ends[i] = msg_get_fd(m);
	AUTO_FD int first = ends[0];
	AUTO_FD int second = ends[1];
	AUTO_FD int third = ends[2];
	if (!msg_done(m) || shell->spawned || !shell->asked)
		return err_set(err, "malformed SPAWNED");
	shell->spawned = true;
	shell->listener = take_fd(&listener);
	watch_calls(shell);
	(void)first, (void)second, (void)third;
	return start_recorder(shell, ends, nends, err);
}

/* As shells say it, and as the client is told: 128 and the signal's number. */
static uint32_t plain_status(uint32_t status)
{
	if (WIFSIGNALED((int)status))
		return 128u + (uint32_t)WTERMSIG((int)status);
	return (uint32_t)WEXITSTATUS((int)status);
}

static int on_exited(struct shell *shell, struct msg *m, struct err *err)
{
	struct audit_record record;
	uint32_t status = msg_get_u32(m);

	if (!msg_done(m) || shell->exited)
		return err_set(err, "malformed EXITED");
	shell->exited = true;
	begin_record(shell, "session.exit", &record);
	audit_number(&record, "status", plain_status(status));
	trail_write(shell->session->gateway, &record);
	if (shell->recorder.program)
		tell_exit(shell, status);
	else
		shell_over(shell);
	return 0;
}

int shells_heard(struct session *session, struct msg *m, struct err *err)
{
	struct shell *shell = session->shells;
	uint32_t id = msg_get_u32(m);

	while (shell && shell->id != id)
		shell = shell->next;
	if (!shell)
		return 0; /* it was given up meanwhile */
	if (m->type == MSG_SPAWNED)
		return on_spawned(shell, m, err);
	if (m->type == MSG_EXITED)
		return on_exited(shell, m, err);
	return err_set(err, "init may not send %s", msg_name(m->type));
}

void shells_stop(struct session *session, const char *why)
{
	struct shell *next;

	for (struct shell *shell = session->shells; shell; shell = next) {
		next = shell->next;
		answer(shell, false, why);
		if (shell->recorder.program && !shell->exited)
			tell_exit(shell, SIGKILL);
		else if (!shell->recorder.program)
			shell_free(shell);
	}
}

static void say(const struct session *session, const char *one,
		const char *other)
{
	struct msg m;

	msg_start(&m, MSG_SAY, 0);
	msg_put_str(&m, one);
	msg_put_str(&m, other);
	for (struct shell *shell = session->shells; shell; shell = shell->next)
		child_send(&shell->recorder, &m);
}

void shells_say(const struct session *session, enum text_id what)
{
	say(session, text("en", what), text("ja", what));
}

void shells_tell(const struct session *session, const char *sentence)
{
	say(session, sentence, "");
}

void shells_watch(struct session *session)
{
	for (struct shell *shell = session->shells; shell; shell = shell->next)
		watch_calls(shell);
}

void shells_unwatched(struct session *session)
{
	for (struct shell *shell = session->shells; shell; shell = shell->next)
		shell->watched = false;
}

void shells_kill(struct session *session)
{
	while (session->shells)
		shell_free(session->shells);
}

bool shells_own(const struct session *session, pid_t pid)
{
	const struct shell *shell = session->shells;

	while (shell && shell->recorder.pid != pid)
		shell = shell->next;
	return shell;
}
