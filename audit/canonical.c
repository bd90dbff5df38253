#include "audit/canonical.h"

#include <string.h>

#include "audit/canonical_bytes.h"
#include "gateway/base/visible.h"

struct scan {
	const unsigned char *start, *pos, *end;
	const char *why;
	const struct canonical_expected *expected; /* NULL: nothing */
	unsigned int next;			   /* of them */
};

static int refuse(struct scan *s, const char *why)
{
	if (!s->why)
		s->why = why;
	return -1;
}

static int expect(struct scan *s, char c, const char *why)
{
	if (s->pos == s->end || *s->pos != (unsigned char)c)
		return refuse(s, why);
	s->pos++;
	return 0;
}

static bool next_is(const struct scan *s, char c)
{
	return s->pos < s->end && *s->pos == (unsigned char)c;
}

/* What a byte may be part of: a key, an integer. */
enum { KEY = 1, DIGIT = 2 };

static const uint8_t classes[256] = {
	['0'] = KEY | DIGIT, ['1'] = KEY | DIGIT, ['2'] = KEY | DIGIT,
	['3'] = KEY | DIGIT, ['4'] = KEY | DIGIT, ['5'] = KEY | DIGIT,
	['6'] = KEY | DIGIT, ['7'] = KEY | DIGIT, ['8'] = KEY | DIGIT,
	['9'] = KEY | DIGIT, ['_'] = KEY,	  ['a'] = KEY,
	['b'] = KEY,	     ['c'] = KEY,	  ['d'] = KEY,
	['e'] = KEY,	     ['f'] = KEY,	  ['g'] = KEY,
	['h'] = KEY,	     ['i'] = KEY,	  ['j'] = KEY,
	['k'] = KEY,	     ['l'] = KEY,	  ['m'] = KEY,
	['n'] = KEY,	     ['o'] = KEY,	  ['p'] = KEY,
	['q'] = KEY,	     ['r'] = KEY,	  ['s'] = KEY,
	['t'] = KEY,	     ['u'] = KEY,	  ['v'] = KEY,
	['w'] = KEY,	     ['x'] = KEY,	  ['y'] = KEY,
	['z'] = KEY,
};

/* How many bytes from p on are of the class. */
static size_t run_of(const unsigned char *p, const unsigned char *end,
		     uint8_t class)
{
	const unsigned char *first = p;

	while (p < end && classes[*p] & class)
		p++;
	return (size_t)(p - first);
}

bool canonical_key_valid(const char *key, size_t len)
{
	const unsigned char *p = (const unsigned char *)key;

	return len >= 1 && len <= CANONICAL_KEY &&
	       run_of(p, p + len, KEY) == len;
}

/* The first byte from p on that does not stand for itself, or end. */
static const unsigned char *plain_run(const unsigned char *p,
				      const unsigned char *end)
{
	while (end - p >= 8) {
		uint64_t word;

		memcpy(&word, p, sizeof word);
		uint64_t special = canonical_special(le64toh(word));
		if (special)
			return p + __builtin_ctzll(special) / 8;
		p += 8;
	}
	while (p < end && *p >= 0x20 && *p < 0x80 && *p != '"' && *p != '\\')
		p++;
	return p;
}

/* One backslash and what belongs to it. */
static int scan_escape(struct scan *s)
{
	size_t left = (size_t)(s->end - s->pos);

	if (left >= 2 && canonical_short_meaning(s->pos[1]) >= 0) {
		s->pos += 2;
		return 0;
	}
	int code = canonical_long_meaning(s->pos, left);
	if (code < 1 || code > 0x1f || canonical_short((unsigned int)code))
		return refuse(s, "an escape that RFC 8785 does not write");
	s->pos += 6;
	return 0;
}

/* A character that does not stand for itself; not a quote. */
static int scan_special(struct scan *s)
{
	unsigned int code;

	if (*s->pos == '\\')
		return scan_escape(s);
	if (*s->pos < 0x20)
		return refuse(s, "a bare control character");
	size_t n = utf8_decode(s->pos, (size_t)(s->end - s->pos), &code);
	if (n == 0)
		return refuse(s, "not UTF-8");
	s->pos += n;
	return 0;
}

static int scan_string(struct scan *s)
{
	if (expect(s, '"', "a string must begin") < 0)
		return -1;
	for (;;) {
		s->pos = plain_run(s->pos, s->end);
		if (s->pos == s->end)
			return refuse(s, "a string without an end");
		if (*s->pos == '"') {
			s->pos++;
			return 0;
		}
		if (scan_special(s) < 0)
			return -1;
	}
}

