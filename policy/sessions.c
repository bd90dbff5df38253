/*
 * sessions - keep account of sandboxes, and end those that lost their right.
 *
 * Runs in sekisho-policy. What lives is what the supervisor says; what may
 * live is decided here again each minute and at each change of policy.
 */
#include "policy/sessions.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "policy/usage.h"

struct session *sessions_of(struct server *server, uint32_t conn)
{
	for (size_t i = 0; i < server->nsessions; i++)
		if (server->sessions[i].conn == conn &&
		    !server->sessions[i].ending)
			return &server->sessions[i];
	return NULL;
}

struct session *sessions_find(struct server *server, const char *id)
{
	for (size_t i = 0; i < server->nsessions; i++)
		if (strcmp(server->sessions[i].id, id) == 0)
			return &server->sessions[i];
	return NULL;
}

struct plan sessions_plan(const struct server *server,
			  const struct decision *decision,
			  const struct plan *mounted)
{
	const struct delivery_clock clock = { server->policy.site.stale_days,
					      server_time() };
	struct plan plan = decision_plan(&server->policy, decision,
					 mounted ? mounted->session : "",
					 mounted ? mounted->actor : "");

	deliveries_judge(&server->deliveries, mounted, &clock, &plan);
	return plan;
}

struct session *sessions_add(struct server *server, const struct peer *peer,
			     const struct decision *decision)
{
	struct session *session = &server->sessions[server->nsessions];
	uint64_t random;

	if (server->nsessions == SESSIONS)
		return NULL;
	if (getrandom(&random, sizeof random, 0) != sizeof random)
		die("no random bytes");
	memset(session, 0, sizeof *session);
	snprintf(session->id, sizeof session->id, "s%016llx",
		 (unsigned long long)random);
	snprintf(session->person, sizeof session->person, "%s",
		 peer->name.person);
	snprintf(session->actor, sizeof session->actor, "%s", peer->actor);
	session->conn = peer->conn;
	session->started = server_time();
	session->plan = sessions_plan(server, decision, NULL);
	memcpy(session->plan.session, session->id, sizeof session->id);
	memcpy(session->plan.actor, session->actor, sizeof session->actor);
	server->nsessions++;
	return session;
}

static void forget(struct server *server, struct session *session)
{
	*session = server->sessions[--server->nsessions];
}

static bool awaited(const struct server *server, const char *id)
{
	for (size_t i = 0; i < server->nopenings; i++)
		if (strcmp(server->openings[i].session, id) == 0)
			return true;
	return false;
}

int sessions_built(struct server *server, const char *id, bool ok,
		   struct err *err)
{
	struct session *session = sessions_find(server, id);
	bool first = session && ok && !session->running;

	if (session && ok)
		session->running = true;
	else if (session && !session->running && !awaited(server, id))
		forget(server, session);
	return first ? usage_began(&server->store, session, err) : 0;
}

int sessions_gone(struct server *server, struct msg *m, struct err *err)
{
	char id[ID_SIZE], why[600];
	struct usage usage;
	struct session *session;

	msg_get_str(m, id, sizeof id);
	msg_get_str(m, why, sizeof why);
	usage.cpu_us = (int64_t)msg_get_u64(m);
	usage.peak_bytes = (int64_t)msg_get_u64(m);
	bool counted = msg_get_u8(m) != 0;
	usage.files = (int64_t)msg_get_u64(m);
	usage.bytes = (int64_t)msg_get_u64(m);
	if (!msg_done(m))
		return err_set(err, "malformed SESSION_GONE");
	if (!counted)
		usage.files = usage.bytes = USAGE_UNKNOWN;
	session = sessions_find(server, id);
	if (session)
		forget(server, session);
	return usage_ended(&server->store, id, server_time(), &usage, err);
}

int sessions_held(struct server *server, struct msg *m, struct err *err)
{
	char id[ID_SIZE], why[16];

	msg_get_str(m, id, sizeof id);
	msg_get_str(m, why, sizeof why);
	if (!msg_done(m))
		return err_set(err, "malformed SESSION_HELD");
	struct session *session = sessions_find(server, id);
	if (!id[0])
		memcpy(server->held, why, sizeof why);
	else if (session)
		memcpy(session->held, why, sizeof why);
	return 0;
}

static void begin_record(const struct session *session, const char *event,
			 struct audit_record *record)
{
	audit_begin(record, event, AUDIT_OK);
	memcpy(record->actor, session->actor, sizeof record->actor);
	memcpy(record->session, session->id, sizeof record->session);
	memcpy(record->permit, session->plan.permit, sizeof record->permit);
}

void sessions_go_on(struct server *server, struct session *session)
{
	struct audit_record record;
	uint64_t order = server_order(server, MSG_ORDER_GO_ON);

	msg_put_str(&server->order, session->id);
	begin_record(session, "session.go_on", &record);
	audit_number(&record, "order", (int64_t)order);
	server_record(server, &record, true);
}

void sessions_end(struct server *server, struct session *session,
		  enum text_id why, const char *first, const char *second)
{
	struct audit_record record;
	char reason[40], told[400];
	uint64_t order = server_order(server, MSG_ORDER_END);

	if (session->ending)
		return;
	server_reason(why, reason);
	msg_put_str(&server->order, session->id);
	msg_put_str(&server->order, session->plan.permit);
	msg_put_str(&server->order, session->person);
	msg_put_str(&server->order, reason);
	msg_put_str(&server->order,
		    text_fill(told, sizeof told, session->plan.lang, why, first,
			      second, NULL));
	begin_record(session, "session.end", &record);
	audit_number(&record, "order", (int64_t)order);
	audit_text(&record, "why", reason);
	server_record(server, &record, true);
	session->ending = true;
}

/* The first dataset that may not be mounted any more; NULL: none. */
static const char *lacking(const struct plan *plan)
{
	for (uint32_t i = 0; i < plan->ndatasets; i++)
		if (!plan->datasets[i].manifest[0])
			return plan->datasets[i].name;
	return NULL;
}

static void check_session(struct server *server, struct session *session)
{
	struct login_name name = { .role = ROLE_RESEARCHER };
	struct decision decision;
	struct plan plan;

	memcpy(name.person, session->person, sizeof name.person);
	memcpy(name.permit, session->plan.permit, sizeof name.permit);
	decision = decide(server_policy(server), &server->suspensions, &name,
			  server_today(server));
	if (decision.verdict != ALLOW) {
		sessions_end(server, session, decision.why, decision.first,
			     decision.second);
		return;
	}
	plan = sessions_plan(server, &decision, &session->plan);
	memcpy(plan.lang, session->plan.lang, sizeof plan.lang);
	if (!plan_same(&plan, &session->plan))
		sessions_end(server, session,
			     lacking(&plan) ? TEXT_WHY_STALE : TEXT_WHY_CHANGED,
			     lacking(&plan), NULL);
}

/* A desk or a transfer ends with its connection; a connection with a sandbox
 * lives to show how the sandbox ended. */
static void check_conn(struct server *server, struct peer *peer)
{
	struct decision decision;

	if (peer->gone || peer->kind != PEER_CONN || !peer->files_or_desk)
		return;
	decision = decide(server_policy(server), &server->suspensions,
			  &peer->name, server_today(server));
	if (decision.verdict != ALLOW)
		server_drop(server, peer, "its person may do this no longer");
}

void sessions_check(struct server *server)
{
	if (!server->in_force)
		return;
	for (size_t i = 0; i < server->nsessions; i++)
		check_session(server, &server->sessions[i]);
	for (size_t i = 0; i < server->npeers; i++)
		check_conn(server, server->peers[i]);
}
