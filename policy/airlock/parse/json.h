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
	JSON_IN_VALUE = 0, /* a value must come */
	JSON_IN_FIRST,	   /* after '[': a value or ']' */
	JSON_IN_FIRST_KEY, /* after '{': a key or '}' */
	JSON_IN_KEY,	   /* after ',' in an object */
	JSON_IN_COLON,
	JSON_IN_AFTER, /* after a value: ',' or an end */
	JSON_IN_STRING,
	JSON_IN_ESCAPE,
	JSON_IN_HEX,
	JSON_IN_NUMBER,
	JSON_IN_WORD,
	JSON_IN_DONE, /* the document is complete */
	JSON_IN_BROKEN,
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
