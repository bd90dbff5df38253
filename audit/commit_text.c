/*
 * commit_text - commitments as they are written in records; apart, for those
 * who read them and hash nothing.
 */
#include <stdio.h>
#include <string.h>

#include "audit/commit.h"

void commit_hex(const uint8_t commitment[COMMIT_SIZE], char out[COMMIT_TEXT])
{
	for (size_t i = 0; i < COMMIT_SIZE; i++)
		snprintf(out + 2 * i, 3, "%02x", commitment[i]);
}

static int digit(char c)
{
	const char *digits = "0123456789abcdef";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

int commit_from_hex(const char *text, uint8_t out[COMMIT_SIZE])
{
	if (strlen(text) != COMMIT_TEXT - 1)
		return -1;
	for (size_t i = 0; i < COMMIT_SIZE; i++) {
		int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return -1;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return 0;
}
