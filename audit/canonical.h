/*
 * canonical - read one line of the log's JSON, strictly.
 *
 * The profile is a subset of RFC 8785 in which each value has one spelling:
 * an object with keys [a-z0-9_]{1,32} in ascending order; strings, integers up
 * to 2^53-1, true, false, objects, arrays; depth at most 4; no white space, no
 * null, no float. Anything else is refused, never repaired. The bytes may come
 * from an enemy.
 */
#ifndef AUDIT_CANONICAL_H
#define AUDIT_CANONICAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	CANONICAL_MAX = 65535, /* bytes of one line without its LF */
	CANONICAL_DEPTH = 4,
	CANONICAL_KEY = 32,
	CANONICAL_FIELDS = 64, /* of the outermost object */
	CANONICAL_EXPECTED = 16
};

#define CANONICAL_INTEGER_MAX INT64_C(9007199254740991)

enum canonical_kind {
	CANONICAL_NONE = 0,
	CANONICAL_STRING, /* value: between the quotes, still escaped */
	CANONICAL_INTEGER,
	CANONICAL_TRUE,
	CANONICAL_FALSE,
	CANONICAL_OBJECT,
	CANONICAL_ARRAY
};

/* Views into the line. */
struct canonical_field {
	const char *key, *value;
	size_t key_len, len;
	enum canonical_kind kind;
	int64_t number; /* of an integer */
};

/* Keys of at most seven bytes, ascending, that the outermost object ought to
 * have: tried first, which is faster, and found at once. */
struct canonical_expected {
	unsigned int n; /* at most CANONICAL_EXPECTED */
	struct canonical_key {
		char text[8]; /* with the closing quote, then zeroes */
		size_t len;   /* without it */
	} keys[CANONICAL_EXPECTED];
};

#define CANONICAL_KEY_OF(key)                                                  \
	{                                                                      \
		key "\"", sizeof(key) - 1                                      \
	}

struct canonical {
	unsigned int nfields;
	struct canonical_field fields[CANONICAL_FIELDS];
	/* Of the expected ones; NULL: not there, or not met in its order. */
	const struct canonical_field *found[CANONICAL_EXPECTED];
	const char *why; /* after a refusal: what is wrong ... */
	size_t at;	 /* ... at which byte, from 0 */
};

/* 0, or -1 and why, at. The fields are valid as long as the line is. */
int canonical_scan(struct canonical *line, const char *bytes, size_t len);

int canonical_scan_expecting(struct canonical *line,
			     const struct canonical_expected *expected,
			     const char *bytes, size_t len);

/* The same for an object that is no line of the log: at most max bytes. */
int canonical_scan_upto(struct canonical *object, const char *bytes, size_t len,
			size_t max);

/* The item of an array that was scanned at *at, 0 to begin with; a view into
 * it, without a key. False: no more. */
bool canonical_next(const struct canonical_field *array, size_t *at,
		    struct canonical_field *item);

/* The field of that name, or NULL. */
const struct canonical_field *canonical_find(const struct canonical *line,
					     const char *key);

/*
 * Write text as a string's inside, escaped as RFC 8785 says, to out[0..size).
 * The length, or -1: no room, not UTF-8, or a NUL inside.
 */
long canonical_escape(char *out, size_t size, const char *text, size_t len);

/* The reverse, for a value that canonical_scan() accepted; adds a NUL. The
 * length without it, or -1: no room. */
long canonical_unescape(char *out, size_t size, const char *value, size_t len);

bool canonical_key_valid(const char *key, size_t len);

#endif
