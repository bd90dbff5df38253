/*
 * login - decide who is at the other end of a connection.
 *
 * Runs in sekisho-policy. The connection says what a client typed; it has
 * checked the signature of the key, and nothing else that it says is
 * believed. Who is unknown, and why, is never told to the client, and names
 * that are not on file never reach the log.
 */
#include "policy/login.h"

#include <stdio.h>
#include <string.h>

#include "gateway/base/process.h"
#include "policy/public_key.h"

enum { REFUSED_RECORDS = 20, PAUSE_WITHOUT_POLICY = 1 };

static void begin(struct audit_record *record, const struct peer *peer,
		  const char *event, enum audit_result result)
{
	audit_begin(record, event, result);
	if (*peer->actor)
		snprintf(record->actor, sizeof record->actor, "%s",
			 peer->actor);
	audit_number(record, "conn", peer->conn);
	audit_text(record, "source", peer->source);
}

static uint32_t record_step(struct server *server, const struct peer *peer,
			    const char *event, enum audit_result result,
			    const char *reason)
{
	struct audit_record record;

	begin(&record, peer, event, result);
	audit_text(&record, "reason", reason);
	return server_record(server, &record, false);
}

/* The answer comes after a pause of its own length, whatever was wrong. */
static void deny_later(const struct server *server, struct peer *peer)
{
	uint32_t seconds = server->in_force
				   ? server->policy.site.login.pause_seconds
				   : PAUSE_WITHOUT_POLICY;

	peer->waits = WAITS_DENIAL;
	peer->wake = server_clock() + seconds * 1000;
}

static bool has_key(const struct person *person, const char *type,
		    const struct hash *hash)
{
	for (uint32_t i = 0; i < person->keys.count; i++) {
		const struct public_key *key = &person->keys.key[i];

		if (strcmp(key->type, type) == 0 &&
		    memcmp(&key->hash, hash, sizeof *hash) == 0)
			return true;
	}
	return false;
}

/* The person whose key this is, or NULL and the reason for the record. */
static const struct person *find_person(const struct server *server,
					const char *user, const char *type,
					const struct hash *hash,
					struct login_name *name,
					const char **reason)
{
	const struct policy *policy = server_policy(server);
	const struct person *person;

	*reason = "not_in_force";
	if (!policy)
		return NULL;
	*reason = "unknown_person";
	if (login_name_read(user, name) < 0)
		return NULL;
	person = policy_person(policy, name->person);
	if (!person)
		return NULL;
	*reason = "wrong_key";
	return has_key(person, type, hash) ? person : NULL;
}

int on_key(struct server *server, struct peer *peer, struct msg *m,
	   struct err *err)
{
	char user[512], type[128];
	const char *reason;
	struct login_name name;
	size_t len;

	msg_get_str(m, user, sizeof user);
	msg_get_str(m, type, sizeof type);
	const uint8_t *blob = msg_get_bytes(m, &len);
	if (!msg_done(m)) {
		server_drop(server, peer, "malformed KEY");
		return 0;
	}
	struct hash hash = public_key_hash(blob, len);
	const struct person *person =
		find_person(server, user, type, &hash, &name, &reason);
	peer->tried = true;
	if (!person) {
		uint32_t most = server->in_force
					? server->policy.site.login.key_attempts
					: 1;

		peer->last = ++peer->keys_wrong >= most;
		record_step(server, peer, "auth.key", AUDIT_DENY, reason);
		deny_later(server, peer);
		return 0;
	}
	if (store_actor(&server->store, name.person, peer->actor, err) < 0)
		return -1;
	peer->name = name;
	memcpy(peer->lang, person->language, sizeof peer->lang);
	peer->state = STATE_KEYED;
	record_step(server, peer, "auth.key", AUDIT_OK, "ok");
	msg_start(&server->out, MSG_KEY_OK, m->ref);
	msg_put_str(&server->out, peer->lang);
	server_send(server, peer);
	return 0;
}

/* Both factors are right. What the person may do is decided again at each
 * channel; here it only goes on record. */
static void accept_login(struct server *server, struct peer *peer,
			 enum factor factor)
{
	struct audit_record record;
	struct decision decision =
		decide(server_policy(server), &server->suspensions, &peer->name,
		       server_today(server));
	bool allowed = decision.verdict == ALLOW;
	char reason[40];

	begin(&record, peer, "auth.code", AUDIT_OK);
	audit_text(&record, "factor", factor_word(factor));
	audit_text(&record, "reason", "ok");
	server_record(server, &record, false);

