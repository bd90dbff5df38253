/*
 * holds - see holds.h. Runs in the supervisor.
 */
#include "gateway/supervisor/holds.h"

#include "gateway/base/own.h"
#include "gateway/base/text.h"
#include "gateway/supervisor/services.h"
#include "gateway/supervisor/shells.h"
#include "gateway/supervisor/trail.h"

static const struct {
	const char *word;
	enum text_id text;
	bool bounded;
} table[HOLDS] = {
#define HOLD(id, word, text, bounded) [HOLD_##id] = { word, text, bounded },
#include "gateway/supervisor/holds.def"
#undef HOLD
};

static unsigned int bit(enum hold hold)
{
	return 1u << hold;
}

static bool bounded(unsigned int holds)
{
	for (enum hold hold = 0; hold < HOLDS; hold++)
		if (holds & bit(hold) && table[hold].bounded)
			return true;
	return false;
}

/* The first of the reasons, "" if there is none. session "": all of them. */
static void tell_policy(struct gateway *gateway, const char *session,
			unsigned int holds)
{
	const char *word = "";
	struct msg m;

	for (enum hold hold = HOLDS; hold-- > 0;)
		if (holds & bit(hold))
			word = table[hold].word;
	msg_start(&m, MSG_SESSION_HELD, 0);
	msg_put_str(&m, session);
	msg_put_str(&m, word);
	services_send(gateway, SERVICE_POLICY, &m);
}

static void record(const struct session *session, const char *event,
		   enum hold hold)
{
	struct audit_record record;

	session_record(session, event, AUDIT_OK, &record);
	audit_text(&record, "why", table[hold].word);
	trail_write(session->gateway, &record);
}

void hold_session(struct session *session, enum hold hold)
{
	bool first = session->holds == 0;
	struct err err;

	if (session->state != SESSION_RUNNING || session->holds & bit(hold))
		return;
	if (first && cgroup_halt(&session->cgroup, true, &err) < 0) {
		note("%s: %s", session->plan.session, err.text);
		session_refuse(session, "it could not be frozen",
			       TEXT_HELD_ENDED, NULL);
		return;
	}
	if (!bounded(session->holds))
		session->held = gateway_now();
	session->holds |= bit(hold);
	record(session, "session.freeze", hold);
	shells_say(session, table[hold].text);
	tell_policy(session->gateway, session->plan.session, session->holds);
}

void thaw_session(struct session *session, enum hold hold)
{
	struct err err;

	if (session->state != SESSION_RUNNING || !(session->holds & bit(hold)))
		return;
	session->holds &= ~bit(hold);
	record(session, "session.thaw", hold);
	tell_policy(session->gateway, session->plan.session, session->holds);
	if (session->holds)
		return;
	if (cgroup_halt(&session->cgroup, false, &err) < 0) {
		note("%s: %s", session->plan.session, err.text);
		session_refuse(session, "it could not be thawed",
			       TEXT_HELD_ENDED, NULL);
		return;
	}
	shells_say(session, TEXT_HELD_OVER);
}

void holds_all(struct gateway *gateway, enum hold hold, const char *why)
{
	struct session *next;

	gateway->down |= bit(hold);
	tell_policy(gateway, "", gateway->down);
	for (struct session *session = gateway->sessions; session;
	     session = next) {
		next = session->next;
		if (gateway->site.strict || session->state == SESSION_BUILDING)
			session_refuse(session, why, TEXT_HELD_ENDED, NULL);
		else
			hold_session(session, hold);
	}
}

void holds_over(struct gateway *gateway, enum hold hold)
{
	if (!(gateway->down & bit(hold)))
		return;
	gateway->down &= ~bit(hold);
	tell_policy(gateway, "", gateway->down);
	for (struct session *session = gateway->sessions; session;
	     session = session->next)
		thaw_session(session, hold);
}

bool holds_log_down(const struct gateway *gateway)
{
	return gateway->down & bit(HOLD_LOG);
}

int holds_allow(const struct gateway *gateway, const char *lang,
		struct err *err)
{
	if (holds_log_down(gateway))
		return err_set(err, "%s", text(lang, TEXT_AWAY_LOG));
	if (gateway->down & bit(HOLD_WATCHER) ||
	    !gateway->services[SERVICE_WATCH].ready)
		return err_set(err, "%s", text(lang, TEXT_AWAY_WATCHER));
	return 0;
}

void holds_tend(struct gateway *gateway, time_t now)
{
	for (struct session *session = gateway->sessions; session;
	     session = session->next)
		if (session->state == SESSION_RUNNING &&
		    bounded(session->holds) &&
		    now - session->held > gateway->site.hold_seconds)
			session_refuse(session, "it was frozen for too long",
				       TEXT_HELD_TOO_LONG, NULL);
}
