/* links: audit gateway/base; -lcrypto */
/*
 * record - a RECORD of any bytes is refused, or becomes a line that the reader
 * accepts, with just the fields that came. The answer to it, too, may be any
 * bytes.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "audit/intake.h"
#include "audit/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void same(const struct canonical *line, const struct audit_field *field)
{
	const struct canonical_field *there = canonical_find(line, field->key);
	char text[sizeof field->value];

	if (!there)
		abort();
	if (!field->is_text && there->number != field->number)
		abort();
	if (field->is_text && (record_text(there, text, sizeof text) < 0 ||
			       strcmp(text, field->value) != 0))
		abort();
}

static void build(const struct intake *intake)
{
	static struct record_view view;
	static char line[CANONICAL_MAX];
	struct record record = { .index = 1,
				 .time = 1790000000000000,
				 .actor = intake->actor,
				 .boot = "00112233445566778899aabbccddeeff",
				 .event = intake->event->name,
				 .idem = intake->idem,
				 .permit = intake->permit,
				 .result = intake->result,
				 .session = intake->session,
				 .writer = "policy",
				 .fields = intake->fields,
				 .nfields = intake->nfields };
	struct err err;
	long len = record_build(line, sizeof line, &record, &err);

	if (len < 0)
		return;
	if (record_read(&view, line, (size_t)len, &err) < 0)
		abort();
	for (unsigned int i = 0; i < intake->nfields; i++)
		same(&view.line, &intake->fields[i]);
}

/* The message with these bytes behind its header. */
static void receive(struct msg *m, enum msg_type type, const uint8_t *data,
		    size_t size)
{
	msg_start(m, type, 1);
	memcpy(m->data + MSG_HEADER, data, size);
	m->len = MSG_HEADER + size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct intake_writer who = { "policy", "*", "*", "*" };
	struct audit_answer answers[AUDIT_ANSWERS];
	static struct intake intake;
	static struct msg m;
	struct err err;

	if (size > MSG_MAX - MSG_HEADER)
		return 0;
	receive(&m, MSG_RECORDED, data, size);
	if (audit_recorded(&m, answers) > AUDIT_ANSWERS)
		abort();
	receive(&m, MSG_RECORD, data, size);
	if (intake_read(&m, &who, &intake, &err) == 0)
		build(&intake);
	return 0;
}
