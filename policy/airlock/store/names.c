#include "policy/airlock/store/names.h"

#include <stdio.h>
#include <string.h>

enum { PART_MAX = 255 };

static bool part_valid(const char *part, size_t len)
{
	if (len == 0 || len > PART_MAX)
		return false;
	return !(part[0] == '.' && (len == 1 || (len == 2 && part[1] == '.')));
}

bool names_path(const char *path)
{
	if (strlen(path) >= NAMES_PATH)
		return false;
	for (;;) {
		size_t len = strcspn(path, "/");

		if (!part_valid(path, len))
			return false;
		if (path[len] == '\0')
			return true;
		path += len + 1;
	}
}

/* The first part decides: a folder of that name would stand in the way too. */
bool names_released(const char *path)
{
	static const char *const taken[] = { "receipt.json",
					     "receipt.tlog-proof" };
	size_t len = strcspn(path, "/");

	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
		if (len == strlen(taken[i]) && memcmp(path, taken[i], len) == 0)
			return false;
	return names_path(path);
}

void names_hex(char out[static NAMES_HEX],
	       const uint8_t hash[static NAMES_HASH])
{
	for (size_t i = 0; i < NAMES_HASH; i++)
		snprintf(out + 2 * i, 3, "%02x", hash[i]);
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool names_from_hex(uint8_t hash[static NAMES_HASH], const char *hex,
		    size_t len)
{
	if (len != 2 * NAMES_HASH)
		return false;
	for (size_t i = 0; i < NAMES_HASH; i++) {
		int high = digit(hex[2 * i]), low = digit(hex[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		hash[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}
