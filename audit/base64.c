#include "audit/base64.h"

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

static int value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* One group of four characters; how many bytes it gave, or -1. */
static int decode_group(uint8_t bytes[3], const char *text)
{
	int pads = text[3] != '=' ? 0 : text[2] != '=' ? 1 : 2;
	uint32_t group = 0;

	for (int i = 0; i < 4; i++) {
		int bits = i < 4 - pads ? value(text[i]) : 0;

		if (bits < 0)
			return -1;
		group = group << 6 | (uint32_t)bits;
	}
	if ((pads == 1 && (group & 0xff)) || (pads == 2 && (group & 0xffff)))
		return -1;
	bytes[0] = (uint8_t)(group >> 16);
	bytes[1] = (uint8_t)(group >> 8);
	bytes[2] = (uint8_t)group;
	return 3 - pads;
}

ssize_t base64_decode(uint8_t *out, size_t size, const char *text, size_t len)
{
	size_t used = 0;

	if (len % 4 != 0)
		return -1;
	for (size_t i = 0; i < len; i += 4) {
		uint8_t bytes[3];
		int n = decode_group(bytes, text + i);

		if (n < 0 || (n < 3 && i + 4 != len))
			return -1;
		for (int b = 0; b < n; b++) {
			if (used == size)
				return -1;
			out[used++] = bytes[b];
		}
	}
	return (ssize_t)used;
}
