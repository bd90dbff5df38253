/*
 * verbs_operator - what operators ask through sekishoctl.
 *
 * Runs in sekisho-policy. ask.c has seen to it that an operator asks, and
 * that the act is on record where verbs.def says so.
 */
#include "policy/verbs.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/apply.h"
#include "policy/day.h"
#include "policy/releases.h"
#include "policy/requests_store.h"
#include "policy/sessions.h"
#include "policy/verbs_dataset.h"

static int64_t count_frozen(const struct server *server)
{
	int64_t n = 0;

	for (size_t i = 0; i < server->nsessions; i++)
		n += server->sessions[i].held[0] != '\0';
	return n;
}

/* Why sessions do not go on, and what an operator can do. */
static void note_frozen(struct server *server)
{
	struct result *r = &server->result;

	if (strcmp(server->held, "log") == 0)
		result_note(r, TEXT_STATUS_LOG_DOWN, NULL, NULL, NULL);
	else if (server->held[0])
		result_note(r, TEXT_STATUS_WATCHER_DOWN, NULL, NULL, NULL);
	for (size_t i = 0; i < server->nsessions; i++)
		if (strcmp(server->sessions[i].held, "quota") == 0)
			result_note(r, TEXT_STATUS_QUOTA,
				    server->sessions[i].id, NULL, NULL);
}

/* Approved files that wait for witnesses. */
static int note_cosigning(struct server *server, struct err *err)
{
	int64_t number = 0;
	int found;

	while ((found = request_after(&server->store, REQUEST_APPROVED, number,
				      &number, err)) > 0) {
		struct request request;
		char text[24];

		if (request_get(&server->store, number, &request, err) < 0)
			return -1;
		int waits = releases_wait(server, &request, err);
		if (waits < 0)
			return -1;
		snprintf(text, sizeof text, "%" PRId64, number);
		if (waits > 0)
			result_note(&server->result, TEXT_STATUS_COSIGN, text,
				    NULL, NULL);
	}
	return found;
}

static bool stopped(const struct server *server)
{
	return suspensions_have(&server->suspensions, SUSPENDED_SITE,
				SUSPENDED_ALL);
}

int verb_status(struct server *server, struct peer *peer, struct err *err)
{
	struct result *r = &server->result;
	const struct policy *policy = server_policy(server);
	char hash[HASH_TEXT_SIZE] = "";
	size_t conns = 0;

	(void)peer;
	for (size_t i = 0; i < server->npeers; i++)
		conns += server->peers[i]->kind == PEER_CONN;
	if (policy)
		hash_text(&policy->hash, hash);
	result_begin(r, RESULT_ONE, TEXT_ANSWER_STATUS);
	result_column(r, "state", RESULT_STATE);
	result_column(r, "epoch", RESULT_NUMBER);
	result_column(r, "policy", RESULT_ID);
	result_column(r, "since", RESULT_TIME);
	result_column(r, "people", RESULT_NUMBER);
	result_column(r, "permits", RESULT_NUMBER);
	result_column(r, "connections", RESULT_NUMBER);
	result_column(r, "sessions", RESULT_NUMBER);
	result_column(r, "frozen", RESULT_NUMBER);
	result_column(r, "witnesses", RESULT_NUMBER);
	result_column(r, "stale", RESULT_NUMBER);
	result_row(r);
	result_text(r, stopped(server)	 ? "stopped"
		       : !policy	 ? "starting"
		       : server->held[0] ? "frozen"
					 : "running");
	result_number(r, (int64_t)server->epoch);
	result_text(r, hash);
	result_number(r, server->since);
	result_number(r, policy ? (int64_t)policy->npersons : 0);
	result_number(r, policy ? (int64_t)policy->npermits : 0);
	result_number(r, (int64_t)conns);
	result_number(r, (int64_t)server->nsessions);
	result_number(r, count_frozen(server));
	result_number(r, policy ? (int64_t)policy->nwitnesses : 0);
	result_number(r, (int64_t)datasets_stale(server));
	if (datasets_stale(server) > 0)
		result_note(r, TEXT_STATUS_STALE, NULL, NULL, NULL);
	note_frozen(server);
	if (policy && policy->nwitnesses == 0)
		result_note(r, TEXT_STATUS_NO_WITNESS, NULL, NULL, NULL);
	return policy ? note_cosigning(server, err) : 0;
}