	begin(&record, peer, "auth.login", allowed ? AUDIT_OK : AUDIT_DENY);
	if (decision.permit)
		snprintf(record.permit, sizeof record.permit, "%s",
			 decision.permit->permit);
	audit_text(&record, "role", role_word(decision.role));
	audit_text(&record, "reason",
		   allowed ? "ok" : server_reason(decision.why, reason));
	peer->waits = WAITS_WELCOME;
	peer->ref = server_record(server, &record, false);
}

static void refuse_code(struct server *server, struct peer *peer)
{
	struct audit_record record;
	uint32_t most = 1;
	uint64_t longest = 1000;

	if (server->in_force) {
		most = server->policy.site.login.code_attempts;
		longest = server->policy.site.login.pause_max_seconds * 1000;
	}
	throttle_failed(&server->throttle, peer->name.person, peer->source,
			server_clock(), longest);
	begin(&record, peer, "auth.code", AUDIT_DENY);
	audit_text(&record, "factor", factor_word(FACTOR_NONE));
	audit_text(&record, "reason", "wrong_code");
	server_record(server, &record, false);
	peer->last = ++peer->codes_wrong >= most;
	deny_later(server, peer);
}

static int check_code(struct server *server, struct peer *peer, struct err *err)
{
	uint64_t until = throttle_until(&server->throttle, peer->name.person,
					peer->source);
	enum factor used;

	if (until > server_clock()) {
		peer->waits = WAITS_CHECK;
		peer->wake = until;
		return 0;
	}
	peer->waits = WAITS_NOT;
	if (factor_check(&server->store, &server->seal, peer->name.person,
			 peer->code, (uint64_t)server_time(), &used, err) < 0)
		return -1;
	memset(peer->code, 0, sizeof peer->code);
	if (used == FACTOR_NONE) {
		refuse_code(server, peer);
		return 0;
	}
	throttle_passed(&server->throttle, peer->name.person, peer->source);
	accept_login(server, peer, used);
	return 0;
}

int on_code(struct server *server, struct peer *peer, struct msg *m,
	    struct err *err)
{
	char code[1024];

	msg_get_str(m, code, sizeof code);
	if (!msg_done(m)) {
		server_drop(server, peer, "malformed CODE");
		return 0;
	}
	/* What does not fit cannot be a code: cut, it is still wrong. */
	snprintf(peer->code, sizeof peer->code, "%.63s", code);
	return check_code(server, peer, err);
}

int login_wake(struct server *server, struct peer *peer, struct err *err)
{
	if (peer->waits == WAITS_CHECK)
		return check_code(server, peer, err);
	peer->waits = WAITS_NOT;
	msg_start(&server->out, MSG_DENIED, 0);
	msg_put_u8(&server->out, peer->last);
	server_send(server, peer);
	if (peer->last)
		server_drop(server, peer, NULL);
	return 0;
}

int login_recorded(struct server *server, struct peer *peer, struct err *err)
{
	const struct policy *policy = server_policy(server);
	struct decision decision = decide(policy, &server->suspensions,
					  &peer->name, server_today(server));

	peer->waits = WAITS_NOT;
	peer->state = STATE_READY;
	msg_start(&server->out, MSG_AUTHENTICATED, 0);
	msg_put_u32(&server->out, peer->conn);
	if (msg_send(PROCESS_LINK, &server->out, err) < 0)
		return -1;
	msg_start(&server->out, MSG_WELCOME, 0);
	msg_put_str(&server->out, peer->name.person);
	msg_put_str(&server->out, role_word(decision.role));
	msg_put_str(&server->out, peer->lang);
	msg_put_u32(&server->out,
		    policy ? policy->site.connections.channels : 1);
	server_send(server, peer);
	return 0;
}

void login_ended(struct server *server, const struct peer *peer)
{
	struct audit_record record;

	begin(&record, peer, "auth.end", AUDIT_OK);
	server_record(server, &record, false);
}

/* The kinds are a vocabulary of the connection process; what does not look
 * like it is not let into the log. */
int on_refused_request(struct server *server, struct peer *peer, struct msg *m,
		       struct err *err)
{
	struct audit_record record;
	char kind[64];

	(void)err;
	msg_get_str(m, kind, sizeof kind);
	if (!msg_done(m)) {
		server_drop(server, peer, "malformed REFUSED_REQUEST");
		return 0;
	}
	if (peer->refused++ >= REFUSED_RECORDS)
		return 0;
	if (strspn(kind, "abcdefghijklmnopqrstuvwxyz0123456789-_") !=
	    strlen(kind))
		snprintf(kind, sizeof kind, "other");
	audit_begin(&record, "channel.refused", AUDIT_DENY);
	if (*peer->actor)
		snprintf(record.actor, sizeof record.actor, "%s", peer->actor);
	audit_number(&record, "conn", peer->conn);
	audit_text(&record, "kind", kind);
	server_record(server, &record, false);
	return 0;
}
