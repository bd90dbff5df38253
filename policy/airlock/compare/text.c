#include "policy/airlock/compare/text.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "gateway/base/own.h"

/*
 * Words that are enough by themselves. Each is looked for by one rare byte of
 * it, at that place of the word; those with the same byte stand together.
 */
static const struct word {
	const char *word;
	size_t rare;
	enum finding_code code;
} words[] = {
	{ "http://", 4, FINDING_F09_EXTERNAL_REF },
	{ "https://", 5, FINDING_F09_EXTERNAL_REF },
	{ "ftp://", 3, FINDING_F09_EXTERNAL_REF },
	{ "file://", 4, FINDING_F09_EXTERNAL_REF },
	{ "javascript:", 10, FINDING_F09_ACTIVE },
	{ "display:none", 7, FINDING_F10_HIDDEN },
	{ "display: none", 7, FINDING_F10_HIDDEN },
	{ "visibility:hidden", 10, FINDING_F10_HIDDEN },
	{ "PRIVATE KEY-----", 11, FINDING_I06_KEY },
	{ "PuTTY-User-Key-File", 5, FINDING_I06_KEY },
	{ "AGE-SECRET-KEY-1", 3, FINDING_I06_KEY },
	{ ";base64,", 0, FINDING_F09_ACTIVE },
	{ "<script", 0, FINDING_F09_ACTIVE },
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

/* The word stands in text[0..len) so that its rare byte is at at. */
static bool stands(const char *text, size_t len, size_t at,
		   const struct word *word)
{
	size_t n = strlen(word->word);

	return at >= word->rare && len - at + word->rare >= n &&
	       strncasecmp(text + at - word->rare, word->word, n) == 0;
}

static void look_for_words(const struct text_check *check, uint32_t line,
			   const char *text, size_t len)
{
	bool said[ARRAY_LEN(words)] = { false };

	for (size_t first = 0, end; first < ARRAY_LEN(words); first = end) {
		char rare = words[first].word[words[first].rare];
		const char *at = text;

		for (end = first; end < ARRAY_LEN(words) &&
				  words[end].word[words[end].rare] == rare;)
			end++;
		for (; (at = memchr(at, rare, len - (size_t)(at - text))); at++)
			for (size_t w = first; w < end; w++)
				said[w] |=
					stands(text, len, (size_t)(at - text),
					       &words[w]);
	}
	for (size_t w = 0; w < ARRAY_LEN(words); w++)
		if (said[w])
			add(check, line, words[w].code,
			    finding_at((size_t)words[w].code)->severity);
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
		size_t group = 1;

		while (at + group < len && digit(text[at + group]))
			group++;
		if (group != 12 && group != 4 &&
		    (text[at] != '0' || group < 2 || group > 5)) {
			at += group;
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

static bool is_at(const char *text, size_t len, size_t at, const char *word)
{
	size_t n = strlen(word);

	return at <= len && len - at >= n &&
	       strncasecmp(text + at, word, n) == 0;
}

/*
 * "Df Residuals: 7", "residual df: 7", "on 7 degrees of freedom": where the
 * number begins, if the f at at is in such words; else len.
 */
static size_t df_at(const char *text, size_t len, size_t at)
{
	static const char after[] = " degrees of";
	size_t start = at + 1;

	if (at > 0 && (text[at - 1] | 0x20) == 'd') {
		if (is_at(text, len, start, " residuals:"))
			return start + strlen(" residuals:");
		if (is_at(text, len, start, ".residual:"))
			return start + strlen(".residual:");
		if (is_at(text, len, start, ":"))
			return start + 1;
	}
	if (!is_at(text, len, start, " freedom") || start < sizeof after ||
	    !is_at(text, len, start - (sizeof after - 1), after))
		return len;
	start -= sizeof after - 1;
	while (start > 0 && digit(text[start - 1]))
		start--;
	return start;
}

/* The number, or -1 */
static int64_t residual_df(const char *text, size_t len)
{
	size_t start = len;
	int64_t value = 0;

	for (const char *f = "fF"; *f && start == len; f++)
		for (const char *at = text;
		     start == len &&
		     (at = memchr(at, *f, len - (size_t)(at - text)));
		     at++)
			start = df_at(text, len, (size_t)(at - text));
	while (start < len && text[start] == ' ')
		start++;
	if (start >= len || !digit(text[start]))
		return -1;
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

/* A part of a PNG that holds words: its length, then its name. */
static bool is_chunk(const char *text, size_t len)
{
	static const char *const names[] = { "tEXt", "zTXt", "iTXt", "eXIf" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *at = memmem(text, len, names[i], 4);

		if (at && at - text >= 4 && at[-4] == 0)
			return true;
	}
	return false;
}

static bool in_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || (c & 0x80) != 0;
}

/* "n=7", "N = 7": the number behind the sign at at; -1: it is none. */
static int64_t stated_count(const char *text, size_t len, size_t at)
{
	size_t before = at, after = at + 1;
	int64_t value = 0;

	while (before > 0 && text[before - 1] == ' ')
		before--;
	if (before == 0 || (text[before - 1] | 0x20) != 'n' ||
	    (before > 1 && in_word(text[before - 2])))
		return -1;
	while (after < len && text[after] == ' ')
		after++;
	if (after == len || !digit(text[after]))
		return -1;
	for (; after < len && digit(text[after]) && value < INT32_MAX; after++)
		value = value * 10 + (text[after] - '0');
	/* 0.5, 1,234 */
	bool goes_on = after + 1 < len && digit(text[after + 1]) &&
		       (text[after] == '.' || text[after] == ',');
	return goes_on ? -1 : value;
}

static void look_for_counts(const struct text_check *check, uint32_t line,
			    const char *text, size_t len)
{
	const char *at = text;

	for (; (at = memchr(at, '=', len - (size_t)(at - text))); at++) {
		int64_t n = stated_count(text, len, (size_t)(at - text));
		const struct finding f = {
			.code = FINDING_T01_MIN_CELL,
			.severity = SEVERITY_FLAG,
			.file = check->file,
			.row = line,
			.first = check->profile->k,
		};

		if (n > 0 && (uint64_t)n < check->profile->k) {
			findings_add(check->findings, &f);
			return;
		}
	}
}

void text_check_line(const struct text_check *check, uint32_t line,
		     const char *text, size_t len)
{
	look_for_words(check, line, text, len);
	if (is_chunk(text, len))
		add(check, line, FINDING_F10_HIDDEN, SEVERITY_BLOCK);
	look_at_numbers(check, line, text, len);
	if (has_mail(text, len))
		add(check, line, FINDING_I03_ID_SHAPE, SEVERITY_FLAG);
	look_at_models(check, line, text, len);
	look_for_counts(check, line, text, len);
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