static void put_problems(struct server *server)
{
	struct result *r = &server->result;
	const char *lang =
		server->in_force ? server->policy.site.language : "en";
	char sentence[PROBLEM_SIZE], count[24];

	snprintf(count, sizeof count, "%zu", server->problems.count);
	result_begin(r, RESULT_LIST, TEXT_ANSWER_PROBLEMS);
	result_column(r, "problem", RESULT_TEXT);
	for (size_t i = 0; i < problems_texts(&server->problems); i++) {
		problems_text(&server->problems, i, lang, sentence,
			      sizeof sentence);
		result_row(r);
		result_text(r, sentence);
	}
	result_note(r, TEXT_ASK_KEPT, count, NULL, NULL);
	r->exit = RESULT_FAILED;
}

int verb_policy_check(struct server *server, struct peer *peer, struct err *err)
{
	struct policy policy;
	char hash[HASH_TEXT_SIZE];

	(void)peer;
	(void)err;
	server->problems.count = 0;
	if (policy_check_folder(server->folder, &policy, &server->problems) <
	    0) {
		put_problems(server);
		return 0;
	}
	verb_done(server);
	result_note(&server->result, TEXT_ASK_VALID,
		    hash_text(&policy.hash, hash), NULL, NULL);
	policy_clear(&policy);
	return 0;
}

int verb_policy_apply(struct server *server, struct peer *peer, struct err *err)
{
	enum applied applied;

	if (server->applying.active) {
		verb_refuse(server, TEXT_ASK_BUSY, NULL, NULL);
		return 0;
	}
	applied = apply_folder(server, "applied", err);
	if (applied == APPLY_WAIT)
		peer->waits = WAITS_APPLY;
	else if (applied == APPLY_NO)
		put_problems(server);
	return applied == APPLY_FAILED ? -1 : 0;
}

void verb_applied(struct server *server)
{
	char epoch[24], hash[HASH_TEXT_SIZE];

	snprintf(epoch, sizeof epoch, "%" PRIu64, server->epoch);
	verb_done(server);
	result_note(&server->result, TEXT_ASK_APPLIED, epoch,
		    hash_text(&server->policy.hash, hash), NULL);
}

static const char *person_state(const struct server *server,
				const struct person *person)
{
	if (suspensions_have(&server->suspensions, SUSPENDED_PERSON,
			     person->person))
		return "suspended";
	return server_today(server) > person->valid_until ? "expired"
							  : "active";
}

static void roles_text(const struct role_set *roles, char *out, size_t size)
{
	size_t used = 0;

	out[0] = '\0';
	for (enum role role = ROLE_NONE + 1; role < ROLES; role++) {
		int n = roles->has[role]
				? snprintf(out + used, size - used, "%s%s",
					   used ? ", " : "", role_word(role))
				: 0;

		used += n > 0 && (size_t)n < size - used ? (size_t)n : 0;
	}
}

int verb_person_list(struct server *server, struct peer *peer, struct err *err)
{
	const struct policy *policy = server_policy(server);
	struct result *r = &server->result;

	(void)peer;
	result_begin(r, RESULT_LIST, TEXT_ANSWER_PERSONS);
	result_column(r, "person", RESULT_ID);
	result_column(r, "actor", RESULT_ID);
	result_column(r, "state", RESULT_STATE);
	result_column(r, "roles", RESULT_TEXT);
	result_column(r, "ends", RESULT_DAY);
	result_column(r, "factors", RESULT_TEXT);
	result_column(r, "organisation", RESULT_TEXT);
	for (size_t i = 0; policy && i < policy->npersons; i++) {
		const struct person *person = &policy->persons[i];
		char actor[ID_SIZE], roles[100], factors[60];
		char day[DAY_TEXT_SIZE];
		struct factor_count count;

		if (store_actor(&server->store, person->person, actor, err) <
			    0 ||
		    factor_count(&server->store, person->person, &count, err) <
			    0)
			return -1;
		roles_text(&person->roles, roles, sizeof roles);
		snprintf(factors, sizeof factors,
			 "totp %" PRId64 ", list %" PRId64, count.devices,
			 count.codes);
		result_row(r);
		result_text(r, person->person);
		result_text(r, actor);
		result_text(r, person_state(server, person));
		result_text(r, roles);
		result_text(r, day_text(person->valid_until, day));
		result_text(r, factors);
		result_text(r, person->organisation);
	}
	return 0;
}

/* The person of an argument, or NULL and the answer says so. */
static const struct person *find_person(struct server *server, const char *name)
{
	const struct policy *policy = server_policy(server);
	const struct person *person =
		policy ? policy_person(policy, name) : NULL;

	if (!person)
		verb_refuse(server, TEXT_ASK_NO_PERSON, name, NULL);
	return person;
}

/* Only unreserved characters go in as they are (RFC 3986 2.3). */
static void percent(const char *in, char *out, size_t size)
{
	size_t used = 0;

	for (; *in; in++) {
		unsigned char c = (unsigned char)*in;

		/* Room for a whole character, so that none is cut. */
		if ((c & 0xc0) != 0x80 && size - used <= 12)
			break;
		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || strchr("-._~", c))
			out[used++] = (char)c;
		else
			used += (size_t)snprintf(out + used, size - used,
						 "%%%02X", c);
	}
	out[used] = '\0';
}

