/*
 * canonical_text - see canonical.h: a string's inside, written and taken back.
 */
#include <stdio.h>

#include "audit/canonical.h"
#include "audit/canonical_bytes.h"
#include "gateway/base/visible.h"

long canonical_escape(char *out, size_t size, const char *text, size_t len)
{
	const unsigned char *in = (const unsigned char *)text;
	size_t used = 0;

	for (size_t i = 0; i < len;) {
		unsigned int code = in[i];

		if (len - i >= 8 && size - used >= 8 &&
		    canonical_special(canonical_word(in + i, 8)) == 0) {
			memcpy(out + used, in + i, 8);
			used += 8;
			i += 8;
			continue;
		}
		if (code >= 0x20 && code < 0x80 && code != '"' &&
		    code != '\\' && used < size) {
			out[used++] = (char)in[i++];
			continue;
		}
		size_t n = utf8_decode(in + i, len - i, &code);
		char letter = canonical_short(code);

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
			code = canonical_short_meaning(in[i + 1]);
			n = code >= 0 ? 2 : 6;
			if (code < 0)
				code = canonical_long_meaning(in + i, len - i);
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
