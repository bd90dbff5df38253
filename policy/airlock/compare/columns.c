#include "policy/airlock/compare/columns.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"

enum match { MATCH_EXACT, MATCH_WORD, MATCH_PART };
enum { WORD_SIZE = 128, CODES_MOST = 12 };

static const struct {
	enum match match;
	const char *word;
	enum column_role role;
} words[] = {
#define EXACT(word, role) { MATCH_EXACT, word, ROLE_##role },
#define WORD(word, role)  { MATCH_WORD, word, ROLE_##role },
#define PART(word, role)  { MATCH_PART, word, ROLE_##role },
#include "policy/airlock/compare/columns.def"
#undef EXACT
#undef WORD
#undef PART
};

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

size_t column_word(char *out, size_t size, const struct table *table,
		   const struct cell *cell)
{
	const char *text = table_text(table, cell);
	size_t len = cell->len, used = 0;

	while (len > 0 && blank(*text)) {
		text++;
		len--;
	}
	while (len > 0 && blank(text[len - 1]))
		len--;
	for (; used < len && used + 1 < size; used++)
		out[used] = text[used] >= 'A' && text[used] <= 'Z'
				    ? (char)(text[used] | 0x20)
				    : text[used];
	out[used] = '\0';
	return used;
}

static bool in_word(char c)
{
	return isalnum((unsigned char)c) || (c & 0x80) != 0;
}

/* word stands in text with no letter or digit beside it. */
static bool has_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = text; (at = strstr(at, word)); at++)
		if ((at == text || !in_word(at[-1])) && !in_word(at[len]))
			return true;
	return false;
}

static bool fits(const char *text, size_t i)
{
	if (words[i].match == MATCH_EXACT)
		return strcmp(text, words[i].word) == 0;
	if (words[i].match == MATCH_WORD)
		return has_word(text, words[i].word);
	return strstr(text, words[i].word) != NULL;
}

/* p5, p50, q25, 95th percentile: the number; 0: none. */
static uint8_t percentile_of(const char *text)
{
	const char *at = text;
	char *end;

	if ((at[0] == 'p' || at[0] == 'q') && isdigit((unsigned char)at[1]))
		at++;
	else if (!strstr(text, "percentile") && !strstr(text, "centile") &&
		 !strstr(text, "パーセンタイル"))
		return strcmp(text, "median") == 0 ? 50 : 0;
	while (*at && !isdigit((unsigned char)*at))
		at++;
	unsigned long value = strtoul(at, &end, 10);
	if (value < 1 || value > 99 || isalnum((unsigned char)*end)) {
		if (strncmp(end, "th", 2) != 0)
			return 0;
	}
	return value >= 1 && value <= 99 ? (uint8_t)value : 0;
}

/* The first of the words that fits, or -1. */
static int find_word(const char *text)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (fits(text, i))
			return (int)i;
	return -1;
}

static void read_heading(struct column *column, const struct table *table,
			 size_t c)
{
	char text[WORD_SIZE];

	column_word(text, sizeof text, table, table_at(table, 0, c));
	column->percentile = percentile_of(text);
	if (column->percentile > 0) {
		column->named = ROLE_PERCENTILE;
		return;
	}
	int word = find_word(text);
	if (word >= 0)
		column->named = words[word].role;
	if (column->named == ROLE_PERCENTILE)
		column->percentile = 50;
}

/* Nothing in it but whole numbers of at least 0, and places of counts. */
static bool holds_counts(const struct columns *columns,
			 const struct table *table, size_t c)
{
	size_t whole = 0, suppressed = 0;

	for (size_t r = columns->first_row; r < table->nrows; r++) {
		const struct cell *cell = table_at(table, r, c);
		int64_t value;

		if (cell_is_whole(cell, &value) && value >= 0)
			whole++;
		else if (cell->kind == CELL_SUPPRESSED)
			suppressed++;
		else if (cell->kind != CELL_EMPTY && cell->kind != CELL_TEXT)
			return false;
	}
	return whole > 0 || suppressed > 0;
}

static bool only_percents(const struct columns *columns,
			  const struct table *table, size_t c)
{
	size_t percents = 0;

	for (size_t r = columns->first_row; r < table->nrows; r++) {
		const struct cell *cell = table_at(table, r, c);

		percents += cell->kind == CELL_PERCENT;
		if (cell->kind == CELL_NUMBER)
			return false;
	}
	return percents > 0;
}

