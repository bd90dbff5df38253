#include "gateway/base/visible.h"

#include <stdio.h>
#include <string.h>

size_t utf8_decode(const unsigned char *s, size_t len, unsigned int *code)
{
	static const unsigned int lowest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned int c = s[0];
	size_t n = c < 0x80		? 1
		   : (c & 0xe0) == 0xc0 ? 2
		   : (c & 0xf0) == 0xe0 ? 3
		   : (c & 0xf8) == 0xf0 ? 4
					: 0;

	if (n == 0 || n > len)
		return 0;
	if (n > 1)
		c &= 0x7fu >> n;
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < lowest[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*code = c;
	return n;
}

/* Ranges of characters that deceive the eye or speak to the terminal. */
static const struct {
	unsigned int first, last;
} hidden[] = {
	{ 0x00, 0x1f },	      { 0x7f, 0x9f },	    { 0xad, 0xad },
	{ 0x34f, 0x34f },     { 0x61c, 0x61c },	    { 0x115f, 0x1160 },
	{ 0x17b4, 0x17b5 },   { 0x180b, 0x180f },   { 0x200b, 0x200f },
	{ 0x2028, 0x202e },   { 0x2060, 0x206f },   { 0x3164, 0x3164 },
	{ 0xe000, 0xf8ff },   { 0xfe00, 0xfe0f },   { 0xfeff, 0xfeff },
	{ 0xffa0, 0xffa0 },   { 0xfff0, 0xfffb },   { 0xfffe, 0xffff },
	{ 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a }, { 0xe0000, 0x10ffff },
};

bool visible_hides(unsigned int code)
{
	for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
		if (code >= hidden[i].first && code <= hidden[i].last)
			return true;
	return false;
}

size_t visible_text(char *out, size_t size, const void *in, size_t len)
{
	static const char cut[] = "…";
	const unsigned char *s = in;
	size_t used = 0;

	if (size == 0)
		return 0;
	while (len > 0) {
		char piece[16];
		unsigned int code = 0;
		size_t n = utf8_decode(s, len, &code);

		if (n == 0) {
			n = 1;
			snprintf(piece, sizeof piece, "\\x%02x", s[0]);
		} else if (visible_hides(code)) {
			snprintf(piece, sizeof piece,
				 code < 0x80 ? "\\x%02x" : "\\u{%x}", code);
		} else {
			memcpy(piece, s, n);
			piece[n] = '\0';
		}
		size_t need = strlen(piece);
		size_t keep = len > n ? sizeof cut - 1 : 0;
		if (used + need + keep + 1 > size) {
			if (used + sizeof cut <= size) {
				memcpy(out + used, cut, sizeof cut - 1);
				used += sizeof cut - 1;
			}
			break;
		}
		memcpy(out + used, piece, need);
		used += need;
		s += n;
		len -= n;
	}
	out[used] = '\0';
	return used;
}
