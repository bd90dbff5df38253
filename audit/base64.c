#include "audit/base64.h"

#include <stdbool.h>
#include <string.h>

#include "gateway/base/err.h"

static const char alphabet[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t base64_encode(char *out, size_t size, const void *bytes, size_t len)
{
	const uint8_t *in = bytes;
	size_t used = 0;

	if (size / 4 < (len + 2) / 3 || size < (len + 2) / 3 * 4 + 1)
		die("base64_encode: no room");
	for (size_t i = 0; i < len; i += 3) {
		size_t n = len - i < 3 ? len - i : 3;
		uint32_t group = (uint32_t)in[i] << 16;

		if (n > 1)
			group |= (uint32_t)in[i + 1] << 8;
		if (n > 2)
			group |= in[i + 2];
		out[used++] = alphabet[group >> 18];
		out[used++] = alphabet[group >> 12 & 63];
		out[used++] = n > 1 ? alphabet[group >> 6 & 63] : '=';
		out[used++] = n > 2 ? alphabet[group & 63] : '=';
	}
	out[used] = '\0';
	return used;
}

/* What each character means, and one more; 0: it is none. */
#define RANGE10(c, n)                                                          \
	[(c)] = (n), [(c) + 1] = (n) + 1, [(c) + 2] = (n) + 2,                 \
	[(c) + 3] = (n) + 3, [(c) + 4] = (n) + 4, [(c) + 5] = (n) + 5,         \
	[(c) + 6] = (n) + 6, [(c) + 7] = (n) + 7, [(c) + 8] = (n) + 8,         \
	[(c) + 9] = (n) + 9
#define RANGE6(c, n)                                                           \
	[(c)] = (n), [(c) + 1] = (n) + 1, [(c) + 2] = (n) + 2,                 \
	[(c) + 3] = (n) + 3, [(c) + 4] = (n) + 4, [(c) + 5] = (n) + 5

static const uint8_t values[256] = {
	RANGE10('A', 1),  RANGE10('K', 11), RANGE6('U', 21),
	RANGE10('a', 27), RANGE10('k', 37), RANGE6('u', 47),
	RANGE10('0', 53), ['+'] = 63,	    ['/'] = 64,
};

/* Four characters without padding. False: a foreign one is among them. */
static inline bool decode_whole(uint8_t bytes[3], const char *text)
{
	const unsigned char *in = (const unsigned char *)text;
	uint32_t a = values[in[0]], b = values[in[1]];
	uint32_t c = values[in[2]], d = values[in[3]];

	if (!a || !b || !c || !d)
		return false;
	uint32_t group = (a - 1) << 18 | (b - 1) << 12 | (c - 1) << 6 | (d - 1);
	bytes[0] = (uint8_t)(group >> 16);
	bytes[1] = (uint8_t)(group >> 8);
	bytes[2] = (uint8_t)group;
	return true;
}

/* The last four characters; how many bytes they gave, or -1. */
static int decode_last(uint8_t bytes[3], const char *text)
{
	int pads = text[3] != '=' ? 0 : text[2] != '=' ? 1 : 2;
	char whole[4] = { text[0], text[1], text[2], text[3] };

	for (int i = 4 - pads; i < 4; i++)
		whole[i] = 'A';
	if (!decode_whole(bytes, whole))
		return -1;
	/* Bits that no encoder sets. */
	for (int i = 3 - pads; i < 3; i++)
		if (bytes[i] != 0)
			return -1;
	return 3 - pads;
}

ssize_t base64_decode(uint8_t *out, size_t size, const char *text, size_t len)
{
	uint8_t bytes[3];
	size_t used = 0;

	if (len % 4 != 0)
		return -1;
	if (len == 0)
		return 0;
	for (size_t i = 0; i + 4 < len; i += 4, used += 3)
		if (size - used < 3 || !decode_whole(out + used, text + i))
			return -1;
	int n = decode_last(bytes, text + len - 4);
	if (n < 0 || size - used < (size_t)n)
		return -1;
	memcpy(out + used, bytes, (size_t)n);
	return (ssize_t)(used + (size_t)n);
}
