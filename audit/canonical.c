#include "audit/canonical.h"

#include <stdio.h>
#include <string.h>

#include "gateway/base/visible.h"

struct scan {
	const unsigned char *start, *pos, *end;
	const char *why;
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

bool canonical_key_valid(const char *key, size_t len)
{
	if (len < 1 || len > CANONICAL_KEY)
		return false;
	for (size_t i = 0; i < len; i++)
		if (!(key[i] >= 'a' && key[i] <= 'z') &&
		    !(key[i] >= '0' && key[i] <= '9') && key[i] != '_')
			return false;
	return true;
}

/* The letter after a backslash that stands for this control, or 0. */
static char short_escape(unsigned int c)
{
	switch (c) {
	case '\b':
		return 'b';
	case '\t':
		return 't';
	case '\n':
		return 'n';
	case '\f':
		return 'f';
	case '\r':
		return 'r';
	case '"':
		return '"';
	case '\\':
		return '\\';
	default:
		return 0;
	}
}

static int short_meaning(unsigned char letter)
{
	static const char letters[] = "btnfr\"\\";
	static const char meanings[] = "\b\t\n\f\r\"\\";
	const char *at = letter ? strchr(letters, letter) : NULL;

	return at ? meanings[at - letters] : -1;
}

static int hex_digit(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The code of \u00XX at p, or -1. */
static int long_meaning(const unsigned char *p, size_t len)
{
	if (len < 6 || memcmp(p, "\\u00", 4) != 0)
		return -1;
	int high = hex_digit(p[4]), low = hex_digit(p[5]);
	return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/* One backslash and what belongs to it. */
static int scan_escape(struct scan *s)
{
	size_t left = (size_t)(s->end - s->pos);

	if (left >= 2 && short_meaning(s->pos[1]) >= 0) {
		s->pos += 2;
		return 0;
	}
	int code = long_meaning(s->pos, left);
	if (code < 1 || code > 0x1f || short_escape((unsigned int)code))
		return refuse(s, "an escape that RFC 8785 does not write");
	s->pos += 6;
	return 0;
}

static int scan_string(struct scan *s)
{
	if (expect(s, '"', "a string must begin") < 0)
		return -1;
	while (s->pos < s->end) {
		unsigned char c = *s->pos;
		unsigned int code;

		if (c == '"') {
			s->pos++;
			return 0;
		}
		if (c == '\\') {
			if (scan_escape(s) < 0)
				return -1;
		} else if (c < 0x20) {
			return refuse(s, "a bare control character");
		} else if (c < 0x80) {
			s->pos++;
		} else {
			size_t n = utf8_decode(
				s->pos, (size_t)(s->end - s->pos), &code);
			if (n == 0)
				return refuse(s, "not UTF-8");
			s->pos += n;
		}
	}
	return refuse(s, "a string without an end");
}

static int scan_integer(struct scan *s, int64_t *number)
{
	bool minus = next_is(s, '-');
	int64_t value = 0;

	if (minus)
		s->pos++;
	const unsigned char *first = s->pos;
	while (s->pos < s->end && *s->pos >= '0' && *s->pos <= '9') {
		value = value * 10 + (*s->pos - '0');
		if (value > CANONICAL_INTEGER_MAX)
			return refuse(s, "an integer beyond 2^53-1");
		s->pos++;
	}
	if (s->pos == first)
		return refuse(s, "not a value of this profile");
	if (*first == '0' && (minus || s->pos - first > 1))
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
	int order = memcmp(a->key, b->key, shorter);

	return order < 0 || (order == 0 && a->key_len < b->key_len);
}

static int scan_key(struct scan *s, struct canonical_field *field)
{
	if (expect(s, '"', "a key must begin") < 0)
		return -1;
	const unsigned char *first = s->pos;
	while (s->pos < s->end && *s->pos != '"' &&
	       s->pos - first <= CANONICAL_KEY)
		s->pos++;
	field->key = (const char *)first;
	field->key_len = (size_t)(s->pos - first);
	if (!canonical_key_valid(field->key, field->key_len))
		return refuse(s, "a key that is not [a-z0-9_]{1,32}");
	if (expect(s, '"', "a key without an end") < 0)
		return -1;
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

static int scan_field(struct scan *s, int depth, struct canonical_field *field)
{
	if (scan_key(s, field) < 0)
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
	struct canonical_field last = { 0 }, field = { 0 };

	if (depth > CANONICAL_DEPTH)
		return refuse(s, "nested too deeply");
	s->pos++;
	if (next_is(s, '}')) {
		s->pos++;
		return 0;
	}
	for (;;) {
		if (scan_field(s, depth, &field) < 0)
			return -1;
		if (last.key && !ascending(&last, &field))
			return refuse(s, "keys not in ascending order");
		last = field;
		if (line && line->nfields == CANONICAL_FIELDS)
			return refuse(s, "too many fields");
		if (line)
			line->fields[line->nfields++] = field;
		if (!next_is(s, ','))
			return expect(s, '}', "an object must go on or end");
		s->pos++;
	}
}

int canonical_scan(struct canonical *line, const char *bytes, size_t len)
{
	return canonical_scan_upto(line, bytes, len, CANONICAL_MAX);
}

int canonical_scan_upto(struct canonical *line, const char *bytes, size_t len,
			size_t max)
{
	const unsigned char *start = (const unsigned char *)bytes;
	struct scan s = { start, start, start + len, NULL };

	line->nfields = 0;
	line->why = NULL;
	if (len < 1 || len > max)
		refuse(&s, len < 1 ? "empty" : "too long");
	else if (!next_is(&s, '{'))
		refuse(&s, "not an object");
	else if (scan_object(&s, 1, line) == 0 && s.pos != s.end)
		refuse(&s, "bytes after the object");
	line->why = s.why;
	line->at = (size_t)(s.pos - s.start);
	return s.why ? -1 : 0;
}

bool canonical_next(const struct canonical_field *array, size_t *at,
		    struct canonical_field *item)
{
	const unsigned char *start = (const unsigned char *)array->value;
	size_t from = *at ? *at : 1; /* behind the bracket or a comma */
	struct scan s = { start, start + from, start + array->len, NULL };

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

long canonical_escape(char *out, size_t size, const char *text, size_t len)
{
	const unsigned char *in = (const unsigned char *)text;
	size_t used = 0;

	for (size_t i = 0; i < len;) {
		unsigned int code = in[i];

		if (code >= 0x20 && code < 0x80 && code != '"' &&
		    code != '\\' && used < size) {
			out[used++] = (char)in[i++];
			continue;
		}
		size_t n = utf8_decode(in + i, len - i, &code);
		char letter = short_escape(code);

		if (n == 0 || code == 0 || size - used < 7)
			return -1;
		if (letter) {
			out[used++] = '\\';
			out[used++] = letter;
		} else if (code < 0x20) {
			snprintf(out + used, 7, "\\u%04x", code);
			used += 6;
		} else {
			memcpy(out + used, in + i, n);
			used += n;
		}
		i += n;
	}
	return (long)used;
}

long canonical_unescape(char *out, size_t size, const char *value, size_t len)
{
	const unsigned char *in = (const unsigned char *)value;
	size_t used = 0;

	for (size_t i = 0; i < len; used++) {
		int code = in[i];
		size_t n = 1;

		if (code == '\\' && i + 1 < len) {
			code = short_meaning(in[i + 1]);
			n = code >= 0 ? 2 : 6;
			if (code < 0)
				code = long_meaning(in + i, len - i);
		}
		if (code < 0 || used + 1 >= size)
			return -1;
		out[used] = (char)code;
		i += n;
	}
	if (used >= size)
		return -1;
	out[used] = '\0';
	return (long)used;
}
