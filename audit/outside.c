/*
 * outside - see outside.h.
 */
#include "audit/outside.h"

#include <string.h>
#include <time.h>

#include "audit/nodes.h"

static enum outside on_head(struct ledger *ledger, struct msg *m,
			    struct msg *answer, struct err *err)
{
	const char *note = ledger->publisher.note;

	if (!msg_done(m)) {
		err_set(err, "malformed ASK_HEAD");
		return OUTSIDE_REFUSED;
	}
	msg_start(answer, MSG_HEAD, m->ref);
	msg_put_bytes(answer, note, strlen(note));
	return OUTSIDE_ANSWER;
}

static int find_proof(struct ledger *ledger, uint64_t old, uint64_t size,
		      struct proof *proof, struct err *err)
{
	struct hasher *hasher = &ledger->journal.hasher;
	struct nodes nodes;

	proof->n = 0;
	if (old == 0 || old == size)
		return 0;
	if (nodes_open(&nodes, ledger->journal.tiles.dir, hasher, err) < 0)
		return -1;
	struct proof_source source = nodes_source(&nodes);
	int done = proof_consistency(&source, hasher, old, size, proof);
	nodes_close(&nodes);
	return done < 0 ? err_set(err, "hash tiles are missing") : 0;
}

static enum outside on_growth(struct ledger *ledger, struct msg *m,
			      struct msg *answer, struct err *err)
{
	uint64_t old = msg_get_u64(m), size = msg_get_u64(m);
	struct proof proof;

	if (!msg_done(m) || old > size ||
	    size > ledger->publisher.last.head.size) {
		err_set(err, "a question for a proof that cannot be");
		return OUTSIDE_REFUSED;
	}
	if (find_proof(ledger, old, size, &proof, err) < 0)
		return OUTSIDE_STOP;
	msg_start(answer, MSG_GROWTH, m->ref);
	msg_put_u32(answer, proof.n);
	for (unsigned int i = 0; i < proof.n; i++)
		msg_put_bytes(answer, proof.hashes[i].bytes, HASH_SIZE);
	return OUTSIDE_ANSWER;
}

static enum outside keep(struct ledger *ledger, struct msg *m,
			 const struct publish_said *said, struct err *err)
{
	struct timespec now;

	if (!msg_done(m)) {
		err_set(err, "malformed %s", msg_name(m->type));
		return OUTSIDE_REFUSED;
	}
	if (clock_gettime(CLOCK_REALTIME, &now) < 0) {
		err_sys(err, "read the clock");
		return OUTSIDE_STOP;
	}
	int done = publish_said(
		&ledger->publisher, said,
		(int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000, err);
	if (done < 0)
		return OUTSIDE_STOP;
	if (done > 0 && !said->token)
		vouch_look(&ledger->vouch, said->note, said->len,
			   (uint64_t)now.tv_sec);
	return done > 0 ? OUTSIDE_DONE : OUTSIDE_REFUSED;
}

static enum outside on_cosigned(struct ledger *ledger, struct msg *m,
				struct msg *answer, struct err *err)
{
	struct publish_said said = { 0 };

	(void)answer;
	said.note = (const char *)msg_get_bytes(m, &said.len);
	return keep(ledger, m, &said, err);
}

static enum outside on_stamped(struct ledger *ledger, struct msg *m,
			       struct msg *answer, struct err *err)
{
	struct publish_said said = { 0 };

	(void)answer;
	said.note = (const char *)msg_get_bytes(m, &said.len);
	said.token = msg_get_bytes(m, &said.token_len);
	return keep(ledger, m, &said, err);
}

static const struct {
	enum msg_type type;
	enum outside (*hear)(struct ledger *ledger, struct msg *m,
			     struct msg *answer, struct err *err);
} table[] = {
	{ MSG_ASK_HEAD, on_head },
	{ MSG_ASK_GROWTH, on_growth },
	{ MSG_COSIGNED, on_cosigned },
	{ MSG_STAMPED, on_stamped },
};

bool outside_takes(unsigned int type)
{
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (table[i].type == type)
			return true;
	return false;
}

enum outside outside_hear(struct ledger *ledger, const char *writer,
			  struct msg *m, struct msg *answer, struct err *err)
{
	if (strcmp(writer, "anchor") != 0) {
		err_set(err, "a question that it may not ask");
		return OUTSIDE_REFUSED;
	}
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (table[i].type == m->type)
			return table[i].hear(ledger, m, answer, err);
	die("not a message of anchor's");
}
