#include "audit/intake.h"

#include <stdio.h>
#include <string.h>

#include "gateway/base/plan.h"

/* A name, "-" for none. */
static bool name_valid(const char *name)
{
	return strcmp(name, "-") == 0 || id_valid(name);
}

static bool fixed_valid(const char *name)
{
	return strcmp(name, "*") == 0 || name_valid(name);
}

int intake_writer(struct msg *m, struct intake_writer *writer, int *fd,
		  struct err *err)
{
	msg_get_str(m, writer->name, sizeof writer->name);
	msg_get_str(m, writer->actor, sizeof writer->actor);
	msg_get_str(m, writer->session, sizeof writer->session);
	msg_get_str(m, writer->permit, sizeof writer->permit);
	*fd = msg_get_fd(m);
	if (!msg_done(m) || !id_valid(writer->name) ||
	    !fixed_valid(writer->actor) || !fixed_valid(writer->session) ||
	    !fixed_valid(writer->permit))
		return err_set(err, "malformed WRITER");
	return 0;
}

/* What the link says stands; only "*" lets the record say it. */
static int read_name(struct msg *m, const char *fixed,
		     char out[static INTAKE_ID])
{
	msg_get_str(m, out, INTAKE_ID);
	if (strcmp(fixed, "*") != 0) {
		snprintf(out, INTAKE_ID, "%s", fixed);
		return 0;
	}
	return name_valid(out) ? 0 : -1;
}

static void read_field(struct msg *m, struct audit_field *field)
{
	msg_get_str(m, field->key, sizeof field->key);
	uint8_t kind = msg_get_u8(m);
	field->is_text = kind == AUDIT_KIND_TEXT;
	field->number = 0;
	field->value[0] = '\0';
	if (field->is_text)
		msg_get_str(m, field->value, sizeof field->value);
	else
		field->number = (int64_t)msg_get_u64(m);
	if (kind != AUDIT_KIND_TEXT && kind != AUDIT_KIND_NUMBER)
		m->bad = true;
}

static int check_order(const struct intake *intake,
		       const struct intake_writer *writer, struct err *err)
{
	if (intake->order_len == 0)
		return 0;
	if (!event_writer_orders(writer->name))
		return err_set(err, "%s may not give orders", writer->name);
	if (strcmp(intake->result, "ok") != 0)
		return err_set(err, "an order with result %s", intake->result);
	return 0;
}

int intake_read(struct msg *m, const struct intake_writer *writer,
		struct intake *intake, struct err *err)
{
	char event[64];

	if (m->type != MSG_RECORD)
		return err_set(err, "sent %s", msg_name(m->type));
	intake->ref = m->ref;
	msg_get_str(m, event, sizeof event);
	msg_get_str(m, intake->result, sizeof intake->result);
	bool named = read_name(m, writer->actor, intake->actor) == 0 &&
		     read_name(m, writer->session, intake->session) == 0 &&
		     read_name(m, writer->permit, intake->permit) == 0;
	msg_get_str(m, intake->idem, sizeof intake->idem);
	intake->nfields = msg_get_u32(m);
	for (unsigned int i = 0; i < intake->nfields && !m->bad; i++) {
		if (i == AUDIT_FIELDS)
			return err_set(err, "too many fields");
		read_field(m, &intake->fields[i]);
	}
	intake->order = msg_get_bytes(m, &intake->order_len);
	if (!msg_done(m) || !named || !id_valid(intake->idem))
		return err_set(err, "malformed RECORD");
	if (strcmp(intake->result, "ok") != 0 &&
	    strcmp(intake->result, "deny") != 0 &&
	    strcmp(intake->result, "error") != 0)
		return err_set(err, "a result that is none");
	intake->event = event_find(event);
	if (!intake->event || !event_allowed(intake->event, writer->name))
		return err_set(err, "%s is not an event of %s", event,
			       writer->name);
	return check_order(intake, writer, err);
}
