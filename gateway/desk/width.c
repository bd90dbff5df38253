/*
 * width - columns of a terminal, from two small tables.
 *
 * Runs in sekisho-desk and sekishoctl. The ranges are those of Unicode's
 * EastAsianWidth.txt (W and F) and of the combining blocks, joined where the
 * gaps hold nothing that is in use.
 */
#include "gateway/desk/width.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/base/visible.h"

struct range {
	unsigned int first, last;
};

static const struct range wide[] = {
	{ 0x1100, 0x115f },   { 0x231a, 0x231b },   { 0x2329, 0x232a },
	{ 0x23e9, 0x23ec },   { 0x23f0, 0x23f0 },   { 0x23f3, 0x23f3 },
	{ 0x25fd, 0x25fe },   { 0x2614, 0x2615 },   { 0x2648, 0x2653 },
	{ 0x267f, 0x267f },   { 0x2693, 0x2693 },   { 0x26a1, 0x26a1 },
	{ 0x26aa, 0x26ab },   { 0x26bd, 0x26be },   { 0x26c4, 0x26c5 },
	{ 0x26ce, 0x26ce },   { 0x26d4, 0x26d4 },   { 0x26ea, 0x26ea },
	{ 0x26f2, 0x26f3 },   { 0x26f5, 0x26f5 },   { 0x26fa, 0x26fa },
	{ 0x26fd, 0x26fd },   { 0x2705, 0x2705 },   { 0x270a, 0x270b },
	{ 0x2728, 0x2728 },   { 0x274c, 0x274c },   { 0x274e, 0x274e },
	{ 0x2753, 0x2755 },   { 0x2757, 0x2757 },   { 0x2795, 0x2797 },
	{ 0x27b0, 0x27b0 },   { 0x27bf, 0x27bf },   { 0x2b1b, 0x2b1c },
	{ 0x2b50, 0x2b50 },   { 0x2b55, 0x2b55 },   { 0x2e80, 0x303e },
	{ 0x3041, 0x33ff },   { 0x3400, 0x4dbf },   { 0x4e00, 0xa4cf },
	{ 0xa960, 0xa97f },   { 0xac00, 0xd7a3 },   { 0xf900, 0xfaff },
	{ 0xfe10, 0xfe19 },   { 0xfe30, 0xfe6f },   { 0xff00, 0xff60 },
	{ 0xffe0, 0xffe6 },   { 0x16fe0, 0x18cff }, { 0x1aff0, 0x1b2ff },
	{ 0x1f004, 0x1f004 }, { 0x1f0cf, 0x1f0cf }, { 0x1f18e, 0x1f18e },
	{ 0x1f191, 0x1f19a }, { 0x1f200, 0x1f320 }, { 0x1f32d, 0x1f335 },
	{ 0x1f337, 0x1f37c }, { 0x1f37e, 0x1f393 }, { 0x1f3a0, 0x1f3ca },
	{ 0x1f3cf, 0x1f3d3 }, { 0x1f3e0, 0x1f3f0 }, { 0x1f3f4, 0x1f3f4 },
	{ 0x1f3f8, 0x1f43e }, { 0x1f440, 0x1f440 }, { 0x1f442, 0x1f4fc },
	{ 0x1f4ff, 0x1f53d }, { 0x1f54b, 0x1f54e }, { 0x1f550, 0x1f567 },
	{ 0x1f57a, 0x1f57a }, { 0x1f595, 0x1f596 }, { 0x1f5a4, 0x1f5a4 },
	{ 0x1f5fb, 0x1f64f }, { 0x1f680, 0x1f6c5 }, { 0x1f6cc, 0x1f6cc },
	{ 0x1f6d0, 0x1f6d2 }, { 0x1f6d5, 0x1f6d7 }, { 0x1f6dc, 0x1f6df },
	{ 0x1f6eb, 0x1f6ec }, { 0x1f6f4, 0x1f6fc }, { 0x1f7e0, 0x1f7eb },
	{ 0x1f7f0, 0x1f7f0 }, { 0x1f90c, 0x1f93a }, { 0x1f93c, 0x1f945 },
	{ 0x1f947, 0x1f9ff }, { 0x1fa70, 0x1faff }, { 0x20000, 0x3fffd },
};

static const struct range marks[] = {
	{ 0x300, 0x36f },     { 0x483, 0x489 },	    { 0x591, 0x5bd },
	{ 0x5bf, 0x5bf },     { 0x5c1, 0x5c2 },	    { 0x5c4, 0x5c5 },
	{ 0x5c7, 0x5c7 },     { 0x610, 0x61a },	    { 0x64b, 0x65f },
	{ 0x670, 0x670 },     { 0x6d6, 0x6dc },	    { 0x6df, 0x6e4 },
	{ 0x6e7, 0x6e8 },     { 0x6ea, 0x6ed },	    { 0x711, 0x711 },
	{ 0x730, 0x74a },     { 0x900, 0x902 },	    { 0x93a, 0x93a },
	{ 0x93c, 0x93c },     { 0x941, 0x948 },	    { 0x94d, 0x94d },
	{ 0xe31, 0xe31 },     { 0xe34, 0xe3a },	    { 0xe47, 0xe4e },
	{ 0x1ab0, 0x1aff },   { 0x1dc0, 0x1dff },   { 0x20d0, 0x20f0 },
	{ 0x302a, 0x302d },   { 0x3099, 0x309a },   { 0xfe20, 0xfe2f },
	{ 0x1d165, 0x1d169 }, { 0x1d16d, 0x1d172 },
};

static bool within(const struct range *ranges, size_t n, unsigned int code)
{
	size_t low = 0;

	while (low < n) {
		size_t middle = low + (n - low) / 2;

		if (code > ranges[middle].last)
			low = middle + 1;
		else if (code >= ranges[middle].first)
			return true;
		else
			n = middle;
	}
	return false;
}

/* Columns of the character at text; its bytes go to *len. */
static size_t width_of(const char *text, size_t left, size_t *len)
{
	const unsigned char *s = (const unsigned char *)text;
	unsigned int code = 0;

	*len = utf8_decode(s, left, &code);
	if (*len == 0) {
		*len = 1;
		return 1;
	}
	if (code < 0x300)
		return 1;
	if (within(marks, ARRAY_LEN(marks), code))
		return 0;
	return within(wide, ARRAY_LEN(wide), code) ? 2 : 1;
}

size_t width_text(const char *text)
{
	size_t used;

	width_fit(text, (size_t)-1, &used);
	return used;
}

size_t width_fit(const char *text, size_t columns, size_t *used)
{
	size_t left = strlen(text), at = 0;

	*used = 0;
	while (at < left) {
		size_t len, width = width_of(text + at, left - at, &len);

		if (width > columns - *used)
			break;
		*used += width;
		at += len;
	}
	return at;
}

size_t width_cut(char *out, size_t size, const char *text, size_t columns)
{
	size_t used, len = width_fit(text, columns, &used);
	const char *end = "";

	if (size == 0)
		return 0;
	if (text[len] || len >= size) {
		size_t keep = columns > 0 ? columns - 1 : 0;

		end = columns > 0 ? "…" : "";
		len = width_fit(text, keep, &used);
		while (len + strlen(end) >= size && len > 0) {
			used = 0;
			len = width_fit(text, --keep, &used);
		}
		used += columns > 0;
	}
	snprintf(out, size, "%.*s%s", (int)len, text, end);
	return used;
}
