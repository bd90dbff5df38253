#include "policy/airlock/compare/cell.h"

#include <string.h>
#include <strings.h>

#include "gateway/base/own.h"
#include "gateway/base/visible.h"

enum { NARROW_MAX = 64 /* longer cells are words */ };

/* How people write that a count was taken out. */
static const char *const marks[] = {
	"*",   "**",	     "***",	   "-",	   "--",  "―",	 "–",
	"—",   "－",	     "−",	   "‐",	   "…",	  ".",	 "..",
	"...", "x",	     "X",	   "NA",   "N/A", "n/a", "NaN",
	"†",   "[REDACTED]", "REDACTED",   "<NA>", "秘",  "χ",	 "[c]",
	"[x]", "[z]",	     "suppressed", "＊",   "※",
};

/* Full-width forms and the signs that look like minus become ASCII; 0: other */
static char narrow(unsigned int code)
{
	if (code < 0x80)
		return (char)code;
	if (code >= 0xff01 && code <= 0xff5e)
		return (char)(code - 0xff01 + '!');
	if (code == 0x3000 || code == 0xa0)
		return ' ';
	if (code == 0x2212)
		return '-';
	return 0;
}

/* As ASCII without blanks around. The length, or 0: not possible. */
static size_t to_ascii(char *out, const char *text, size_t len)
{
	size_t used = 0;

	for (size_t at = 0; at < len;) {
		unsigned int code = 0;
		size_t n = utf8_decode((const unsigned char *)text + at,
				       len - at, &code);
		char c = n ? narrow(code) : 0;

		if (c == 0 || used == NARROW_MAX)
			return 0;
		at += n;
		if (c != ' ' || used > 0)
			out[used++] = c;
	}
	while (used > 0 && out[used - 1] == ' ')
		used--;
	return used;
}

static size_t trim(const char **text, size_t len)
{
	while (len > 0 && strchr(" \t\r\n", (*text)[0]) && (*text)[0]) {
		(*text)++;
		len--;
	}
	while (len > 0 && strchr(" \t\r\n", (*text)[len - 1]) &&
	       (*text)[len - 1])
		len--;
	return len;
}

static bool is_mark(const char *text, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(marks); i++)
		if (strlen(marks[i]) == len &&
		    strncasecmp(marks[i], text, len) == 0)
			return true;
	return false;
}

/* Groups of three behind commas, or no commas. */
static bool commas_fit(const char *s, size_t len)
{
	size_t digits = 0;
	bool any = false;

	for (size_t i = 0; i < len; i++) {
		if (s[i] == ',') {
			if (digits == 0 || digits > 3 || (any && digits != 3))
				return false;
			any = true;
			digits = 0;
		} else {
			digits++;
		}
	}
	return !any || digits == 3;
}

/* [+-]digits[.digits][%], with commas in front of the point. */
static bool read_number(const char *s, size_t len, struct cell *cell)
{
	size_t at = 0, digits = 0;
	bool minus = len > 0 && s[0] == '-', fraction = false;

	cell->value = 0;
	cell->decimals = 0;
	cell->kind = CELL_NUMBER;
	if (len > 0 && (s[0] == '-' || s[0] == '+'))
		at++;
	if (len > 1 && s[len - 1] == '%') {
		cell->kind = CELL_PERCENT;
		len--;
		while (len > 0 && s[len - 1] == ' ')
			len--;
	}
	size_t whole = at;
	while (whole < len && s[whole] != '.')
		whole++;
	if (!commas_fit(s + at, whole - at))
		return false;
	for (; at < len; at++) {
		if (s[at] == '.' && !fraction) {
			fraction = true;
			continue;
		}
		if (s[at] == ',' && !fraction)
			continue;
		if (s[at] < '0' || s[at] > '9' || ++digits > CELL_DIGITS)
			return false;
		cell->value = cell->value * 10 + (s[at] - '0');
		cell->decimals = (uint8_t)(cell->decimals + fraction);
	}
	if (minus)
		cell->value = -cell->value;
	return digits > 0;
}

/* "<10", "< 10", "<=9", "≤9", "10未満": a count below N. */
static bool read_below(const char *s, size_t len, struct cell *cell)
{
	bool inclusive;
	struct cell number = { 0 };

	if (len < 2 || s[0] != '<')
		return false;
	inclusive = s[1] == '=';
	s += 1 + inclusive;
	len -= 1u + inclusive;
	while (len > 0 && s[0] == ' ') {
		s++;
		len--;
	}
	if (!read_number(s, len, &number) || number.decimals > 0 ||
	    number.kind != CELL_NUMBER)
		return false;
	cell->kind = CELL_SUPPRESSED;
	cell->value = number.value + inclusive;
	cell->decimals = 0;
	return true;
}

/* "7 (2.1%)", "54.3 (12.1)", "7 [2.1 %]" */
static bool read_pair(const char *s, size_t len, struct cell *cell)
{
	struct cell beside = { 0 };
	const char *open = memchr(s, '(', len);
	size_t first, rest;

	if (!open)
		open = memchr(s, '[', len);
	if (!open || open == s || !strchr(")]", s[len - 1]))
		return false;
	first = rest = (size_t)(open - s);
	while (first > 0 && s[first - 1] == ' ')
		first--;
	rest = len - rest - 2;
	if (!read_number(s, first, cell) || cell->kind != CELL_NUMBER ||
	    !read_number(open + 1, rest, &beside))
		return false;
	cell->beside =
		beside.kind == CELL_PERCENT ? BESIDE_PERCENT : BESIDE_NUMBER;
	return true;
}

struct cell cell_read(const char *text, size_t len)
{
	static const char below_ja[] = "未満", at_most[] = "≤";
	struct cell cell = { 0 };
	char ascii[NARROW_MAX + 1];

	len = trim(&text, len);
	if (len == 0) {
		cell.kind = CELL_EMPTY;
		return cell;
	}
	if (is_mark(text, len)) {
		cell.kind = CELL_SUPPRESSED;
		return cell;
	}
	size_t n = sizeof below_ja - 1;
	size_t m = sizeof at_most - 1;
	size_t used;
	if (len > n && memcmp(text + len - n, below_ja, n) == 0) {
		ascii[0] = '<';
		used = to_ascii(ascii + 1, text, len - n < 40 ? len - n : 0);
		used += used > 0;
	} else if (len > m && len < 40 && memcmp(text, at_most, m) == 0) {
		memcpy(ascii, "<=", 2);
		used = to_ascii(ascii + 2, text + m, len - m);
		used += used > 0 ? 2 : 0;
	} else {
		used = to_ascii(ascii, text, len);
	}
	if (used > 0 &&
	    (read_below(ascii, used, &cell) ||
	     read_number(ascii, used, &cell) || read_pair(ascii, used, &cell)))
		return cell;
	return (struct cell){ 0 };
}

bool cell_is_whole(const struct cell *cell, int64_t *value)
{
	int64_t whole = cell->value;

	if (cell->kind != CELL_NUMBER)
		return false;
	for (uint8_t i = 0; i < cell->decimals; i++) {
		if (whole % 10 != 0)
			return false;
		whole /= 10;
	}
	*value = whole;
	return true;
}
