/*
 * findings - codes and numbers as sentences.
 *
 * Runs in sekisho-desk. The codes come from policy, which had them from
 * sekisho-compare; the words are those of policy/airlock/findings.def.
 */
#include "gateway/desk/findings.h"

#include <stdio.h>
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/desk/columns.h"
#include "policy/client.h"

static const struct {
	const char *severity;
	char sign;
	const char *colour;
} looks[] = {
	{ "block", '!', "1;31" },
	{ "flag", '?', "1;33" },
	{ "info", 'i', "36" },
};

char findings_sign(const char *severity)
{
	for (size_t i = 0; i < ARRAY_LEN(looks); i++)
		if (strcmp(looks[i].severity, severity) == 0)
			return looks[i].sign;
	return '*';
}

const char *findings_colour(const char *severity)
{
	for (size_t i = 0; i < ARRAY_LEN(looks); i++)
		if (strcmp(looks[i].severity, severity) == 0)
			return looks[i].colour;
	return "";
}

unsigned int findings_count(const struct result *result, const char *severity)
{
	int column = column_of(result, "severity");
	unsigned int n = 0;

	for (unsigned int row = 0; row < result->nrows; row++)
		n += strcmp(column_text(result, row, column), severity) == 0;
	return n;
}

static void explain_row(struct result *out, const struct result *in,
			unsigned int row, const char *lang)
{
	const char *code = column_cell(in, row, "code");
	const struct finding_text *known = finding_find(code);
	uint64_t numbers[2] = { column_count(in, row, "first"),
				column_count(in, row, "second") };
	char sentence[RESULT_CELL_SIZE];

	for (unsigned int i = 0; i < in->ncolumns; i++)
		result_text(out, result_cell(in, row, i));
	if (known)
		finding_sentence(sentence, sizeof sentence, known, lang,
				 numbers);
	else
		text_fill(sentence, sizeof sentence, lang, TEXT_FINDING_UNKNOWN,
			  code, NULL, NULL);
	result_text(out, sentence);
	result_text(out, known ? finding_remedy(known, lang) : "");
}

void findings_explain(struct result *result, const char *lang)
{
	static struct result in;

	if (result->has_error || column_of(result, "code") < 0 ||
	    result->ncolumns + 2 > RESULT_COLUMNS)
		return;
	in = *result;
	result_begin(result, in.shape, in.title.id);
	result->has_title = in.has_title;
	result->exit = in.exit;
	for (unsigned int i = 0; i < in.ncolumns; i++)
		result_column(result, in.columns[i].key, in.columns[i].kind);
	result_column(result, "finding", RESULT_TEXT);
	result_column(result, "remedy", RESULT_TEXT);
	for (unsigned int row = 0; row < in.nrows; row++) {
		result_row(result);
		explain_row(result, &in, row, lang);
	}
	result->cut += in.cut;
	for (unsigned int i = 0; i < in.nnotes; i++)
		result_note(result, in.notes[i].id,
			    in.chars + in.notes[i].arguments[0],
			    in.chars + in.notes[i].arguments[1],
			    in.chars + in.notes[i].arguments[2]);
}

const char *findings_place(const struct result *result, unsigned int row,
			   const char *lang, char *out, size_t size)
{
	const char *line = column_cell(result, row, "row");
	const char *column = column_cell(result, row, "column");
	bool in_row = *line && strcmp(line, "0") != 0;
	bool in_column = *column && strcmp(column, "0") != 0;

	if (in_row && in_column)
		return text_fill(out, size, lang, TEXT_PLACE_ROW_COLUMN, line,
				 column, NULL);
	if (in_row)
		return text_fill(out, size, lang, TEXT_PLACE_ROW, line, NULL,
				 NULL);
	if (in_column)
		return text_fill(out, size, lang, TEXT_PLACE_COLUMN, column,
				 NULL, NULL);
	return text_fill(out, size, lang, TEXT_PLACE_FILE, NULL, NULL, NULL);
}
