/*
 * verbs_suspend - suspend, stop-all, lift: what an operator ends at once.
 *
 * Runs in sekisho-policy. Suspensions stand in the state file: they need no
 * policy that can be read, and outlive a restart.
 */
#include "policy/verbs.h"

#include <stdlib.h>
#include <string.h>

#include "policy/sessions.h"

static const char *second(const struct peer *peer)
{
	return peer->words->count > 1 ? peer->words->word[1] : "";
}

static void done(struct server *server)
{
	result_begin(&server->result, RESULT_ONE, TEXT_ASK_DONE);
}

static void refuse(struct server *server, enum text_id why, const char *first)
{
	done(server);
	result_error(&server->result, RESULT_WRONG, why, first, NULL, NULL);
}

int suspensions_load(struct server *server, struct err *err)
{
	free(server->suspensions.item);
	if (store_suspensions(&server->store, &server->suspensions, err) < 0)
		return -1;
	sessions_check(server);
	return 0;
}

/* "permit" or "person", and an id. A suspension may name what the policy no
 * longer knows; a typing error must not look like a suspension. */
static int suspended_kind(struct server *server, const struct peer *peer,
			  enum suspended_kind *kind)
{
	const struct policy *policy = server_policy(server);
	const char *id = second(peer);
	bool is_permit = strcmp(peer->words->word[0], "permit") == 0;

	*kind = is_permit ? SUSPENDED_PERMIT : SUSPENDED_PERSON;
	if (!*id ||
	    (!is_permit && strcmp(peer->words->word[0], "person") != 0)) {
		done(server);
		result_error(&server->result, RESULT_WRONG, TEXT_ASK_USAGE,
			     "suspend, lift", "permit|person ID; lift site",
			     NULL);
		return -1;
	}
	if (suspensions_have(&server->suspensions, *kind, id))
		return 0;
	if (is_permit && !(policy && policy_permit(policy, id)))
		refuse(server, TEXT_ASK_NO_PERMIT, id);
	else if (!is_permit && !(policy && policy_person(policy, id)))
		refuse(server, TEXT_ASK_NO_PERSON, id);
	else
		return 0;
	return -1;
}

int verb_suspend(struct server *server, struct peer *peer, struct err *err)
{
	enum suspended_kind kind;

	if (suspended_kind(server, peer, &kind) < 0)
		return 0;
	if (store_suspend(&server->store, kind, second(peer),
			  peer->words->word[2], err) < 0)
		return -1;
	done(server);
	return suspensions_load(server, err);
}

int verb_stop_all(struct server *server, struct peer *peer, struct err *err)
{
	if (store_suspend(&server->store, SUSPENDED_SITE, SUSPENDED_ALL,
			  peer->words->word[0], err) < 0)
		return -1;
	done(server);
	return suspensions_load(server, err);
}

int verb_lift(struct server *server, struct peer *peer, struct err *err)
{
	bool site = strcmp(peer->words->word[0], SUSPENDED_ALL) == 0 &&
		    !*second(peer);
	const char *id = site ? SUSPENDED_ALL : second(peer);
	enum suspended_kind kind = SUSPENDED_SITE;
	int lifted;

	if (!site && suspended_kind(server, peer, &kind) < 0)
		return 0;
	lifted = store_lift(&server->store, kind, id, err);
	if (lifted < 0)
		return -1;
	if (lifted == 0) {
		refuse(server, TEXT_ASK_NOT_SUSPENDED, id);
		return 0;
	}
	done(server);
	return suspensions_load(server, err);
}