static enum column_role decide(const struct columns *columns,
			       const struct table *table, size_t c)
{
	enum column_role named = columns->column[c].named;

	if (c == 0 && columns->n > 1 && named != ROLE_AREA &&
	    named != ROLE_INSURER && named != ROLE_FACILITY &&
	    named != ROLE_PERSONS && named != ROLE_DIRECT)
		return ROLE_LABEL;
	if (only_percents(columns, table, c))
		return ROLE_PERCENT;
	if ((named == ROLE_PERSONS || named == ROLE_MARGIN ||
	     named == ROLE_OTHER) &&
	    !holds_counts(columns, table, c))
		return named == ROLE_OTHER ? ROLE_OTHER : ROLE_MODEL;
	return named == ROLE_OTHER ? ROLE_COUNT : named;
}

/*
 * A few numbers, each of them more than once: codes such as 1 and 2 for sex.
 * Counts that repeat so are rare, and other counts of the table stand beside.
 */
static bool holds_codes(const struct columns *columns,
			const struct table *table, size_t c)
{
	int64_t values[CODES_MOST], value;
	size_t times[CODES_MOST] = { 0 }, n = 0, at;

	for (size_t r = columns->first_row; r < table->nrows; r++) {
		if (!cell_is_whole(table_at(table, r, c), &value))
			return false;
		for (at = 0; at < n && values[at] != value; at++)
			;
		if (at == CODES_MOST)
			return false;
		values[at] = value;
		times[at]++;
		n += at == n;
	}
	for (at = 0; at < n; at++)
		if (times[at] < 2)
			return false;
	return n > 1;
}

/* In front of a column that is called persons, columns of codes are keys. */
static void find_codes(struct columns *columns, const struct table *table)
{
	int persons = column_with(columns, ROLE_PERSONS);

	for (int c = 1; c < persons; c++)
		if (columns->column[c].role == ROLE_COUNT &&
		    holds_codes(columns, table, (size_t)c))
			columns->column[c].role = ROLE_KEY;
}

static void read_card(struct columns *columns, const struct table *table,
		      const struct card *card)
{
	char text[WORD_SIZE];

	for (size_t c = 0; c < columns->n; c++) {
		const struct cell *cell = table_at(table, 0, c);

		column_word(text, sizeof text, table, cell);
		if (card->population_column &&
		    strcasecmp(text, card->population_column) == 0)
			columns->column[c].named = ROLE_POPULATION;
		if (card->n_column && strcasecmp(text, card->n_column) == 0)
			columns->column[c].named = ROLE_PERSONS;
	}
	if (card->geo_municipality && columns->n > 0)
		columns->column[0].named = ROLE_AREA;
}

bool columns_read(struct columns *columns, const struct table *table,
		  const struct card *card)
{
	memset(columns, 0, sizeof *columns);
	columns->n = table->columns;
	if (columns->n > COLUMNS_MOST)
		return false;
	columns->first_row = table_has_heading(table) ? 1 : 0;
	for (size_t c = 0; columns->first_row > 0 && c < columns->n; c++)
		read_heading(&columns->column[c], table, c);
	if (columns->first_row > 0)
		read_card(columns, table, card);
	for (size_t c = 0; c < columns->n; c++)
		columns->column[c].role = decide(columns, table, c);
	find_codes(columns, table);
	return true;
}

bool column_counts(const struct columns *columns, size_t column)
{
	enum column_role role = columns->column[column].role;

	return role == ROLE_COUNT || role == ROLE_PERSONS ||
	       role == ROLE_MARGIN || role == ROLE_AT_RISK ||
	       role == ROLE_EVENTS;
}

int column_with(const struct columns *columns, enum column_role role)
{
	for (size_t c = 0; c < columns->n; c++)
		if (columns->column[c].role == role)
			return (int)c;
	return -1;
}

int column_base(const struct columns *columns, const struct table *table,
		const struct card *card)
{
	char text[WORD_SIZE];

	for (size_t c = 0; card->n_column && c < columns->n; c++) {
		column_word(text, sizeof text, table, table_at(table, 0, c));
		if (strcasecmp(text, card->n_column) == 0)
			return (int)c;
	}
	int persons = column_with(columns, ROLE_PERSONS);
	return persons >= 0 ? persons : column_with(columns, ROLE_MARGIN);
}

bool row_is_margin(const struct table *table, size_t row)
{
	char text[WORD_SIZE];
	static const char *const margins[] = {
		"total", "all",	 "sum",	 "overall", "grand total",
		"合計",	 "総数", "総計", "計",	    "全体",
	};

	column_word(text, sizeof text, table, table_at(table, row, 0));
	for (size_t i = 0; i < ARRAY_LEN(margins); i++)
		if (strcmp(text, margins[i]) == 0)
			return true;
	return false;
}

bool row_is_persons(const struct table *table, size_t row)
{
	char text[WORD_SIZE];

	column_word(text, sizeof text, table, table_at(table, row, 0));
	int word = find_word(text);
	return word >= 0 && words[word].role == ROLE_PERSONS;
}
