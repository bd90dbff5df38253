/*
 * record - one entry of the log as its canonical line, written and read.
 *
 * docs/audit-format.md says what each field means. Lines that are read may
 * come from an enemy.
 */
#ifndef AUDIT_RECORD_H
#define AUDIT_RECORD_H

#include "audit/canonical.h"
#include "audit/client.h"
#include "audit/hash.h"

enum { RECORD_BOOT = 32 }; /* hex digits */

struct record {
	uint64_t index;
	struct hash previous;
	int64_t time, mono; /* microseconds */
	const char *actor, *boot, *event, *idem, *permit, *result, *session,
		*writer;
	const char *order_sha256; /* NULL: no order */
	const struct audit_field *fields;
	unsigned int nfields;
};

/*
 * Write the line without its LF. Returns its length, or -1 and err: too long,
 * a key that is malformed, reserved or given twice, a number beyond 2^53-1,
 * text that is not UTF-8.
 */
long record_build(char *out, size_t size, const struct record *record,
		  struct err *err);

/* Is it the key of a field that audit writes itself? */
bool record_key_reserved(const char *key);

/* What a reader needs of a line; the views point into the line. */
struct record_view {
	uint64_t index;
	struct hash previous;
	int64_t time;
	struct canonical line;
	struct hash order; /* of order_sha256; zero: it carried no order */
	const struct canonical_field *boot, *event, *idem, *session, *writer;
};

/* 0, or -1 and err: not canonical, or a standard field is missing or not what
 * it has to be. */
int record_read(struct record_view *view, const char *bytes, size_t len,
		struct err *err);

/* A string field without its escapes. The length, or -1: no room. */
long record_text(const struct canonical_field *field, char *out, size_t size);

/* Is the string field exactly this text (which needs no escapes)? */
bool record_field_is(const struct canonical_field *field, const char *text);

#endif
