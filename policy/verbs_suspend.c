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
	const char *id = verb_word(peer, 1);
	bool is_permit = strcmp(verb_word(peer, 0), "permit") == 0;

	*kind = is_permit ? SUSPENDED_PERMIT : SUSPENDED_PERSON;
	if (!*id || (!is_permit && strcmp(verb_word(peer, 0), "person") != 0)) {
		verb_refuse(server, TEXT_ASK_USAGE, "suspend, lift",
			    "permit|person ID; lift site");
		return -1;
	}
	if (suspensions_have(&server->suspensions, *kind, id))
		return 0;
	if (is_permit && !(policy && policy_permit(policy, id)))
		verb_refuse(server, TEXT_ASK_NO_PERMIT, id, NULL);
	else if (!is_permit && !(policy && policy_person(policy, id)))
		verb_refuse(server, TEXT_ASK_NO_PERSON, id, NULL);
	else
		return 0;
	return -1;
}

int verb_suspend(struct server *server, struct peer *peer, struct err *err)
{
	enum suspended_kind kind;

	if (suspended_kind(server, peer, &kind) < 0)
		return 0;
	if (store_suspend(&server->store, kind, verb_word(peer, 1),
			  verb_word(peer, 2), err) < 0)
		return -1;
	verb_done(server);
	return suspensions_load(server, err);
}

int verb_stop_all(struct server *server, struct peer *peer, struct err *err)
{
	if (store_suspend(&server->store, SUSPENDED_SITE, SUSPENDED_ALL,
			  verb_word(peer, 0), err) < 0)
		return -1;
	verb_done(server);
	return suspensions_load(server, err);
}

int verb_lift(struct server *server, struct peer *peer, struct err *err)
{
	bool site = strcmp(verb_word(peer, 0), SUSPENDED_ALL) == 0 &&
		    !*verb_word(peer, 1);
	const char *id = site ? SUSPENDED_ALL : verb_word(peer, 1);
	enum suspended_kind kind = SUSPENDED_SITE;
	int lifted;

	if (!site && suspended_kind(server, peer, &kind) < 0)
		return 0;
	lifted = store_lift(&server->store, kind, id, err);
	if (lifted < 0)
		return -1;
	if (lifted == 0) {
		verb_refuse(server, TEXT_ASK_NOT_SUSPENDED, id, NULL);
		return 0;
	}
	verb_done(server);
	return suspensions_load(server, err);
}
