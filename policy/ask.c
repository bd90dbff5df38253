/*
 * ask - find the verb, see who asks, put it on record, do it, answer once.
 *
 * Runs in sekisho-policy. A desk's person is what the supervisor said when it
 * made the desk's link; an operator is the account at the other end of the
 * control socket. The words they send are not trusted.
 */
#include "policy/ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "policy/verbs.h"

enum who {
	OPERATOR = 1,
	ROOT = 2,
	RESEARCHER = 4,
	REVIEWER = 8,
	APPROVER = 16,
	AUDITOR = 32,
	EVERY_DESK = RESEARCHER | REVIEWER | APPROVER | AUDITOR
};

struct verb {
	const char *name, *usage;
	unsigned int who;
	bool on_record;
	unsigned int least, most;
	int (*handle)(struct server *, struct peer *, struct err *);
};

static const struct verb verbs[] = {
#define VERB(name, usage, who, on_record, least, most, handler)                \
	{ name, usage, who, on_record, least, most, handler },
#include "policy/verbs.def"
#undef VERB
};

static unsigned int who_asks(const struct server *server,
			     const struct peer *peer)
{
	const struct policy *policy = server_policy(server);

	if (peer->kind == PEER_CONTROL && peer->uid == 0)
		return ROOT;
	if (peer->kind == PEER_CONTROL)
		return policy && policy_operator(policy, peer->uid) ? OPERATOR
								    : 0;
	switch (peer->name.role) {
	case ROLE_RESEARCHER:
		return RESEARCHER;
	case ROLE_REVIEWER:
		return REVIEWER;
	case ROLE_APPROVER:
		return APPROVER;
	case ROLE_AUDITOR:
		return AUDITOR;
	case ROLE_NONE:
	case ROLES:
		break;
	}
	return 0;
}

/* How many words of the command are this verb's name; 0: another verb. */
static unsigned int name_words(const struct words *words, const char *name)
{
	const char *blank = strchr(name, ' ');
	size_t len = blank ? (size_t)(blank - name) : 0;

	if (strcmp(words->word[0], name) == 0)
		return 1;
	if (!blank || words->count < 2)
		return 0;
	return strlen(words->word[0]) == len &&
			       memcmp(words->word[0], name, len) == 0 &&
			       strcmp(words->word[1], blank + 1) == 0
		       ? 2
		       : 0;
}

static const struct verb *find(const struct words *words, unsigned int who,
			       unsigned int *taken, bool *known)
{
	*known = false;
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
		*taken = name_words(words, verbs[i].name);
		if (*taken == 0)
			continue;
		*known = true;
		if (verbs[i].who & who)
			return &verbs[i];
	}
	return NULL;
}

/* Leave the arguments: words after the name, what is too many joined. */
static void keep_arguments(struct words *words, unsigned int taken,
			   unsigned int most)
{
	words->count -= taken;
	memmove(words->word, words->word + taken,
		words->count * sizeof words->word[0]);
	if (most == 0 || words->count <= most)
		return;
	for (unsigned int i = most; i < words->count; i++) {
		char *end = words->word[i] - 1; /* of the word before */

		*end = ' ';
	}
	words->count = most;
}

static void forget_words(struct peer *peer)
{
	free(peer->words);
	peer->words = NULL;
}

void ask_answer(struct server *server, struct peer *peer)
{
	peer->waits = WAITS_NOT;
	forget_words(peer);
	server_answer(server, peer, peer->ask);
}

/* Who did what, in words of ours: the verb's name, and the id of a person or
 * permit where there is one; never what the operator wrote. */
static void record_act(struct server *server, struct peer *peer,
		       enum audit_result result)
{
	const struct policy *policy = server_policy(server);
	const struct operator* op = policy ? policy_operator(policy, peer->uid)
					   : NULL;
	struct audit_record record;

	audit_begin(&record, "admin.act", result);
	snprintf(record.actor, sizeof record.actor, "operator-%.40s",
		 op ? op->name : "unknown");
	audit_text(&record, "verb", peer->verb ? peer->verb->name : "refused");
	audit_number(&record, "uid", peer->uid);
	for (unsigned int i = 0; peer->words && i < peer->words->count; i++) {
		const char *word = peer->words->word[i];
		char actor[ID_SIZE];
		struct err ignored;

		if (policy && policy_permit(policy, word))
			snprintf(record.permit, sizeof record.permit, "%s",
				 word);
		else if (policy && policy_person(policy, word) &&
			 store_actor(&server->store, word, actor, &ignored) ==
				 0)
			audit_text(&record, "subject", actor);
	}
	peer->ref = server_record(server, &record, false);
}

