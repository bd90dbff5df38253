/*
 * link - see link.h. Runs in sekisho-anchor; audit is trusted.
 */
#include "audit/cosign/link.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "audit/client.h"

enum { PATIENCE_MS = 30000 };

/* One message. 1; 0: nothing in ms; -1. */
static int hear(int audit, struct msg *m, int ms, struct err *err)
{
	struct pollfd p = { .fd = audit, .events = POLLIN };
	int ready = poll(&p, 1, ms);

	if (ready < 0 && errno != EINTR)
		return err_sys(err, "poll");
	if (ready <= 0)
		return 0;
	int got = msg_receive(audit, m, err);
	if (got == 0)
		return err_set(err, "audit is gone");
	if (got > 0 && m->type == MSG_REFUSED) {
		char why[200];

		msg_get_str(m, why, sizeof why);
		return err_set(err, "audit refused: %s", why);
	}
	return got;
}

/* Wait for the answer to a question. */
static int answer(int audit, struct msg *m, enum msg_type wanted,
		  struct err *err)
{
	for (;;) {
		int got = hear(audit, m, PATIENCE_MS, err);

		if (got < 0)
			return -1;
		if (got == 0)
			return err_set(err, "audit does not answer");
		if (m->type == wanted)
			return 0;
		if (m->type != MSG_RECORDED)
			return err_set(err, "unexpected %s from audit",
				       msg_name(m->type));
	}
}

int link_head(int audit, char note[static CHECKPOINT_NOTE], size_t *len,
	      struct err *err)
{
	static struct msg m;

	msg_start(&m, MSG_ASK_HEAD, 0);
	if (msg_send(audit, &m, err) < 0 ||
	    answer(audit, &m, MSG_HEAD, err) < 0)
		return -1;
	const uint8_t *bytes = msg_get_bytes(&m, len);
	if (!msg_done(&m) || *len >= CHECKPOINT_NOTE)
		return err_set(err, "malformed HEAD");
	memcpy(note, bytes, *len);
	note[*len] = '\0';
	return 0;
}

int link_growth(int audit, uint64_t old, uint64_t size, struct proof *proof,
		struct err *err)
{
	static struct msg m;
	size_t len;

	proof->n = 0;
	msg_start(&m, MSG_ASK_GROWTH, 0);
	msg_put_u64(&m, old);
	msg_put_u64(&m, size);
	if (msg_send(audit, &m, err) < 0 ||
	    answer(audit, &m, MSG_GROWTH, err) < 0)
		return -1;
	uint32_t n = msg_get_u32(&m);
	for (uint32_t i = 0; i < n && !m.bad; i++) {
		const uint8_t *bytes = msg_get_bytes(&m, &len);

		if (m.bad || len != HASH_SIZE || i == SUBMISSION_PROOF)
			return err_set(err, "malformed GROWTH");
		memcpy(proof->hashes[i].bytes, bytes, HASH_SIZE);
	}
	proof->n = n;
	return msg_done(&m) ? 0 : err_set(err, "malformed GROWTH");
}

int link_said(int audit, const struct link_said *said, struct err *err)
{
	static struct msg m;

	msg_start(&m, said->token ? MSG_STAMPED : MSG_COSIGNED, 0);
	msg_put_bytes(&m, said->note, said->len);
	if (said->token)
		msg_put_bytes(&m, said->token, said->token_len);
	return msg_send(audit, &m, err);
}

int link_tell(int audit, const struct link_told *told, struct err *err)
{
	struct audit_record record;

	audit_begin(&record, "log.anchor",
		    reason_good(told->reason) ? AUDIT_OK : AUDIT_ERROR);
	audit_text(&record, "reason", reason_word(told->reason));
	audit_number(&record, "size", (int64_t)told->size);
	if (told->witness[0])
		audit_text(&record, "witness", told->witness);
	if (told->witnesses > 0) {
		audit_number(&record, "cosigned", told->cosigned);
		audit_number(&record, "witnesses", told->witnesses);
	}
	return audit_send(audit, 1, &record, NULL, err);
}

int link_drain(int audit, struct err *err)
{
	static struct msg m;
	int got;

	while ((got = hear(audit, &m, 0, err)) > 0)
		if (m.type != MSG_RECORDED)
			return err_set(err, "unexpected %s from audit",
				       msg_name(m.type));
	return got;
}
