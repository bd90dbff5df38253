#include "policy/airlock/compare/textual.h"

#include <string.h>

enum { PRINTED = ' ', TOKENS = 128 };

static const char separators[] = "\t|;,";

struct token {
	const char *text;
	size_t len;
};

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct token trimmed(const char *text, size_t len)
{
	while (len > 0 && blank(*text)) {
		text++;
		len--;
	}
	while (len > 0 && blank(text[len - 1]))
		len--;
	return (struct token){ text, len };
}

/* Without the outer bars of a row of Markdown. */
static struct token inside(const char *text, size_t len, char separator)
{
	struct token row = { text, len };

	if (separator != '|')
		return row;
	row = trimmed(text, len);
	if (row.len > 1 && row.text[0] == '|') {
		row.text++;
		row.len--;
	}
	if (row.len > 1 && row.text[row.len - 1] == '|')
		row.len--;
	return row;
}

/* |---|:--:| and the like */
static bool is_rule(const char *text, size_t len)
{
	size_t dashes = 0;

	for (size_t i = 0; i < len; i++) {
		if (!text[i] || !strchr("-|:+= \t", text[i]))
			return false;
		dashes += text[i] == '-' || text[i] == '=';
	}
	return dashes >= 3;
}

static size_t count_cells(const char *text, size_t len, char separator)
{
	struct token row = inside(text, len, separator);
	size_t n = 1;

	for (size_t i = 0; i < row.len; i++)
		n += row.text[i] == separator;
	return n;
}

static void add_cells(struct table *table, const char *text, size_t len,
		      char separator)
{
	struct token row = inside(text, len, separator);
	size_t start = 0;

	for (size_t i = 0; i <= row.len; i++)
		if (i == row.len || row.text[i] == separator) {
			struct token cell =
				trimmed(row.text + start, i - start);

			if (cell.len > 1 && cell.text[0] == '"' &&
			    cell.text[cell.len - 1] == '"') {
				cell.text++;
				cell.len -= 2;
			}
			table_add_cell(table, cell.text, cell.len);
			start = i + 1;
		}
}

/* Words between blanks; at most TOKENS, more are none. */
static size_t split(struct token *tokens, const char *text, size_t len)
{
	size_t n = 0, at = 0;

	for (;;) {
		size_t start;

		while (at < len && blank(text[at]))
			at++;
		if (at == len)
			return n;
		start = at;
		while (at < len && !blank(text[at]))
			at++;
		if (n == TOKENS)
			return 0;
		tokens[n++] = (struct token){ text + start, at - start };
	}
}

static bool is_number(const struct token *token)
{
	enum cell_kind kind = cell_read(token->text, token->len).kind;

	return kind == CELL_NUMBER || kind == CELL_PERCENT ||
	       kind == CELL_SUPPRESSED;
}

/* Numbers at the end of the line. A line of nothing else has a label too. */
static size_t count_numbers(const char *text, size_t len)
{
	struct token tokens[TOKENS];
	size_t n = split(tokens, text, len), numbers = 0;

	while (numbers < n && is_number(&tokens[n - 1 - numbers]))
		numbers++;
	return numbers == n && n > 0 ? n - 1 : numbers;
}

static void add_printed(struct textual *t, const char *text, size_t len)
{
	struct token tokens[TOKENS];
	size_t n = split(tokens, text, len);
	size_t labels = n > t->cells ? n - t->cells : 0;
	const char *end =
		labels > 0 ? tokens[labels - 1].text + tokens[labels - 1].len
			   : text;

	table_add_cell(&t->table, n > 0 ? tokens[0].text : text,
		       labels > 0 ? (size_t)(end - tokens[0].text) : 0);
	for (size_t i = labels; i < n; i++)
		table_add_cell(&t->table, tokens[i].text, tokens[i].len);
}

/* The line before names the columns of printed numbers. */
static bool is_heading(const struct textual *t, size_t numbers)
{
	struct token tokens[TOKENS];
	size_t n = split(tokens, t->before, t->len);

	return t->len > 0 && (n == numbers || n == numbers + 1);
}

static void add_row(struct textual *t, uint32_t number, const char *text,
		    size_t len)
{
	table_add_row(&t->table, number);
	if (t->separator == PRINTED)
		add_printed(t, text, len);
	else
		add_cells(&t->table, text, len, t->separator);
}

/* Do this line and the one before begin a table? */
static void try_open(struct textual *t, const char *text, size_t len)
{
	for (const char *s = separators; *s && t->len > 0; s++) {
		size_t n = count_cells(text, len, *s);

		if (n < 2 || n != count_cells(t->before, t->len, *s))
			continue;
		t->separator = *s;
		t->cells = n;
		add_row(t, t->number, t->before, t->len);
		return;
	}
	size_t numbers = count_numbers(text, len);
	bool same = t->len > 0 && count_numbers(t->before, t->len) == numbers;
	if (numbers == 0 || (!same && !is_heading(t, numbers)))
		return;
	t->separator = PRINTED;
	t->cells = numbers;
	add_row(t, t->number, t->before, t->len);
}

static bool goes_on(const struct textual *t, const char *text, size_t len)
{
	if (t->separator == PRINTED)
		return count_numbers(text, len) == t->cells;
	return count_cells(text, len, t->separator) == t->cells;
}

static void keep(struct textual *t, uint32_t number, const char *text,
		 size_t len)
{
	t->len = len;
	t->number = number;
	if (len > 0)
		memcpy(t->before, text, len);
}

bool textual_line(struct textual *t, uint32_t number, const char *text,
		  size_t len)
{
	if (len > TEXTUAL_LINE)
		len = 0;
	if (is_rule(text, len))
		return false;
	if (t->separator && !goes_on(t, text, len))
		return true;
	if (!t->separator)
		try_open(t, text, len);
	if (t->separator)
		add_row(t, number, text, len);
	keep(t, number, text, len);
	return false;
}

bool textual_end(struct textual *t)
{
	return t->separator != 0;
}

void textual_taken(struct textual *t)
{
	table_clear(&t->table);
	t->separator = 0;
	t->len = 0;
}

bool textual_is_list(const struct textual *t)
{
	return t->separator == PRINTED && t->cells == 1;
}
