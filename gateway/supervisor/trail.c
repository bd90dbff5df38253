/*
 * trail - see trail.h. Runs in the supervisor.
 */
#include "gateway/supervisor/trail.h"

#include <fcntl.h>

#include "gateway/base/own.h"
#include "gateway/supervisor/erasures.h"
#include "gateway/supervisor/holds.h"
#include "gateway/supervisor/sessions.h"

enum { LOG_SECONDS = 20 };

/* Tell audit of a new writer at one end of a pair. */
static void introduce(struct gateway *gateway, const struct trail_name *name,
		      int end)
{
	struct msg m;

	msg_start(&m, MSG_WRITER, 0);
	msg_put_str(&m, name->writer);
	msg_put_str(&m, name->actor);
	msg_put_str(&m, name->session);
	msg_put_str(&m, name->permit);
	msg_put_fd(&m, end);
	child_send(&gateway->services[SERVICE_AUDIT], &m);
}

static void acknowledged(struct watch *watch)
{
	struct gateway *gateway = watch->owner;
	struct audit_answer answers[AUDIT_ANSWERS];
	static struct msg m;
	struct err err;
	int n = 0;

	if (mailbox_flush(&gateway->trail_mailbox, gateway->trail, &err) < 0)
		mailbox_clear(&gateway->trail_mailbox);
	loop_write(gateway->loop, watch,
		   mailbox_waiting(&gateway->trail_mailbox));
	int got = child_receive(gateway->trail, "audit", &m);

	if (got > 0 && m.type == MSG_REFUSED) {
		char why[200];

		msg_get_str(&m, why, sizeof why);
		note("audit refused a record of ours: %s", why);
	}
	if (got > 0 && m.type == MSG_RECORDED)
		n = audit_recorded(&m, answers);
	for (int i = 0; i < n; i++) {
		sessions_recorded(gateway, answers[i].ref);
		erasures_recorded(gateway, answers[i].ref);
	}
	if (got < 0) {
		loop_forget(gateway->loop, &gateway->trail_watch);
		gateway_end(gateway, true, "audit is gone");
	}
	if (got > 0)
		msg_clear(&m);
}

int trail_open(struct gateway *gateway, struct err *err)
{
	static const struct trail_name ours = { "supervisor", "*", "*", "*" };
	int pair[2];

	if (msg_pair(pair, err) < 0)
		return -1;
	AUTO_FD int theirs = pair[1];
	gateway->trail = pair[0];
	mailbox_init(&gateway->trail_mailbox);
	fcntl(gateway->trail, F_SETFL, O_NONBLOCK);
	introduce(gateway, &ours, theirs);
	return loop_watch(gateway->loop, &gateway->trail_watch, gateway->trail,
			  acknowledged, gateway, err);
}

uint32_t trail_write(struct gateway *gateway, const struct audit_record *record)
{
	static struct msg m;
	struct err err;

	if (gateway->trail < 0)
		return 0;
	if (audit_put(&m, ++gateway->trail_ref, record, NULL, &err) < 0 ||
	    mailbox_send(&gateway->trail_mailbox, gateway->trail, &m, &err) <
		    0) {
		note("%s", err.text);
		gateway_end(gateway, true, "audit does not take records");
	}
	loop_write(gateway->loop, &gateway->trail_watch,
		   mailbox_waiting(&gateway->trail_mailbox));
	return gateway->trail_ref;
}

int trail_link(struct gateway *gateway, struct child *child,
	       const struct trail_name *name, struct err *err)
{
	struct msg m;
	int pair[2];

	if (msg_pair(pair, err) < 0)
		return -1;
	AUTO_FD int ours = pair[0];
	AUTO_FD int theirs = pair[1];
	introduce(gateway, name, ours);
	msg_start(&m, MSG_LINK_AUDIT, 0);
	msg_put_fd(&m, theirs);
	child_send(child, &m);
	return 0;
}

void trail_tend(struct gateway *gateway, time_t now)
{
	struct child *audit = &gateway->services[SERVICE_AUDIT];
	struct msg m;

	if (!audit->ready)
		return;
	if (gateway->log_asked == 0) {
		gateway->log_asked = now;
		msg_start(&m, MSG_ALIVE, 0);
		child_send(audit, &m);
	} else if (now - gateway->log_asked > LOG_SECONDS) {
		note("the log has not answered for %d seconds", LOG_SECONDS);
		gateway->log_asked = now;
		holds_all(gateway, HOLD_LOG, "the log is down");
	}
}

void trail_log_is(struct gateway *gateway, struct msg *m)
{
	bool takes = msg_get_u8(m) == 1;

	if (!msg_done(m))
		takes = false;
	gateway->log_asked = 0;
	if (takes)
		holds_over(gateway, HOLD_LOG);
	else
		holds_all(gateway, HOLD_LOG, "the log is down");
}
