/*
 * vault - see vault.h. Runs in sekisho-policy.
 *
 * An operator can have openings erased and cannot read them; auditors read and
 * cannot erase. So nobody can look through what people wrote and remove what
 * does not please.
 */
#include "policy/vault.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "audit/commit.h"
#include "gateway/base/own.h"
#include "policy/ask.h"
#include "policy/closing.h"
#include "policy/outbox.h"
#include "policy/verbs.h"

static void away(struct server *server)
{
	result_error(&server->result, RESULT_FAILED, TEXT_VAULT_AWAY, NULL,
		     NULL, NULL);
	result_hint(&server->result, TEXT_ASK_AGAIN, NULL, NULL);
}

static void lose(struct server *server, const char *why)
{
	if (server->vault < 0)
		return;
	if (why)
		note("the link to sekisho-vault is closed: %s", why);
	own_close(&server->vault);
	mailbox_clear(&server->to_vault);
	closing_vault_lost(server);
	for (size_t i = 0; i < server->npeers; i++) {
		struct peer *peer = server->peers[i];

		if (peer->gone || peer->waits != WAITS_VAULT)
			continue;
		away(server);
		ask_answer(server, peer);
	}
}

int vault_link(struct server *server, struct msg *m, struct err *err)
{
	AUTO_FD int fd = msg_get_fd(m);

	if (!msg_done(m))
		return err_set(err, "malformed LINK_VAULT");
	lose(server, NULL);
	if (fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK) < 0)
		return err_sys(err, "the link to the vault");
	server->vault = take_fd(&fd);
	mailbox_init(&server->to_vault);
	return 0;
}

static struct peer *waiting(struct server *server, uint32_t ref)
{
	for (size_t i = 0; i < server->npeers; i++) {
		struct peer *peer = server->peers[i];

		if (!peer->gone && peer->waits == WAITS_VAULT &&
		    peer->ref == ref)
			return peer;
	}
	return NULL;
}

static int on_erased(struct server *server, struct msg *m)
{
	struct result *r = &server->result;
	uint64_t erased = msg_get_u64(m);
	uint64_t before = msg_get_u64(m);
	uint64_t unknown = msg_get_u64(m);
	struct peer *peer = waiting(server, m->ref);

	if (m->type != MSG_VAULT_ERASED || !msg_done(m))
		return -1;
	if (m->ref >= OUTBOX_REF)
		closing_vault_ended(server, m->ref);
	if (!peer)
		return 0; /* who asked has left */
	result_begin(r, RESULT_ONE, TEXT_VAULT_ERASED);
	result_column(r, "erased_now", RESULT_NUMBER);
	result_column(r, "erased_before", RESULT_NUMBER);
	result_column(r, "not_there", RESULT_NUMBER);
	result_row(r);
	result_number(r, (int64_t)erased);
	result_number(r, (int64_t)before);
	result_number(r, (int64_t)unknown);
	ask_answer(server, peer);
	return 0;
}

void vault_serve(struct server *server)
{
	struct msg *m = &server->in;
	struct err why;
	int got = mailbox_flush(&server->to_vault, server->vault, &why);

	if (got == 0)
		got = msg_receive(server->vault, m, &why);
	if (got == 0 && errno == EAGAIN)
		return;
	if (got <= 0) {
		lose(server, got < 0 ? why.text : "it is gone");
		return;
	}
	if (on_erased(server, m) < 0)
		lose(server, "a message that it may not send");
	msg_clear(m);
}

/* Send server->out, if there is a vault. */
static bool tell(struct server *server)
{
	struct err err;

	if (server->vault < 0)
		return false;
	if (mailbox_send(&server->to_vault, server->vault, &server->out,
			 &err) == 0)
		return true;
	lose(server, err.text);
	return false;
}

static void put_end(struct server *server, uint32_t ref, const char *actor,
		    const char *permit)
{
	msg_start(&server->out, MSG_VAULT_END, ref);
	msg_put_str(&server->out, actor);
	msg_put_str(&server->out, permit);
}

bool vault_end_permit(struct server *server, uint32_t ref, const char *permit)
{
	put_end(server, ref, "system", permit);
	return tell(server);
}

/* --- vault erase ---------------------------------------------------------------- */

static void usage(struct server *server)
{
	result_error(&server->result, RESULT_WRONG, TEXT_ASK_USAGE,
		     "vault erase", "COMMITMENT...|permit PERMIT", NULL);
}

/* The records of a permit that is worked under stay whole. */
static int ask_permit(struct server *server, const struct words *words,
		      const char *actor)
{
	const struct policy *policy = server_policy(server);
	const char *id = words->count == 2 ? words->word[1] : "";
	const struct permit *permit = policy ? policy_permit(policy, id) : NULL;

	if (!id_valid(id)) {
		usage(server);
		return -1;
	}
	if (!policy || (permit && server_today(server) <= permit->ends)) {
		result_error(&server->result, RESULT_DENIED,
			     TEXT_VAULT_IN_FORCE, id, NULL, NULL);
		return -1;
	}
	put_end(server, server->next_ref, actor, id);
	return 0;
}

static int ask_commitments(struct server *server, const struct words *words,
			   const char *actor)
{
	uint8_t hash[COMMIT_SIZE];

	msg_start(&server->out, MSG_VAULT_ERASE, server->next_ref);
	msg_put_str(&server->out, actor);
	msg_put_u32(&server->out, words->count);
	for (unsigned int i = 0; i < words->count; i++) {
		if (commit_from_hex(words->word[i], hash) < 0) {
			result_error(&server->result, RESULT_WRONG,
				     TEXT_VAULT_NO_COMMITMENT, words->word[i],
				     NULL, NULL);
			return -1;
		}
		msg_put_bytes(&server->out, hash, COMMIT_SIZE);
	}
	return 0;
}

int verb_vault_erase(struct server *server, struct peer *peer, struct err *err)
{
	const struct policy *policy = server_policy(server);
	const struct operator* op = policy ? policy_operator(policy, peer->uid)
					   : NULL;
	const struct words *words = peer->words;
	char actor[ID_SIZE];

	(void)err;
	snprintf(actor, sizeof actor, "operator-%.40s",
		 op ? op->name : "unknown");
	/* A number that no record under way has, either. */
	if (++server->next_ref >= OUTBOX_REF)
		server->next_ref = 1;
	int asked = strcmp(words->word[0], "permit") == 0
			    ? ask_permit(server, words, actor)
			    : ask_commitments(server, words, actor);
	if (asked < 0)
		return 0;
	peer->ref = server->next_ref;
	peer->waits = WAITS_VAULT;
	if (!tell(server) && peer->waits == WAITS_VAULT) {
		peer->waits = WAITS_NOT;
		away(server);
	}
	return 0;
}
