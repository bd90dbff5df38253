#include "policy/prepare/types.h"

#include <stdbool.h>

enum { INTEGER_DIGITS = 18, REAL_DIGITS = 15, REAL_ZEROS = 3 };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The part behind the point. */
static bool is_fraction(const char *at, size_t len, bool whole_zero,
			size_t digits)
{
	size_t zeros = 0;

	if (len == 0 || (len > 1 && at[len - 1] == '0'))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!is_digit(at[i]))
			return false;
	while (zeros < len && at[zeros] == '0')
		zeros++;
	if (whole_zero && zeros < len)
		return zeros <= REAL_ZEROS && len <= REAL_DIGITS;
	return digits + len <= REAL_DIGITS;
}

enum seen type_seen(const char *at, size_t len)
{
	bool minus = len > 0 && at[0] == '-';
	size_t from = minus, digits = 0;

	while (from + digits < len && is_digit(at[from + digits]))
		digits++;
	if (digits == 0 || (at[from] == '0' && digits > 1))
		return SEEN_TEXT;
	bool zero = at[from] == '0';
	from += digits;
	if (from == len)
		return digits <= INTEGER_DIGITS && !(minus && zero)
			       ? SEEN_INTEGER
			       : SEEN_TEXT;
	if (at[from] != '.' ||
	    !is_fraction(at + from + 1, len - from - 1, zero, digits))
		return SEEN_TEXT;
	/* -0.0 loses its sign */
	return minus && zero && len == 4 && at[3] == '0' ? SEEN_TEXT
							 : SEEN_REAL;
}

const char *type_name(unsigned int seen)
{
	if (seen == SEEN_INTEGER)
		return "INTEGER";
	if (seen == SEEN_REAL)
		return "REAL";
	return seen == (SEEN_INTEGER | SEEN_REAL) ? "ANY" : "TEXT";
}
