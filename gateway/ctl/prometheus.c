/*
 * prometheus - an answer's numbers for a collector, in Prometheus' text format
 * (version 0.0.4): sekisho_<answer>_<column>.
 *
 * Numbers and times (seconds since 1970) are gauges. Ids and states are labels
 * of a list's rows; of one thing they stand in sekisho_<answer>_info, so that
 * a changed one does not begin all series anew. Free text is left out.
 */
#include <ctype.h>
#include <string.h>

#include "gateway/base/visible.h"
#include "gateway/ctl/ctl.h"

enum { NAME = 64, CELL = 4 * RESULT_CELL_SIZE };

/* ANSWER_STATUS is "status". */
static void name_answer(const struct result *result, char *name)
{
	const char *code = result_code(&result->title);
	size_t n = 0;

	if (strncmp(code, "ANSWER_", 7) == 0)
		code += 7;
	for (; n < NAME - 1 && code[n]; n++)
		name[n] = (char)tolower((unsigned char)code[n]);
	name[n] = '\0';
}

static bool is_label(const struct result_column *column)
{
	return column->kind == RESULT_ID || column->kind == RESULT_STATE;
}

static bool is_gauge(const struct result_column *column)
{
	return column->kind == RESULT_NUMBER || column->kind == RESULT_TIME;
}

static void put_labels(FILE *out, const struct result *result, unsigned int row)
{
	char visible[CELL];
	bool first = true;

	for (unsigned int i = 0; i < result->ncolumns; i++) {
		const char *cell = result_cell(result, row, i);

		if (!is_label(&result->columns[i]))
			continue;
		visible_text(visible, sizeof visible, cell, strlen(cell));
		fprintf(out, "%s%s=\"", first ? "{" : ",",
			result->columns[i].key);
		for (const char *c = visible; *c; c++)
			fprintf(out, "%s%c",
				*c == '"' || *c == '\\' ? "\\" : "", *c);
		fputc('"', out);
		first = false;
	}
	if (!first)
		fputc('}', out);
}

/* An unknown number has no sample. */
static void put_gauge(FILE *out, const struct result *result, const char *name,
		      unsigned int column)
{
	const char *key = result->columns[column].key;

	fprintf(out, "# TYPE sekisho_%s_%s gauge\n", name, key);
	for (unsigned int row = 0; row < result->nrows; row++) {
		const char *cell = result_cell(result, row, column);

		if (!*cell)
			continue;
		fprintf(out, "sekisho_%s_%s", name, key);
		if (result->shape == RESULT_LIST)
			put_labels(out, result, row);
		fprintf(out, " %s\n", cell);
	}
}

void ctl_prometheus(FILE *out, const struct result *result)
{
	char name[NAME];

	name_answer(result, name);
	if (result->shape == RESULT_ONE && result->nrows > 0) {
		fprintf(out, "# TYPE sekisho_%s_info gauge\nsekisho_%s_info",
			name, name);
		put_labels(out, result, 0);
		fputs(" 1\n", out);
	}
	for (unsigned int i = 0; i < result->ncolumns; i++)
		if (is_gauge(&result->columns[i]))
			put_gauge(out, result, name, i);
}