/*
 * Eight digits, the first in the lowest byte, as a number: pairs of digits are
 * put together, then pairs of those, and once more. False: not all digits.
 */
static bool eight_digits(uint64_t word, uint32_t *number)
{
	const uint64_t zeroes = UINT64_C(0x3030303030303030);
	uint64_t top = UINT64_C(0xf0f0f0f0f0f0f0f0);

	if ((word & top) != zeroes ||
	    ((word + UINT64_C(0x0606060606060606)) & top) != zeroes)
		return false;
	word -= zeroes;
	word = (word * 10 + (word >> 8)) & UINT64_C(0x00ff00ff00ff00ff);
	word = (word * 100 + (word >> 16)) & UINT64_C(0x0000ffff0000ffff);
	*number = (uint32_t)(word * 10000 + (word >> 32));
	return true;
}

static int scan_integer(struct scan *s, int64_t *number)
{
	bool minus = next_is(s, '-');
	int64_t value = 0;
	uint32_t eight;

	if (minus)
		s->pos++;
	const unsigned char *first = s->pos, *at = first;
	while (s->end - at >= 8 && at - first < 16 &&
	       eight_digits(canonical_word(at, 8), &eight)) {
		value = value * 100000000 + eight;
		at += 8;
	}
	for (; at < s->end && at - first < 17 && classes[*at] & DIGIT; at++)
		value = value * 10 + (*at - '0');
	size_t digits = (size_t)(at - first);
	/* 2^53-1 has 16 digits. */
	if (value > CANONICAL_INTEGER_MAX || digits > 16)
		return refuse(s, "an integer beyond 2^53-1");
	s->pos += digits;
	if (digits == 0)
		return refuse(s, "not a value of this profile");
	if (*first == '0' && (minus || digits > 1))
		return refuse(s, "an integer with another spelling of zero");
	*number = minus ? -value : value;
	return 0;
}

static int scan_word(struct scan *s, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(s->end - s->pos) < len || memcmp(s->pos, word, len) != 0)
		return refuse(s, "not a value of this profile");
	s->pos += len;
	return 0;
}

static int scan_object(struct scan *s, int depth, struct canonical *line);
static int scan_array(struct scan *s, int depth);

static int scan_value(struct scan *s, int depth, struct canonical_field *field)
{
	unsigned char c = s->pos < s->end ? *s->pos : 0;

	switch (c) {
	case '"':
		field->kind = CANONICAL_STRING;
		return scan_string(s);
	case '{':
		field->kind = CANONICAL_OBJECT;
		return scan_object(s, depth + 1, NULL);
	case '[':
		field->kind = CANONICAL_ARRAY;
		return scan_array(s, depth + 1);
	case 't':
		field->kind = CANONICAL_TRUE;
		return scan_word(s, "true");
	case 'f':
		field->kind = CANONICAL_FALSE;
		return scan_word(s, "false");
	default:
		field->kind = CANONICAL_INTEGER;
		return scan_integer(s, &field->number);
	}
}

static int scan_array(struct scan *s, int depth)
{
	struct canonical_field item;

	if (depth > CANONICAL_DEPTH)
		return refuse(s, "nested too deeply");
	s->pos++;
	if (next_is(s, ']')) {
		s->pos++;
		return 0;
	}
	for (;;) {
		if (scan_value(s, depth, &item) < 0)
			return -1;
		if (!next_is(s, ','))
			return expect(s, ']', "an array must go on or end");
		s->pos++;
	}
}

/* Key order is byte order; a key that is a prefix of another comes first. */
static bool ascending(const struct canonical_field *a,
		      const struct canonical_field *b)
{
	size_t shorter = a->key_len < b->key_len ? a->key_len : b->key_len;

	if (*a->key != *b->key)
		return *a->key < *b->key;
	int order = memcmp(a->key, b->key, shorter);
	return order < 0 || (order == 0 && a->key_len < b->key_len);
}

/* Is the key here the one that is expected next? Behind its quote then. */
static bool take_expected(struct scan *s, struct canonical *line,
			  struct canonical_field *field)
{
	if (!s->expected || s->next == s->expected->n || s->end - s->pos < 8)
		return false;
	const struct canonical_key *key = &s->expected->keys[s->next];
	if (canonical_word(s->pos, key->len + 1) !=
	    canonical_word(key->text, 8))
		return false;
	field->key = (const char *)s->pos;
	field->key_len = key->len;
	line->found[s->next++] = field;
	s->pos += key->len + 1;
	return true;
}

