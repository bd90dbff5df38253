#include "audit/client.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "gateway/base/visible.h"

/* The reference of audit_write(), which is alone on its link. */
enum { WRITE_REF = 0x77726974 };

void audit_begin(struct audit_record *record, const char *event,
		 enum audit_result result)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char random[16];

	if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
		die("getrandom gave no bytes");
	record->event = event;
	record->result = result;
	memcpy(record->actor, "-", 2);
	memcpy(record->session, "-", 2);
	memcpy(record->permit, "-", 2);
	for (size_t i = 0; i < sizeof random; i++) {
		record->idem[2 * i] = digits[random[i] >> 4];
		record->idem[2 * i + 1] = digits[random[i] & 15];
	}
	record->idem[2 * sizeof random] = '\0';
	record->nfields = 0;
	record->too_many = false;
}

static struct audit_field *add(struct audit_record *record, const char *key)
{
	struct audit_field *field = &record->fields[record->nfields];

	if (record->nfields == AUDIT_FIELDS) {
		record->too_many = true;
		return NULL;
	}
	record->nfields++;
	snprintf(field->key, sizeof field->key, "%s", key);
	return field;
}

void audit_text(struct audit_record *record, const char *key, const char *value)
{
	struct audit_field *field = add(record, key);

	if (!field)
		return;
	field->is_text = true;
	visible_text(field->value, sizeof field->value, value, strlen(value));
}

void audit_number(struct audit_record *record, const char *key, int64_t value)
{
	struct audit_field *field = add(record, key);

	if (!field)
		return;
	field->is_text = false;
	field->number = value;
}

static const char *result_word(enum audit_result result)
{
	switch (result) {
	case AUDIT_OK:
		return "ok";
	case AUDIT_ERROR:
		return "error";
	case AUDIT_DENY:
		break;
	}
	return "deny";
}

static void put_fields(struct msg *m, const struct audit_record *record)
{
	msg_put_u32(m, record->nfields);
	for (unsigned int i = 0; i < record->nfields; i++) {
		const struct audit_field *field = &record->fields[i];

		msg_put_str(m, field->key);
		msg_put_u8(m, field->is_text ? AUDIT_KIND_TEXT
					     : AUDIT_KIND_NUMBER);
		if (field->is_text)
			msg_put_str(m, field->value);
		else
			msg_put_u64(m, (uint64_t)field->number);
	}
}

int audit_put(struct msg *m, uint32_t ref, const struct audit_record *record,
	      const struct msg *order, struct err *err)
{
	if (record->too_many)
		return err_set(err, "record %s: more than %d fields",
			       record->event, AUDIT_FIELDS);
	msg_start(m, MSG_RECORD, ref);
	msg_put_str(m, record->event);
	msg_put_str(m, result_word(record->result));
	msg_put_str(m, record->actor);
	msg_put_str(m, record->session);
	msg_put_str(m, record->permit);
	msg_put_str(m, record->idem);
	put_fields(m, record);
	if (order && (order->bad || order->nfds > 0))
		return err_set(err, "record %s: malformed order",
			       record->event);
	msg_put_bytes(m, order ? order->data : NULL, order ? order->len : 0);
	if (m->bad)
		return err_set(err, "record %s: too long", record->event);
	return 0;
}

int audit_send(int link, uint32_t ref, const struct audit_record *record,
	       const struct msg *order, struct err *err)
{
	static struct msg m; /* large; each process has one thread */

	if (audit_put(&m, ref, record, order, err) < 0)
		return -1;
	if (msg_send(link, &m, err) < 0)
		return err_within(err, "record %s", record->event);
	return 0;
}

int audit_recorded(struct msg *m,
		   struct audit_answer answers[static AUDIT_ANSWERS])
{
	int n = 0;

