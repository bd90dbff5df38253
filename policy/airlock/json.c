/*
 * json - canonical JSON, one spelling for each value.
 *
 * Runs in sekisho-policy. Names of files pass through here: what would end a
 * string is escaped, control characters too.
 */
#include "policy/airlock/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void json_begin(struct json *json, char *out, size_t size)
{
	*json = (struct json){ .out = out, .size = size };
	out[0] = '\0';
}

static void put(struct json *json, const char *bytes, size_t len)
{
	if (json->cut || len >= json->size - json->used) {
		json->cut = true;
		return;
	}
	memcpy(json->out + json->used, bytes, len);
	json->used += len;
	json->out[json->used] = '\0';
}

static void value(struct json *json)
{
	if (json->comma)
		put(json, ",", 1);
	json->comma = true;
}

void json_open(struct json *json, char bracket)
{
	value(json);
	put(json, &bracket, 1);
	json->comma = false;
}

void json_close(struct json *json, char bracket)
{
	put(json, &bracket, 1);
	json->comma = true;
}

static void string(struct json *json, const char *text)
{
	put(json, "\"", 1);
	for (; *text; text++) {
		char escaped[8];

		if (*text == '"' || *text == '\\') {
			snprintf(escaped, sizeof escaped, "\\%c", *text);
			put(json, escaped, 2);
		} else if ((unsigned char)*text < 0x20) {
			snprintf(escaped, sizeof escaped, "\\u%04x",
				 (unsigned int)*text);
			put(json, escaped, 6);
		} else {
			put(json, text, 1);
		}
	}
	put(json, "\"", 1);
}

void json_key(struct json *json, const char *key)
{
	value(json);
	string(json, key);
	put(json, ":", 1);
	json->comma = false;
}

void json_text(struct json *json, const char *text)
{
	value(json);
	string(json, text);
}

void json_number(struct json *json, int64_t number)
{
	char digits[24];
	int n = snprintf(digits, sizeof digits, "%" PRId64, number);

	value(json);
	put(json, digits, (size_t)n);
}
