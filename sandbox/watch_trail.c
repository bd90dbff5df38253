#include "sandbox/watch_trail.h"

#include <errno.h>

void watch_trail_init(struct watch_trail *trail, int link)
{
	trail->link = link;
	trail->first = trail->next = 1;
	mailbox_init(&trail->mailbox);
}

int watch_trail_send(struct watch_trail *trail, int64_t now,
		     const struct audit_record *record, struct err *err)
{
	static struct msg m;

	if (audit_put(&m, trail->next, record, NULL, err) < 0 ||
	    mailbox_send(&trail->mailbox, trail->link, &m, err) < 0)
		return -1;
	trail->sent[trail->next % WATCH_UNDER_WAY] = now;
	trail->next++;
	return 0;
}

bool watch_trail_waiting(const struct watch_trail *trail)
{
	return mailbox_waiting(&trail->mailbox);
}

int watch_trail_flush(struct watch_trail *trail, struct err *err)
{
	return mailbox_flush(&trail->mailbox, trail->link, err);
}

static bool under_way(const struct watch_trail *trail, uint32_t ref)
{
	return ref - trail->first < trail->next - trail->first &&
	       trail->sent[ref % WATCH_UNDER_WAY] != 0;
}

int watch_trail_answer(struct watch_trail *trail, struct err *err)
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
		good = under_way(trail, answers[i].ref);
		trail->sent[answers[i].ref % WATCH_UNDER_WAY] = 0;
	}
	if (!good)
		return err_set(err, "unexpected %s from audit",
			       msg_name(m.type));
	while (trail->first != trail->next &&
	       trail->sent[trail->first % WATCH_UNDER_WAY] == 0)
		trail->first++;
	return 0;
}

bool watch_trail_full(const struct watch_trail *trail)
{
	return trail->next - trail->first >= WATCH_UNDER_WAY;
}

bool watch_trail_late(const struct watch_trail *trail, int64_t now)
{
	return watch_trail_full(trail) || watch_trail_waiting(trail) ||
	       (trail->first != trail->next &&
		now - trail->sent[trail->first % WATCH_UNDER_WAY] > WATCH_MS);
}