	if (m->type != MSG_RECORDED)
		return -1;
	answers[n++] = (struct audit_answer){ m->ref, msg_get_u64(m) };
	while (!m->bad && m->pos < m->len && n < AUDIT_ANSWERS) {
		answers[n].ref = msg_get_u32(m);
		answers[n++].index = msg_get_u64(m);
	}
	return msg_done(m) ? n : -1;
}

/* Wait without a limit: durable before effect, however slow the disk is. */
static int wait_answer(int link, struct msg *m, struct err *err)
{
	struct pollfd wait = { .fd = link, .events = POLLIN };

	for (;;) {
		if (poll(&wait, 1, -1) < 0) {
			if (errno == EINTR)
				continue;
			return err_sys(err, "poll");
		}
		int got = msg_receive(link, m, err);
		if (got != 0)
			return got < 0 ? -1 : 0;
		if (errno != EAGAIN)
			return err_set(err, "audit is gone");
	}
}

static int refused(struct msg *m, struct err *err)
{
	char why[256];

	msg_get_str(m, why, sizeof why);
	return err_set(err, "audit refused: %s", why);
}

static int read_answer(struct msg *m, uint64_t *index, struct err *err)
{
	if (m->type == MSG_REFUSED)
		return refused(m, err);
	*index = msg_get_u64(m);
	if (m->type != MSG_RECORDED || m->ref != WRITE_REF || !msg_done(m))
		return err_set(err, "unexpected %s from audit",
			       msg_name(m->type));
	return 0;
}

int audit_write(int link, const struct audit_record *record, uint64_t *index,
		struct err *err)
{
	static struct msg m;
	uint64_t at = 0;

	if (audit_send(link, WRITE_REF, record, NULL, err) < 0)
		return -1;
	if (wait_answer(link, &m, err) < 0)
		return err_within(err, "record %s", record->event);
	int done = read_answer(&m, &at, err);
	msg_clear(&m);
	if (done < 0)
		return err_within(err, "record %s", record->event);
	if (index)
		*index = at;
	return 0;
}

int audit_ask_proof(int link, uint32_t ref, uint64_t index, struct err *err)
{
	static struct msg m;

	msg_start(&m, MSG_PROVE, ref);
	msg_put_u64(&m, index);
	return msg_send(link, &m, err);
}

/* A copy with a NUL behind it, or NULL. */
static char *copy(const uint8_t *bytes, size_t len)
{
	char *text = bytes ? malloc(len + 1) : NULL;

	if (!text)
		return NULL;
	memcpy(text, bytes, len);
	text[len] = '\0';
	return text;
}

int audit_read_proof(struct msg *m, struct audit_proof *proof, struct err *err)
{
	memset(proof, 0, sizeof *proof);
	if (m->type == MSG_REFUSED)
		return refused(m, err);
	const uint8_t *entry = msg_get_bytes(m, &proof->entry_len);
	const uint8_t *text = msg_get_bytes(m, &proof->text_len);
	if (m->type != MSG_PROOF || !msg_done(m))
		return err_set(err, "unexpected %s from audit",
			       msg_name(m->type));
	proof->entry = copy(entry, proof->entry_len);
	proof->text = copy(text, proof->text_len);
	if (proof->entry && proof->text)
		return 0;
	audit_proof_clear(proof);
	return err_set(err, "out of memory");
}

void audit_proof_clear(struct audit_proof *proof)
{
	free(proof->entry);
	free(proof->text);
	memset(proof, 0, sizeof *proof);
}

int audit_prove(int link, uint64_t index, struct audit_proof *proof,
		struct err *err)
{
	static struct msg m;

	memset(proof, 0, sizeof *proof);
	if (audit_ask_proof(link, WRITE_REF, index, err) < 0 ||
	    wait_answer(link, &m, err) < 0)
		return err_within(err, "the proof of entry %" PRIu64, index);
	int done = audit_read_proof(&m, proof, err);
	msg_clear(&m);
	return done < 0 ? err_within(err, "the proof of entry %" PRIu64, index)
			: 0;
}
