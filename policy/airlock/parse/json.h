/*
 * json - is this one well-formed JSON document (RFC 8259) and nothing else?
 *
 * A stream of bytes in, faults out; nesting is kept in bits.
 */
#ifndef POLICY_AIRLOCK_PARSE_JSON_H
#define POLICY_AIRLOCK_PARSE_JSON_H

#include "policy/airlock/parse/faults.h"

enum { JSON_DEPTH = 64 };

enum json_state {
	JSON_VALUE = 0, /* a value must come */
	JSON_FIRST,	/* after '[': a value or ']' */
	JSON_FIRST_KEY, /* after '{': a key or '}' */
	JSON_KEY,	/* after ',' in an object */
	JSON_COLON,
	JSON_AFTER, /* after a value: ',' or an end */
	JSON_STRING,
	JSON_ESCAPE,
	JSON_HEX,
	JSON_NUMBER,
	JSON_WORD,
	JSON_DONE, /* the document is complete */
	JSON_BROKEN,
};

struct json {
	struct faults *faults;
	enum json_state state;
	bool is_key;	  /* the string is an object's key */
	uint64_t objects; /* bit i: level i is an object */
	unsigned int depth, hex;
	const char *word; /* the rest of true, false, null */
	uint8_t number;	  /* where in a number (json.c) */
	uint32_t line;
};

void json_init(struct json *j, struct faults *faults);
void json_feed(struct json *j, const uint8_t *bytes, size_t len);
void json_end(struct json *j);

#endif