/* line: the outermost object, or NULL. */
static int scan_key(struct scan *s, struct canonical *line,
		    struct canonical_field *field)
{
	if (expect(s, '"', "a key must begin") < 0)
		return -1;
	if (line && take_expected(s, line, field))
		return expect(s, ':', "a key must be followed by a colon");
	field->key = (const char *)s->pos;
	field->key_len = run_of(s->pos, s->end, KEY);
	s->pos += field->key_len;
	if (field->key_len < 1 || field->key_len > CANONICAL_KEY ||
	    !next_is(s, '"'))
		return refuse(s, "a key that is not [a-z0-9_]{1,32}");
	s->pos++;
	return expect(s, ':', "a key must be followed by a colon");
}

/* What the value's bytes are, now that it was scanned from first on. */
static void set_value(const struct scan *s, const unsigned char *first,
		      struct canonical_field *field)
{
	bool string = field->kind == CANONICAL_STRING;

	field->value = (const char *)first + (string ? 1 : 0);
	field->len = (size_t)(s->pos - first) - (string ? 2 : 0);
}

static int scan_field(struct scan *s, int depth, struct canonical *line,
		      struct canonical_field *field)
{
	if (scan_key(s, line, field) < 0)
		return -1;
	const unsigned char *first = s->pos;
	if (scan_value(s, depth, field) < 0)
		return -1;
	set_value(s, first, field);
	return 0;
}

/* line: where the outermost object's fields go; NULL: an inner object. */
static int scan_object(struct scan *s, int depth, struct canonical *line)
{
	struct canonical_field inner[2], *last = NULL;

	if (depth > CANONICAL_DEPTH)
		return refuse(s, "nested too deeply");
	s->pos++;
	if (next_is(s, '}')) {
		s->pos++;
		return 0;
	}
	for (;;) {
		struct canonical_field *field = &inner[last == &inner[0]];

		if (line && line->nfields == CANONICAL_FIELDS)
			return refuse(s, "too many fields");
		if (line)
			field = &line->fields[line->nfields++];
		if (scan_field(s, depth, line, field) < 0)
			return -1;
		if (last && !ascending(last, field))
			return refuse(s, "keys not in ascending order");
		last = field;
		if (!next_is(s, ','))
			return expect(s, '}', "an object must go on or end");
		s->pos++;
	}
}

int canonical_scan(struct canonical *line, const char *bytes, size_t len)
{
	return canonical_scan_upto(line, bytes, len, CANONICAL_MAX);
}

/* s: set up for the bytes, of which at most max are allowed. */
static int scan_all(struct canonical *line, struct scan *s, size_t max)
{
	size_t len = (size_t)(s->end - s->start);

	line->nfields = 0;
	if (len < 1 || len > max)
		refuse(s, len < 1 ? "empty" : "too long");
	else if (!next_is(s, '{'))
		refuse(s, "not an object");
	else if (scan_object(s, 1, line) == 0 && s->pos != s->end)
		refuse(s, "bytes after the object");
	line->why = s->why;
	line->at = (size_t)(s->pos - s->start);
	return s->why ? -1 : 0;
}

int canonical_scan_upto(struct canonical *line, const char *bytes, size_t len,
			size_t max)
{
	const unsigned char *start = (const unsigned char *)bytes;
	struct scan s = { .start = start, .pos = start, .end = start + len };

	return scan_all(line, &s, max);
}

int canonical_scan_expecting(struct canonical *line,
			     const struct canonical_expected *expected,
			     const char *bytes, size_t len)
{
	const unsigned char *start = (const unsigned char *)bytes;
	struct scan s = { .start = start,
			  .pos = start,
			  .end = start + len,
			  .expected = expected };

	for (unsigned int i = 0; i < expected->n; i++)
		line->found[i] = NULL;
	return scan_all(line, &s, CANONICAL_MAX);
}

bool canonical_next(const struct canonical_field *array, size_t *at,
		    struct canonical_field *item)
{
	const unsigned char *start = (const unsigned char *)array->value;
	size_t from = *at ? *at : 1; /* behind the bracket or a comma */
	struct scan s = { .start = start,
			  .pos = start + from,
			  .end = start + array->len };

	memset(item, 0, sizeof *item);
	if (from >= array->len || next_is(&s, ']') ||
	    scan_value(&s, 1, item) < 0)
		return false;
	set_value(&s, start + from, item);
	*at = (size_t)(s.pos - start) + 1;
	return true;
}

const struct canonical_field *canonical_find(const struct canonical *line,
					     const char *key)
{
	size_t len = strlen(key);

	for (unsigned int i = 0; i < line->nfields; i++)
		if (line->fields[i].key_len == len &&
		    memcmp(line->fields[i].key, key, len) == 0)
			return &line->fields[i];
	return NULL;
}
