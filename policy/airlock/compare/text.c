#include "policy/airlock/compare/text.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "gateway/base/own.h"

/* Words that are enough by themselves, each looked for by its rarest byte. */
static const struct {
	const char *word;
	size_t rare;
	enum finding_code code;
} words[] = {
	{ "PRIVATE KEY-----", 11, FINDING_I06_KEY },
	{ "PuTTY-User-Key-File", 5, FINDING_I06_KEY },
	{ "AGE-SECRET-KEY-1", 3, FINDING_I06_KEY },
	{ "http://", 4, FINDING_F09_EXTERNAL_REF },
	{ "https://", 5, FINDING_F09_EXTERNAL_REF },
	{ "ftp://", 3, FINDING_F09_EXTERNAL_REF },
	{ "file://", 4, FINDING_F09_EXTERNAL_REF },
	{ ";base64,", 0, FINDING_F09_ACTIVE },
	{ "<script", 0, FINDING_F09_ACTIVE },
	{ "javascript:", 10, FINDING_F09_ACTIVE },
};

static void add(const struct text_check *check, uint32_t line,
		enum finding_code code, enum severity severity)
{
	const struct finding f = {
		.code = code,
		.severity = severity,
		.file = check->file,
		.row = line,
	};

	findings_add(check->findings, &f);
}

static bool holds(const char *text, size_t len, size_t w)
{
	const char *word = words[w].word, *end = text + len, *at = text;
	size_t rare = words[w].rare, n = strlen(word);

	while ((at = memchr(at, word[rare], (size_t)(end - at)))) {
		if ((size_t)(at - text) >= rare &&
		    (size_t)(end - at) + rare >= n &&
		    strncasecmp(at - rare, word, n) == 0)
			return true;
		at++;
	}
	return false;
}

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The check digit of an individual number (個人番号), of twelve digits. */
static bool my_number(const char *d)
{
	int sum = 0;

	for (int n = 1; n <= 11; n++)
		sum += (d[11 - n] - '0') * (n <= 6 ? n + 1 : n - 5);
	int check = sum % 11 <= 1 ? 0 : 11 - sum % 11;
	return check == d[11] - '0';
}

struct digits {
	size_t n, groups, end; /* digits, groups of them, where it ends */
	char value[16];
	size_t group[4];
};

/* Digits that begin at text, in groups behind single hyphens or blanks. */
static struct digits read_digits(const char *text, size_t len)
{
	struct digits d = { .groups = 1 };
	size_t at = 0;

	for (; at < len; at++) {
		bool joint = (text[at] == '-' || text[at] == ' ') &&
			     at + 1 < len && digit(text[at + 1]) && at > 0;

		if (digit(text[at])) {
			if (d.n < sizeof d.value)
				d.value[d.n] = text[at];
			d.n++;
			d.group[d.groups - 1]++;
		} else if (joint && d.groups < 4) {
			d.groups++;
		} else {
			break;
		}
	}
	d.end = at;
	return d;
}

/* 03-1234-5678, 090-1234-5678: ten or eleven digits in three groups */
static bool is_phone(const struct digits *d)
{
	return d->groups == 3 && (d->n == 10 || d->n == 11) &&
	       d->value[0] == '0' && d->group[2] == 4 && d->group[0] <= 5;
}

static void look_at_numbers(const struct text_check *check, uint32_t line,
			    const char *text, size_t len)
{
	bool block = false, flag = false;

	for (size_t at = 0; at < len;) {
		if (!digit(text[at])) {
			at++;
			continue;
		}
		struct digits d = read_digits(text + at, len - at);

		/* a decimal fraction is no number of a person */
		bool fraction = at > 0 && text[at - 1] == '.';
		block |= d.n == 12 && !fraction && my_number(d.value);
		flag |= is_phone(&d);
		at += d.end;
	}
	if (block)
		add(check, line, FINDING_I03_ID_SHAPE, SEVERITY_BLOCK);
	if (flag)
		add(check, line, FINDING_I03_ID_SHAPE, SEVERITY_FLAG);
}

/* name@host.top */
static bool is_mail(const char *text, size_t len, size_t at)
{
	size_t end = at + 1, dots = 0;

	if (at == 0 || !isalnum((unsigned char)text[at - 1]))
		return false;
	while (end < len && (isalnum((unsigned char)text[end]) ||
			     text[end] == '-' || text[end] == '.')) {
		dots += text[end] == '.';
		end++;
	}
	return dots > 0 && end - at > 3 &&
	       isalpha((unsigned char)text[end - 1]);
}

static bool has_mail(const char *text, size_t len)
{
	const char *at = text;

	while ((at = memchr(at, '@', len - (size_t)(at - text)))) {
		if (is_mail(text, len, (size_t)(at - text)))
			return true;
		at++;
	}
	return false;
}

/* "Df Residuals: 7", "on 7 degrees of freedom": the number, or -1 */
static int64_t residual_df(const char *text, size_t len)
{
	static const char *const before[] = { "df residuals:", "residual df:",
					      "df.residual:" };
	static const char after[] = " degrees of freedom";
	size_t start = len;

	for (size_t at = 0; at < len && start == len; at++) {
		char c = (char)(text[at] | 0x20);

		for (size_t i = 0; i < ARRAY_LEN(before); i++)
			if (c == before[i][0] &&
			    len - at >= strlen(before[i]) &&
			    strncasecmp(text + at, before[i],
					strlen(before[i])) == 0)
				start = at + strlen(before[i]);
		if (c == ' ' && len - at >= sizeof after - 1 &&
		    text[at + 1] == after[1] &&
		    strncasecmp(text + at, after, sizeof after - 1) == 0) {
			start = at;
			while (start > 0 && digit(text[start - 1]))
				start--;
		}
	}
	while (start < len && text[start] == ' ')
		start++;
	if (start >= len || !digit(text[start]))
		return -1;
	int64_t value = 0;
	for (; start < len && digit(text[start]) && value < INT32_MAX; start++)
		value = value * 10 + (text[start] - '0');
	return value;
}

static void look_at_models(const struct text_check *check, uint32_t line,
			   const char *text, size_t len)
{
	int64_t df = residual_df(text, len);
	const struct finding f = {
		.code = FINDING_M01_RESIDUAL_DF,
		.file = check->file,
		.row = line,
		.first = (uint64_t)df,
		.second = check->profile->min_residual_df,
	};

	if (df >= 0 && f.first < f.second)
		findings_raise(check->findings, f);
}

void text_check_line(const struct text_check *check, uint32_t line,
		     const char *text, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (holds(text, len, i))
			add(check, line, words[i].code,
			    finding_at((size_t)words[i].code)->severity);
	look_at_numbers(check, line, text, len);
	if (has_mail(text, len))
		add(check, line, FINDING_I03_ID_SHAPE, SEVERITY_FLAG);
	look_at_models(check, line, text, len);
}

uint64_t text_marks(const char *text, size_t len)
{
	static const char *const marks[] = { "<circle", "<use", "<ellipse" };
	const char *at = text, *end = text + len;
	uint64_t n = 0;

	while ((at = memchr(at, '<', (size_t)(end - at)))) {
		for (size_t i = 0; i < ARRAY_LEN(marks); i++)
			n += (size_t)(end - at) > strlen(marks[i]) &&
			     memcmp(at, marks[i], strlen(marks[i])) == 0;
		at++;
	}
	return n;
}
