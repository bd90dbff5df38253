/*
 * intake - one RECORD of a writer, read and judged before anything is written.
 *
 * Writers are not trusted: who they are was fixed when the supervisor made the
 * link, and what they say is checked against it here, in one place.
 */
#ifndef AUDIT_INTAKE_H
#define AUDIT_INTAKE_H

#include "audit/client.h"
#include "audit/events.h"

enum { INTAKE_ID = 64 };

/* Who is at the other end of a link; "*": the record names it. */
struct intake_writer {
	char name[32];
	char actor[INTAKE_ID], session[INTAKE_ID], permit[INTAKE_ID];
};

/* WRITER of the supervisor, and the link's descriptor. 0 or -1: malformed. */
int intake_writer(struct msg *m, struct intake_writer *writer, int *fd,
		  struct err *err);

struct intake {
	const struct event *event;
	uint32_t ref;
	char result[8], actor[INTAKE_ID], session[INTAKE_ID], permit[INTAKE_ID],
		idem[40];
	unsigned int nfields;
	struct audit_field fields[AUDIT_FIELDS];
	const uint8_t *order; /* points into the message */
	size_t order_len;     /* 0: none */
};

/* 0; or -1 and err: the writer broke a rule. */
int intake_read(struct msg *m, const struct intake_writer *writer,
		struct intake *intake, struct err *err);

#endif
