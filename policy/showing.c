/*
 * showing - see showing.h. Runs in sekisho-policy.
 *
 * The question is on record with the order to measure, so that nobody looks
 * into a session unnoticed; the answer with its hash, so that whoever holds
 * one can show that it is what was given.
 */
#include "policy/showing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "policy/ask.h"
#include "policy/sessions.h"
#include "policy/shown.h"
#include "policy/verbs.h"

struct showing {
	uint64_t order;
	bool rules; /* the filter's, and nothing else */
	struct plan plan;
	char actor[ID_SIZE];
	struct measured *measured;
	struct result *answer; /* once it is made */
};

void showing_forget(struct peer *peer)
{
	if (!peer->showing)
		return;
	measured_free(peer->showing->measured);
	free(peer->showing->answer);
	free(peer->showing);
	peer->showing = NULL;
}

static struct peer *find(const struct server *server, uint64_t order)
{
	for (size_t i = 0; i < server->npeers; i++) {
		struct peer *peer = server->peers[i];

		if (!peer->gone && peer->waits == WAITS_MEASURE &&
		    peer->showing->order == order)
			return peer;
	}
	return NULL;
}

static void begin_record(struct server *server, const struct peer *peer,
			 const char *event, struct audit_record *record)
{
	const struct showing *showing = peer->showing;
	const struct policy *policy = server_policy(server);
	const struct operator* op = policy && peer->kind == PEER_CONTROL
		? policy_operator(policy, peer->uid)
		: NULL;

	audit_begin(record, event, AUDIT_OK);
	if (op)
		snprintf(record->actor, sizeof record->actor, "operator-%.40s",
			 op->name);
	else
		memcpy(record->actor, showing->actor, sizeof record->actor);
	memcpy(record->session, showing->plan.session, sizeof record->session);
	memcpy(record->permit, showing->plan.permit, sizeof record->permit);
	audit_number(record, "order", (int64_t)showing->order);
}

static int begin(struct server *server, struct peer *peer,
		 const struct session *session, bool rules, struct err *err)
{
	struct showing *showing = calloc(1, sizeof *showing);
	struct audit_record record;

	if (!showing)
		die("out of memory");
	peer->showing = showing;
	showing->rules = rules;
	showing->plan = session->plan;
	showing->measured = measured_new();
	if (peer->kind == PEER_DESK &&
	    store_actor(&server->store, peer->name.person, showing->actor,
			err) < 0)
		return -1;
	showing->order = server_order(server, MSG_ORDER_SHOW);
	msg_put_str(&server->order, session->id);
	begin_record(server, peer, "session.show", &record);
	audit_text(&record, "role",
		   peer->kind == PEER_DESK ? role_word(peer->name.role)
					   : "operator");
	server_record(server, &record, true);
	peer->waits = WAITS_MEASURE;
	return 0;
}

int verb_sandbox_show(struct server *server, struct peer *peer, struct err *err)
{
	const struct words *words = peer->words;
	const struct session *session = sessions_find(server, words->word[0]);
	bool rules = words->count > 1 && strcmp(words->word[1], "filter") == 0;

	if (!session) {
		verb_refuse(server, TEXT_ASK_NO_SESSION, words->word[0], NULL);
		return 0;
	}
	if (words->count > 1 && !rules) {
		verb_refuse(server, TEXT_ASK_USAGE, "sandbox show",
			    "SESSION [filter]");
		return 0;
	}
	return begin(server, peer, session, rules, err);
}

int showing_measured(struct server *server, struct msg *m, struct err *err)
{
	uint64_t order = msg_get_u64(m);
	uint32_t pid = msg_get_u32(m);
	struct peer *peer;
	char what[24];
	size_t len;

	msg_get_str(m, what, sizeof what);
	const uint8_t *text = msg_get_bytes(m, &len);
	if (!msg_done(m))
		return err_set(err, "malformed MEASURED");
	peer = find(server, order);
	if (peer)
		measured_add(peer->showing->measured, pid, what, text, len);
	return 0;
}

/* The answer is made, and its hash goes on record before it is given. */
static void answer(struct server *server, struct peer *peer)
{
	struct showing *showing = peer->showing;
	char hash[HASH_TEXT_SIZE], differ[16];
	struct result *result = &server->result;
	struct audit_record record;
	struct shown shown = shown_fill(result, &showing->plan,
					showing->measured, showing->rules);

	shown_hash(result, hash);
	snprintf(differ, sizeof differ, "%u", shown.differ);
	if (shown.differ)
		result->exit = RESULT_FAILED;
	if (!showing->rules)
		result_note(result,
			    shown.differ ? TEXT_SHOWN_DIFFERS
					 : TEXT_SHOWN_AS_PLANNED,
			    differ, NULL, NULL);
	result_note(result, TEXT_SHOWN_BUILT_IN, NULL, NULL, NULL);
	result_note(result, TEXT_SHOWN_HASH, hash, NULL, NULL);
	showing->answer = malloc(sizeof *result);
	if (!showing->answer)
		die("out of memory");
	*showing->answer = *result;
	begin_record(server, peer, "session.shown", &record);
	audit_number(&record, "rows", result->nrows);
	audit_number(&record, "differ", shown.differ);
	audit_text(&record, "sha256", hash);
	peer->ref = server_record(server, &record, false);
	peer->waits = WAITS_SHOWN;
}

bool showing_order_done(struct server *server, uint64_t order, bool ok,
			const char *why)
{
	struct peer *peer = find(server, order);

	if (!peer)
		return false;
	if (ok) {
		answer(server, peer);
		return true;
	}
	showing_forget(peer);
	verb_refuse(server, TEXT_VERBATIM, why, NULL);
	ask_answer(server, peer);
	return true;
}

int showing_recorded(struct server *server, struct peer *peer)
{
	server->result = *peer->showing->answer;
	showing_forget(peer);
	ask_answer(server, peer);
	return 0;
}