static int run(struct server *server, struct peer *peer, struct err *err)
{
	if (peer->verb->handle(server, peer, err) < 0)
		return -1;
	if (peer->waits == WAITS_NOT) {
		ask_answer(server, peer);
	} else if (peer->waits == WAITS_FILES) {
		forget_words(peer);
		peer->waits = WAITS_NOT;
	}
	return 0;
}

static void refuse(struct server *server, struct peer *peer, bool known)
{
	bool stranger =
		peer->kind == PEER_CONTROL && who_asks(server, peer) == 0;

	result_begin(&server->result, RESULT_ONE, TEXT_ASK_DONE);
	if (stranger)
		result_error(&server->result, RESULT_DENIED, TEXT_ASK_OPERATOR,
			     NULL, NULL, NULL);
	else
		result_error(&server->result,
			     known ? RESULT_DENIED : RESULT_WRONG,
			     known ? TEXT_ASK_MAY_NOT : TEXT_ASK_UNKNOWN,
			     peer->words->word[0], NULL, NULL);
	if (peer->kind == PEER_CONTROL && known)
		record_act(server, peer, AUDIT_DENY);
	ask_answer(server, peer);
}

static void get_word(struct msg *m, struct words *words)
{
	char *at = words->text + words->used;

	msg_get_str(m, at, WORDS_SIZE - words->used);
	words->word[words->count++] = at;
	words->used += strlen(at) + 1;
	if (words->used == WORDS_SIZE)
		m->bad = true;
}

/* The words of an ASK; NULL: malformed. */
static struct words *get_words(struct msg *m)
{
	struct words *words = calloc(1, sizeof *words);
	uint32_t n;

	if (!words)
		die("out of memory");
	get_word(m, words);
	n = msg_get_u32(m);
	for (uint32_t i = 0; i < n && i + 1 < WORDS && !m->bad; i++)
		get_word(m, words);
	if (n < WORDS && msg_done(m))
		return words;
	free(words);
	return NULL;
}

int on_ask(struct server *server, struct peer *peer, struct msg *m,
	   struct err *err)
{
	unsigned int taken;
	bool known;

	peer->ask = m->ref;
	peer->words = get_words(m);
	if (!peer->words) {
		server_drop(server, peer, "malformed ASK");
		return 0;
	}
	peer->verb = find(peer->words, who_asks(server, peer), &taken, &known);
	if (!peer->verb) {
		refuse(server, peer, known);
		return 0;
	}
	keep_arguments(peer->words, taken, peer->verb->most);
	if (peer->words->count < peer->verb->least ||
	    peer->words->count > peer->verb->most) {
		result_begin(&server->result, RESULT_ONE, TEXT_ASK_DONE);
		result_error(&server->result, RESULT_WRONG, TEXT_ASK_USAGE,
			     peer->verb->name, peer->verb->usage, NULL);
		ask_answer(server, peer);
		return 0;
	}
	if (!peer->verb->on_record)
		return run(server, peer, err);
	record_act(server, peer, AUDIT_OK);
	peer->waits = WAITS_VERB;
	return 0;
}

int ask_recorded(struct server *server, struct peer *peer, struct err *err)
{
	/* Its orders would be those of the old policy, and be refused. */
	peer->waits = server->applying.active ? WAITS_POLICY : WAITS_NOT;
	return server->applying.active ? 0 : run(server, peer, err);
}

static int go_on(struct server *server, struct err *err)
{
	for (size_t i = 0; i < server->npeers; i++) {
		struct peer *peer = server->peers[i];

		if (!peer->gone && peer->waits == WAITS_POLICY &&
		    ask_recorded(server, peer, err) < 0)
			return -1;
	}
	return 0;
}

int ask_applied(struct server *server, struct err *err)
{
	for (size_t i = 0; i < server->npeers; i++) {
		struct peer *peer = server->peers[i];

		if (peer->waits != WAITS_APPLY)
			continue;
		verb_applied(server);
		ask_answer(server, peer);
	}
	return go_on(server, err);
}
