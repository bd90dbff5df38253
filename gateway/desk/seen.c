/*
 * seen - hidden characters and look-alikes.
 *
 * Runs in sekisho-desk, on a reviewer's console. The bytes are a file's.
 */
#include "gateway/desk/seen.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/base/visible.h"

/* Letters that most typefaces draw as a Latin letter or a digit: Greek but for
 * what stands beside numbers in medicine (α1, χ2), Cyrillic, and some others.
 * In order. */
static const unsigned int alike[] = {
	0x131, 0x1c0, 0x1c3, 0x251, 0x261, 0x269, 0x28b, 0x2d0,	 0x391,	 0x392,
	0x395, 0x396, 0x397, 0x399, 0x39a, 0x39c, 0x39d, 0x39f,	 0x3a1,	 0x3a4,
	0x3a5, 0x3a7, 0x3bd, 0x3bf, 0x3f2, 0x3f9, 0x405, 0x406,	 0x408,	 0x410,
	0x412, 0x415, 0x417, 0x41a, 0x41c, 0x41d, 0x41e, 0x420,	 0x421,	 0x422,
	0x423, 0x425, 0x430, 0x431, 0x433, 0x435, 0x43e, 0x43f,	 0x440,	 0x441,
	0x443, 0x445, 0x455, 0x456, 0x458, 0x4ae, 0x4af, 0x4bb,	 0x4c0,	 0x4cf,
	0x501, 0x51b, 0x51d, 0x555, 0x578, 0x57d, 0x585, 0x212a, 0x2c9f, 0xa731,
};

struct character {
	const char *bytes;
	size_t len;
	unsigned int code;
	bool good; /* well-formed UTF-8 */
};

static struct character read_one(const char *in, size_t len)
{
	struct character c = { .bytes = in };

	c.len = utf8_decode((const unsigned char *)in, len, &c.code);
	c.good = c.len > 0;
	if (!c.good)
		c.len = 1;
	return c;
}

static bool is_plain(const struct character *c)
{
	return c->good && ((c->code >= '0' && c->code <= '9') ||
			   (c->code >= 'A' && c->code <= 'Z') ||
			   (c->code >= 'a' && c->code <= 'z'));
}

static int compare(const void *a, const void *b)
{
	const unsigned int *one = a, *other = b;

	return *one < *other ? -1 : *one > *other;
}

/* Mathematical letters and digits look like plain ones by design. */
static bool is_alike(const struct character *c)
{
	if (!c->good || c->code < 0x80)
		return false;
	if (c->code >= 0x1d400 && c->code <= 0x1d7ff)
		return true;
	return bsearch(&c->code, alike, ARRAY_LEN(alike), sizeof alike[0],
		       compare) != NULL;
}

/* A plain letter or digit stands in the run of look-alikes around here. */
static bool among_plain(const struct character *before, const char *in,
			size_t len)
{
	if (is_plain(before))
		return true;
	while (len > 0) {
		struct character c = read_one(in, len);

		if (is_plain(&c))
			return true;
		if (!is_alike(&c))
			return false;
		in += c.len;
		len -= c.len;
	}
	return false;
}

/* A backslash that begins what would pass for a mark of ours. */
static bool could_mark(const char *in, size_t len)
{
	return in[0] == '\\' && len > 1 &&
	       (in[1] == 'x' || (in[1] == 'u' && len > 2 && in[2] == '{'));
}

/* The character as it is to be seen; true if it is not shown as it is. */
static bool show_one(char *piece, size_t size, const struct character *c,
		     bool deceives, bool marks)
{
	if (deceives)
		snprintf(piece, size, "\\u{%x}", c->code);
	else if (marks)
		snprintf(piece, size, "\\x5c");
	else
		visible_text(piece, size, c->bytes, c->len);
	return deceives || strlen(piece) != c->len ||
	       memcmp(piece, c->bytes, c->len) != 0;
}

size_t seen_text(char *out, size_t size, const char *in, size_t len)
{
	static const char cut[] = "…";
	struct character before = { 0 };
	size_t used = 0, changed = 0;
	bool deceived = false;

	out[0] = '\0';
	while (len > 0) {
		struct character c = read_one(in, len);
		bool deceives = is_alike(&c) &&
				(deceived || among_plain(&before, in, len));
		char piece[24];

		changed += show_one(piece, sizeof piece, &c, deceives,
				    could_mark(in, len));
		if (used + strlen(piece) + sizeof cut > size) {
			snprintf(out + used, size - used, "%s", cut);
			break;
		}
		used += (size_t)snprintf(out + used, size - used, "%s", piece);
		deceived = deceives;
		before = c;
		in += c.len;
		len -= c.len;
	}
	return changed;
}
