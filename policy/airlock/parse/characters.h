/*
 * characters - is this text that a reader sees as it is?
 *
 * A stream of bytes in, faults out: what is not UTF-8, controls, direction
 * and invisible characters, parts of archives. Keeps a few bytes, whatever
 * comes.
 */
#ifndef POLICY_AIRLOCK_PARSE_CHARACTERS_H
#define POLICY_AIRLOCK_PARSE_CHARACTERS_H

#include "policy/airlock/parse/faults.h"

struct characters {
	struct faults *faults;
	uint32_t line, column; /* of the byte before, from 1 */
	uint32_t last;	       /* the last four bytes */
	bool not_utf8, not_cp932;
	bool cp932_lead;    /* the first of two bytes came */
	bool carriage;	    /* a CR came; LF must follow */
	uint8_t partial[4]; /* a character that has begun */
	size_t have;
};

void characters_init(struct characters *c, struct faults *faults);
void characters_feed(struct characters *c, const uint8_t *bytes, size_t len);
void characters_end(struct characters *c);

#endif
