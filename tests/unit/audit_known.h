/*
 * audit_known - the known answers in tests/cases/audit-vectors.json.
 */
#ifndef TESTS_UNIT_AUDIT_KNOWN_H
#define TESTS_UNIT_AUDIT_KNOWN_H

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/hash.h"
#include "tests/unit/tap.h"

/* A part of the file by its path, "a.b"; integers come as reals, because some
 * are beyond 2^63. */
static inline json_t *part(const char *path)
{
	static json_t *all;
	json_error_t error;
	char key[64];

	if (!all) {
		all = json_load_file("tests/cases/audit-vectors.json",
				     JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL,
				     &error);
		CHECK(all != NULL);
	}
	json_t *at = all;
	while (*path) {
		size_t n = strcspn(path, ".");

		snprintf(key, sizeof key, "%.*s", (int)n, path);
		at = json_object_get(at, key);
		CHECK(at != NULL);
		path += n + (path[n] == '.');
	}
	return at;
}

static inline uint64_t number(const json_t *object, const char *key)
{
	double value = json_real_value(json_object_get(object, key));

	return value >= 18446744073709551615.0 ? UINT64_MAX : (uint64_t)value;
}

static inline const char *string(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static inline const char *hex(const struct hash *hash)
{
	static char out[HASH_HEX_SIZE];

	hash_hex(out, hash);
	return out;
}

static inline size_t from_hex(uint8_t *out, const char *text)
{
	size_t n = strlen(text) / 2;
	unsigned int byte;

	for (size_t i = 0; i < n; i++) {
		CHECK(sscanf(text + 2 * i, "%2x", &byte) == 1);
		out[i] = (uint8_t)byte;
	}
	return n;
}

#endif
