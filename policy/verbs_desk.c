/*
 * verbs_desk - what people ask at their desks; operators see the same lists.
 *
 * Runs in sekisho-policy. A researcher sees what concerns them alone.
 */
#include "policy/verbs.h"

#include <string.h>

#include "policy/day.h"

static bool researcher(const struct peer *peer)
{
	return peer->kind == PEER_DESK && peer->name.role == ROLE_RESEARCHER;
}

static const char *own_permit(const struct peer *peer)
{
	return strcmp(peer->permit, "-") == 0 ? "" : peer->permit;
}

int verb_whoami(struct server *server, struct peer *peer, struct err *err)
{
	struct result *r = &server->result;
	const struct policy *policy = server_policy(server);
	const struct permit *permit =
		policy ? policy_permit(policy, own_permit(peer)) : NULL;
	char day[DAY_TEXT_SIZE];

	(void)err;
	result_begin(r, RESULT_ONE, TEXT_ANSWER_WHOAMI);
	result_column(r, "person", RESULT_ID);
	result_column(r, "role", RESULT_STATE);
	result_column(r, "permit", RESULT_ID);
	result_column(r, "session", RESULT_ID);
	result_column(r, "language", RESULT_STATE);
	result_column(r, "ends", RESULT_DAY);
	result_row(r);
	result_text(r, peer->name.person);
	result_text(r, role_word(peer->name.role));
	result_text(r, peer->permit);
	result_text(r, peer->session);
	result_text(r, peer->lang);
	result_text(r, permit ? day_text(permit->ends, day) : "");
	return 0;
}

static bool may_see(const struct peer *peer, const struct permit *permit)
{
	return !researcher(peer) ||
	       ids_have(&permit->persons, peer->name.person);
}

static void permit_columns(struct result *r)
{
	result_column(r, "permit", RESULT_ID);
	result_column(r, "state", RESULT_STATE);
	result_column(r, "starts", RESULT_DAY);
	result_column(r, "ends", RESULT_DAY);
	result_column(r, "title", RESULT_TEXT);
}

static void permit_row(struct server *server, const struct permit *permit)
{
	struct result *r = &server->result;
	char day[DAY_TEXT_SIZE];

	result_row(r);
	result_text(r, permit->permit);
	result_text(r, permit_state(permit, &server->suspensions,
				    server_today(server)));
	result_text(r, day_text(permit->starts, day));
	result_text(r, day_text(permit->ends, day));
	result_text(r, permit->title);
}

int verb_permits(struct server *server, struct peer *peer, struct err *err)
{
	const struct policy *policy = server_policy(server);

	(void)err;
	result_begin(&server->result, RESULT_LIST, TEXT_ANSWER_PERMITS);
	permit_columns(&server->result);
	for (size_t i = 0; policy && i < policy->npermits; i++)
		if (may_see(peer, &policy->permits[i]))
			permit_row(server, &policy->permits[i]);
	return 0;
}

int verb_permit(struct server *server, struct peer *peer, struct err *err)
{
	const struct policy *policy = server_policy(server);
	const char *id = peer->words->count > 0 ? peer->words->word[0]
						: own_permit(peer);
	const struct permit *permit = policy ? policy_permit(policy, id) : NULL;
	struct result *r = &server->result;

	(void)err;
	result_begin(r, RESULT_ONE, TEXT_ANSWER_PERMIT);
	if (!permit || !may_see(peer, permit)) {
		result_error(r, RESULT_WRONG, TEXT_WHY_PERMIT_UNKNOWN, id, NULL,
			     NULL);
		return 0;
	}
	permit_columns(r);
	result_column(r, "purpose", RESULT_TEXT);
	result_column(r, "members", RESULT_NUMBER);
	result_column(r, "datasets", RESULT_NUMBER);
	permit_row(server, permit);
	result_text(r, permit->purpose);
	result_number(r, permit->persons.count);
	result_number(r, permit->datasets.count);
	return 0;
}

int verb_sessions(struct server *server, struct peer *peer, struct err *err)
{
	struct result *r = &server->result;

	(void)err;
	result_begin(r, RESULT_LIST, TEXT_ANSWER_SESSIONS);
	result_column(r, "session", RESULT_ID);
	result_column(r, "permit", RESULT_ID);
	result_column(r, "person", RESULT_ID);
	result_column(r, "state", RESULT_STATE);
	result_column(r, "started", RESULT_TIME);
	if (!researcher(peer))
		result_column(r, "toolset", RESULT_ID);
	for (size_t i = 0; i < server->nsessions; i++) {
		const struct session *s = &server->sessions[i];

		if (researcher(peer) &&
		    strcmp(s->person, peer->name.person) != 0)
			continue;
		result_row(r);
		result_text(r, s->id);
		result_text(r, s->plan.permit);
		result_text(r, s->person);
		result_text(r, s->ending    ? "ending"
			       : s->held[0] ? "frozen"
			       : s->running ? "running"
					    : "starting");
		result_number(r, s->started);
		if (!researcher(peer))
			result_text(r, s->plan.toolset);
	}
	return 0;
}
