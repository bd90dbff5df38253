/*
 * totp - compute and compare one-time codes.
 *
 * Runs in sekisho-policy. Codes come from whoever holds a person's key.
 */
#include "policy/totp.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "gateway/base/err.h"

static const char base32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

uint32_t totp_code(const uint8_t secret[TOTP_SECRET], uint64_t step)
{
	uint8_t counter[8], mac[EVP_MAX_MD_SIZE];
	unsigned int len = 0;

	for (unsigned int i = 0; i < 8; i++)
		counter[i] = (uint8_t)(step >> (56 - 8 * i));
	if (!HMAC(EVP_sha1(), secret, TOTP_SECRET, counter, sizeof counter, mac,
		  &len) ||
	    len != 20)
		die("HMAC-SHA-1 is not available");
	/* RFC 4226 5.3: four bytes at an offset that the last nibble says */
	const uint8_t *at = mac + (mac[19] & 15);
	uint32_t bits = (uint32_t)(at[0] & 0x7f) << 24 | (uint32_t)at[1] << 16 |
			(uint32_t)at[2] << 8 | at[3];
	return bits % 1000000;
}

uint64_t totp_match(const uint8_t secret[TOTP_SECRET], const char *code,
		    uint64_t now, uint64_t last)
{
	uint64_t step = now / TOTP_STEP, found = 0;

	if (strlen(code) != TOTP_DIGITS ||
	    strspn(code, "0123456789") != TOTP_DIGITS)
		return 0;
	for (uint64_t s = step - 1; s <= step + 1; s++) {
		char want[12];

		snprintf(want, sizeof want, "%06u", totp_code(secret, s));
		if (CRYPTO_memcmp(want, code, TOTP_DIGITS) == 0 && s > last &&
		    found == 0)
			found = s;
	}
	return found;
}

void base32_write(const uint8_t *bytes, size_t len, char *out)
{
	for (size_t i = 0; i + 5 <= len; i += 5) {
		uint64_t bits = 0;

		for (size_t k = 0; k < 5; k++)
			bits = bits << 8 | bytes[i + k];
		for (int shift = 35; shift >= 0; shift -= 5)
			*out++ = base32[bits >> shift & 31];
	}
	*out = '\0';
}

void list_code_make(char out[LIST_CODE_SIZE])
{
	uint8_t bytes[10];
	char text[17];

	if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
		die("no random bytes");
	base32_write(bytes, sizeof bytes, text);
	snprintf(out, LIST_CODE_SIZE, "%.4s-%.4s-%.4s", text, text + 4,
		 text + 8);
}

int list_code_read(const char *typed, char *out)
{
	size_t n = 0;

	for (; *typed; typed++) {
		char c = *typed;

		if (c == ' ' || c == '-')
			continue;
		if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		if (!strchr(base32, c) || n == LIST_CODE_CHARS)
			return -1;
		out[n++] = c;
	}
	out[n] = '\0';
	return n == LIST_CODE_CHARS ? 0 : -1;
}