static int add_totp(struct server *server, const struct person *person,
		    struct err *err)
{
	struct result *r = &server->result;
	char secret[TOTP_BASE32_SIZE], uri[1000];
	char issuer[340];

	if (factor_add_totp(&server->store, &server->seal, person->person,
			    secret, err) < 0) {
		verb_done(server);
		result_error(r, RESULT_FAILED, TEXT_VERBATIM, err->text, NULL,
			     NULL);
		return 0;
	}
	percent(server->policy.site.name, issuer, sizeof issuer);
	snprintf(uri, sizeof uri,
		 "otpauth://totp/%s:%s?secret=%s&issuer=%s&algorithm=SHA1"
		 "&digits=%d&period=%d",
		 issuer, person->person, secret, issuer, TOTP_DIGITS,
		 TOTP_STEP);
	result_begin(r, RESULT_ONE, TEXT_ANSWER_FACTOR);
	result_column(r, "person", RESULT_ID);
	result_column(r, "secret", RESULT_TEXT);
	result_column(r, "uri", RESULT_TEXT);
	result_row(r);
	result_text(r, person->person);
	result_text(r, secret);
	result_text(r, uri);
	result_note(r, TEXT_FACTOR_ONCE, person->person, NULL, NULL);
	return 0;
}

static int add_list(struct server *server, const struct person *person,
		    const char *number, struct err *err)
{
	struct result *r = &server->result;
	char codes[FACTOR_CODES][LIST_CODE_SIZE];
	char *end = NULL;
	unsigned long n = *number ? strtoul(number, &end, 10) : 10;

	if ((end && *end) || n < 1 || n > FACTOR_CODES) {
		verb_refuse(server, TEXT_FACTOR_COUNT, NULL, NULL);
		return 0;
	}
	if (factor_add_list(&server->store, &server->seal, person->person,
			    (unsigned int)n, codes, err) < 0)
		return -1;
	result_begin(r, RESULT_LIST, TEXT_ANSWER_FACTOR);
	result_column(r, "number", RESULT_NUMBER);
	result_column(r, "code", RESULT_TEXT);
	for (unsigned long i = 0; i < n; i++) {
		result_row(r);
		result_number(r, (int64_t)i + 1);
		result_text(r, codes[i]);
	}
	result_note(r, TEXT_FACTOR_ONCE, person->person, NULL, NULL);
	return 0;
}

int verb_factor_add(struct server *server, struct peer *peer, struct err *err)
{
	const struct person *person = find_person(server, verb_word(peer, 0));

	if (!person)
		return 0;
	if (strcmp(verb_word(peer, 1), "totp") == 0)
		return add_totp(server, person, err);
	if (strcmp(verb_word(peer, 1), "list") == 0)
		return add_list(server, person, verb_word(peer, 2), err);
	verb_refuse(server, TEXT_ASK_USAGE, "factor add",
		    "PERSON totp|list [CODES]");
	return 0;
}

int verb_factor_reset(struct server *server, struct peer *peer, struct err *err)
{
	const struct person *person = find_person(server, verb_word(peer, 0));

	if (!person)
		return 0;
	verb_done(server);
	return factor_reset(&server->store, person->person, err);
}

/* Somebody reads the log's folder with sekishoctl: to be on record is all. */
int verb_audit_read(struct server *server, struct peer *peer, struct err *err)
{
	(void)peer;
	(void)err;
	verb_done(server);
	return 0;
}

int verb_session_end(struct server *server, struct peer *peer, struct err *err)
{
	struct session *session = sessions_find(server, verb_word(peer, 0));

	(void)err;
	if (!session) {
		verb_refuse(server, TEXT_ASK_NO_SESSION, verb_word(peer, 0),
			    NULL);
		return 0;
	}
	sessions_end(server, session, TEXT_WHY_ENDED, NULL, NULL);
	verb_done(server);
	return 0;
}

int verb_session_thaw(struct server *server, struct peer *peer, struct err *err)
{
	struct session *session = sessions_find(server, verb_word(peer, 0));

	(void)err;
	if (!session)
		verb_refuse(server, TEXT_ASK_NO_SESSION, verb_word(peer, 0),
			    NULL);
	else if (strcmp(session->held, "quota") != 0)
		verb_refuse(server, TEXT_ASK_NOT_FROZEN, verb_word(peer, 0),
			    NULL);
	else {
		sessions_go_on(server, session);
		verb_done(server);
	}
	return 0;
}
