/*
 * terms - what can be looked up of one segment: for each term the places of
 * the entries that have it. For the index of a search; bounded by the segment.
 */
#ifndef AUDIT_SEARCH_TERMS_H
#define AUDIT_SEARCH_TERMS_H

#include "audit/query.h"
#include "audit/segment.h"

enum { TERMS_KEY = QUERY_VALUE + 16 }; /* "session=s-12", NUL included */

struct terms_one {
	char key[TERMS_KEY];
	uint32_t n, room;
	uint16_t *places; /* ascending, in the segment */
};

struct terms {
	uint32_t n, room;
	struct terms_one *all;
	uint32_t *slots; /* of a hash table of twice the room: number + 1 */
	bool failed;	 /* no memory */
};

/* Empty it; terms that was zeroed is empty. */
void terms_clear(struct terms *terms);

/* Add what the record at that place is found by. 0, or -1: no memory. */
int terms_add(struct terms *terms, const struct record_view *record,
	      uint16_t place);

/* "name=value" as a key; an empty one if the value is too long to be asked
 * for. */
void terms_key(char key[static TERMS_KEY], enum query_term term,
	       const char *value, size_t len);

#endif
