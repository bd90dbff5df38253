#include "policy/prepare/decimal.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

typedef __int128 wide; /* 36 digits: two decimals at one scale */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

enum fault_code decimal_read(const char *at, size_t len, struct decimal *out)
{
	size_t i = len > 0 && (at[0] == '-' || at[0] == '+');
	size_t digits = 0, point = 0;
	uint64_t value = 0;

	if (i == len || !is_digit(at[i]))
		return FAULT_BAD_NUMBER;
	for (; i < len; i++) {
		if (at[i] == '.' && point == 0 && i + 1 < len &&
		    is_digit(at[i - 1])) {
			point = i + 1;
			continue;
		}
		if (!is_digit(at[i]))
			return FAULT_BAD_NUMBER;
		digits += digits > 0 || at[i] != '0';
		if (digits <= DECIMAL_DIGITS)
			value = value * 10 + (uint64_t)(at[i] - '0');
	}
	if (digits > DECIMAL_DIGITS || (point && len - point > DECIMAL_DIGITS))
		return FAULT_NUMBER_RANGE;
	out->value = at[0] == '-' ? -(int64_t)value : (int64_t)value;
	out->scale = point ? (unsigned int)(len - point) : 0;
	return FAULT_NONE;
}

/* v as an integer of 10^-scale; scale is at least v's. */
static wide at_scale(struct decimal v, unsigned int scale)
{
	wide value = v.value;

	for (unsigned int i = v.scale; i < scale; i++)
		value *= 10;
	return value;
}

static unsigned int finer(struct decimal a, struct decimal b)
{
	return a.scale > b.scale ? a.scale : b.scale;
}

int decimal_compare(struct decimal a, struct decimal b)
{
	if (a.scale == b.scale)
		return (a.value > b.value) - (a.value < b.value);
	unsigned int scale = finer(a, b);
	wide x = at_scale(a, scale), y = at_scale(b, scale);

	return (x > y) - (x < y);
}

/* Digits with a point before the last `scale` of them. */
static size_t print(wide value, unsigned int scale, char *out)
{
	char reversed[DECIMAL_TEXT];
	bool minus = value < 0;
	unsigned __int128 left =
		minus ? -(unsigned __int128)value : (unsigned __int128)value;
	size_t n = 0, used = 0;

	do {
		reversed[n++] = (char)('0' + (int)(left % 10));
		left /= 10;
		if (n == scale && scale > 0)
			reversed[n++] = '.';
	} while (left > 0 || (scale > 0 && n <= scale + 1));
	if (minus)
		out[used++] = '-';
	while (n > 0)
		out[used++] = reversed[--n];
	out[used] = '\0';
	return used;
}

/* The same of a number that fits into 64 bits. */
static size_t print_small(int64_t value, unsigned int scale, char *out)
{
	char reversed[DECIMAL_TEXT];
	uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	size_t n = 0, used = 0;

	do {
		reversed[n++] = (char)('0' + (int)(left % 10));
		left /= 10;
		if (n == scale && scale > 0)
			reversed[n++] = '.';
	} while (left > 0 || (scale > 0 && n <= scale + 1));
	if (value < 0)
		out[used++] = '-';
	while (n > 0)
		out[used++] = reversed[--n];
	out[used] = '\0';
	return used;
}

/* Most numbers are small; a division of 128 bits costs ten of 64. */
static bool is_small(struct decimal v)
{
	return v.value > -1000000000 && v.value < 1000000000 && v.scale <= 6;
}

static int64_t small_at_scale(struct decimal v, unsigned int scale)
{
	int64_t value = v.value;

	for (unsigned int i = v.scale; i < scale; i++)
		value *= 10;
	return value;
}

void decimal_band(struct decimal v, struct decimal width, char *low, char *high)
{
	unsigned int scale = finer(v, width);

	if (is_small(v) && is_small(width)) {
		int64_t small = small_at_scale(v, scale);
		int64_t step = small_at_scale(width, scale);
		int64_t n = small / step - (small % step < 0);

		print_small(n * width.value, width.scale, low);
		print_small((n + 1) * width.value, width.scale, high);
		return;
	}
	wide x = at_scale(v, scale), w = at_scale(width, scale);
	wide band = x / w - (x % w < 0);

	print(band * width.value, width.scale, low);
	print((band + 1) * width.value, width.scale, high);
}

size_t decimal_round(struct decimal v, struct decimal to, char *out)
{
	unsigned int scale = finer(v, to);
	wide x = at_scale(v, scale), w = at_scale(to, scale);
	wide size = x < 0 ? -x : x;
	wide n = size / w;

	n += size - n * w >= w - (size - n * w);
	return print((x < 0 ? -n : n) * to.value, to.scale, out);
}
