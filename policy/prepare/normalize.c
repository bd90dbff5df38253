/*
 * normalize - NFKC by utf8proc, white space, and kana.
 *
 * Runs in sekisho-prepare over values of the sources; well-formed UTF-8 has
 * been asked for before, and is asked for again by utf8proc.
 */
#include "policy/prepare/normalize.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <utf8proc.h>

enum { CODES = 4096 };

static bool is_ascii(const char *in, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)in[i] >= 0x80)
			return false;
	return true;
}

static bool is_space(int32_t code)
{
	return code == ' ' || (code >= 9 && code <= 13) || code == 0xa0 ||
	       code == 0x3000 || (code >= 0x2000 && code <= 0x200a) ||
	       code == 0x85 || code == 0x2028 || code == 0x2029 ||
	       code == 0x202f || code == 0x205f || code == 0x1680;
}

/* Small and large hiragana and the iteration marks have katakana 0x60 on. */
static int32_t to_katakana(int32_t code)
{
	return (code >= 0x3041 && code <= 0x3096) || code == 0x309d ||
			       code == 0x309e
		       ? code + 0x60
		       : code;
}

/* Plain bytes are their own NFKC; only white space matters. */
static long normalize_ascii(unsigned int how, const char *in, size_t len,
			    char *out, size_t size)
{
	size_t from = 0, used = 0;

	if (how & (NORMALIZE_STRIP | NORMALIZE_KANA)) {
		while (from < len && is_space(in[from]))
			from++;
		while (len > from && is_space(in[len - 1]))
			len--;
	}
	if (len - from > size)
		return -1;
	for (; from < len; from++)
		if (!(how & NORMALIZE_KANA) || !is_space(in[from]))
			out[used++] = in[from];
	return (long)used;
}

static size_t strip(int32_t *codes, size_t n, unsigned int how)
{
	size_t from = 0, used = 0;

	if (how & NORMALIZE_STRIP) {
		while (from < n && is_space(codes[from]))
			from++;
		while (n > from && is_space(codes[n - 1]))
			n--;
	}
	for (; from < n; from++)
		if (!(how & NORMALIZE_KANA) || !is_space(codes[from]))
			codes[used++] = how & NORMALIZE_KANA
						? to_katakana(codes[from])
						: codes[from];
	return used;
}

long normalize(unsigned int how, const char *in, size_t len, char *out,
	       size_t size)
{
	/* filled up to n before it is read */
	__attribute__((uninitialized)) int32_t codes[CODES];
	size_t used = 0;
	utf8proc_option_t options = UTF8PROC_STABLE;

	if (is_ascii(in, len))
		return normalize_ascii(how, in, len, out, size);
	if (how & (NORMALIZE_NFKC | NORMALIZE_KANA))
		options = UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT;
	utf8proc_ssize_t n =
		utf8proc_decompose((const uint8_t *)in, (utf8proc_ssize_t)len,
				   codes, CODES, options);
	if (n < 0 || n > CODES)
		return -1;
	n = utf8proc_normalize_utf32(codes, n, options);
	if (n < 0)
		return -1;
	n = (utf8proc_ssize_t)strip(codes, (size_t)n, how);
	for (utf8proc_ssize_t i = 0; i < n; i++) {
		uint8_t one[4];
		utf8proc_ssize_t bytes = utf8proc_encode_char(codes[i], one);

		if (used + (size_t)bytes > size)
			return -1;
		memcpy(out + used, one, (size_t)bytes);
		used += (size_t)bytes;
	}
	return (long)used;
}
