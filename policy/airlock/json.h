/*
 * json - write canonical JSON into a bounded text.
 *
 * The profile of the log (docs/audit-format.md): no white space, keys in
 * ascending order (the caller's duty), strings, integers, objects, arrays.
 */
#ifndef POLICY_AIRLOCK_JSON_H
#define POLICY_AIRLOCK_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json {
	char *out;
	size_t size, used;
	bool cut;   /* it did not fit; out is then of no use */
	bool comma; /* a value stands before the next one */
};

/* out: the caller's, size bytes, at least 1; always ends with NUL. */
void json_begin(struct json *json, char *out, size_t size);

/* '{' '}' '[' ']' */
void json_open(struct json *json, char bracket);
void json_close(struct json *json, char bracket);

/* A key of ours: [a-z0-9_]. */
void json_key(struct json *json, const char *key);
/* UTF-8 without control characters. */
void json_text(struct json *json, const char *text);
void json_number(struct json *json, int64_t number);

#endif
