#include "sandbox/record_trail.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>

#include "audit/client.h"

int record_trail_piece(struct record_trail *trail, const struct piece *piece,
		       struct err *err)
{
	struct audit_record record;

	audit_begin(&record, "session.recording", AUDIT_OK);
	snprintf(record.actor, sizeof record.actor, "%s", trail->actor);
	snprintf(record.session, sizeof record.session, "%s", trail->session);
	snprintf(record.permit, sizeof record.permit, "%s", trail->permit);
	audit_number(&record, "shell", trail->shell);
	audit_number(&record, "piece", piece->number);
	audit_text(&record, "sha256", piece->sha256);
	audit_number(&record, "bytes", (int64_t)piece->bytes);
	audit_number(&record, "in", (int64_t)piece->moved[WAY_IN]);
	audit_number(&record, "out", (int64_t)piece->moved[WAY_OUT]);
	if (audit_send(trail->link, trail->next, &record, NULL, err) < 0)
		return -1;
	trail->next++;
	return 0;
}

int record_trail_answer(struct record_trail *trail, struct err *err)
{
	struct audit_answer answers[AUDIT_ANSWERS];
	static struct msg m;
	char why[256];
	int got = msg_receive(trail->link, &m, err);

	if (got < 0)
		return err_within(err, "audit");
	if (got == 0)
		return errno == EAGAIN ? 0 : err_set(err, "audit is gone");
	if (m.type == MSG_REFUSED) {
		msg_get_str(&m, why, sizeof why);
		msg_clear(&m);
		return err_set(err, "audit refused: %s", why);
	}
	int n = audit_recorded(&m, answers);
	msg_clear(&m);
	bool good = n > 0;
	for (int i = 0; i < n && good; i++) {
		good = answers[i].ref == trail->first &&
		       trail->first != trail->next;
		trail->first++;
	}
	return good ? 0
		    : err_set(err, "unexpected %s from audit",
			      msg_name(m.type));
}

int record_trail_wait(struct record_trail *trail, int ms, struct err *err)
{
	while (trail->first != trail->next) {
		struct pollfd wait = { .fd = trail->link, .events = POLLIN };
		int n = poll(&wait, 1, ms);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, "poll");
		if (n == 0)
			return err_set(err, "audit does not answer");
		if (record_trail_answer(trail, err) < 0)
			return -1;
	}
	return 0;
}

bool record_trail_full(const struct record_trail *trail)
{
	return trail->next - trail->first >= TRAIL_WAITING;
}
