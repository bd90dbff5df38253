/*
 * overview_text - a report as tables for a terminal.
 *
 * Runs in sekisho-prepare as the custodian.
 */
#include <inttypes.h>
#include <string.h>
#include <wchar.h>

#include "gateway/base/own.h"
#include "gateway/base/text.h"
#include "gateway/base/visible.h"
#include "policy/prepare/overview.h"

enum { NAME_WIDTH = 24 };

static void say(FILE *out, const char *lang, enum text_id id, const char *first,
		const char *second)
{
	char line[1024];

	fprintf(out, "%s\n",
		text_fill(line, sizeof line, lang, id, first, second, NULL));
}

/* Columns of a terminal that a text takes: wide characters take two. */
static int width(const char *text)
{
	size_t len = strlen(text);
	int columns = 0;

	for (size_t at = 0; at < len;) {
		unsigned int code;
		size_t n = utf8_decode((const unsigned char *)text + at,
				       len - at, &code);

		columns += n ? wcwidth((wchar_t)code) : 1;
		at += n ? n : 1;
	}
	return columns;
}

static void cell(FILE *out, const char *text, int columns, bool right)
{
	int blanks = columns - width(text);

	blanks = blanks > 0 ? blanks : 0;
	if (right)
		fprintf(out, " %*s%s", blanks, "", text);
	else
		fprintf(out, "%s%*s", text, blanks, "");
}

static void number_cell(FILE *out, uint64_t number, int columns)
{
	char text[24];

	snprintf(text, sizeof text, "%" PRIu64, number);
	cell(out, text, columns, true);
}

static void put_columns(FILE *out, const struct overview_source *source,
			const char *lang)
{
	static const struct {
		enum text_id id;
		int columns;
	} heads[] = {
		{ TEXT_REPORT_TYPE, 8 },      { TEXT_REPORT_EMPTY, 8 },
		{ TEXT_REPORT_DISTINCT, 10 }, { TEXT_REPORT_BAD, 8 },
		{ TEXT_REPORT_SHORTEST, 6 },  { TEXT_REPORT_LONGEST, 6 },
		{ TEXT_REPORT_SUSPECT, 8 },
	};
	char share[32];

	cell(out, text(lang, TEXT_REPORT_COLUMN), NAME_WIDTH, false);
	for (size_t i = 0; i < ARRAY_LEN(heads); i++)
		cell(out, text(lang, heads[i].id), heads[i].columns, true);
	putc('\n', out);
	for (uint32_t i = 0; i < source->ncolumns; i++) {
		const struct overview_column *column = &source->columns[i];

		cell(out, column->name, NAME_WIDTH, false);
		cell(out, column->type, 8, true);
		cell(out, overview_share(column->nothing, source->rows, share),
		     8, true);
		number_cell(out, column->different, 10);
		number_cell(out, column->bad, 8);
		number_cell(out, column->shortest, 6);
		number_cell(out, column->longest, 6);
		number_cell(out, column->suspect, 8);
		putc('\n', out);
	}
}

static void put_fact(FILE *out, const char *lang, enum text_id id,
		     uint64_t number)
{
	fprintf(out, "  %s: %" PRIu64 "\n", text(lang, id), number);
}

static void put_classes(FILE *out, const struct overview_source *source,
			const char *lang)
{
	char share[32], sizes[48];

	fprintf(out, "\n%s\n", text(lang, TEXT_REPORT_CLASSES));
	put_fact(out, lang, TEXT_REPORT_SUBJECTS, source->subjects);
	put_fact(out, lang, TEXT_REPORT_K_CLASSES, source->classes);
	put_fact(out, lang, TEXT_REPORT_K_LEAST, source->least_k);
	put_fact(out, lang, TEXT_REPORT_K_REQUIRED, source->required);
	put_fact(out, lang, TEXT_REPORT_K_BELOW, source->below);
	if (source->least_l > 0)
		put_fact(out, lang, TEXT_REPORT_L_LEAST, source->least_l);
	fprintf(out, "  %s: %s\n", text(lang, TEXT_REPORT_UNIQUE),
		overview_share(source->alone, source->subjects, share));
	fprintf(out, "  %s\n", text(lang, TEXT_REPORT_SIZES));
	for (int i = 0; i < CLASS_SIZES; i++) {
		cell(out, overview_sizes(i, sizes), 12, true);
		number_cell(out, source->sizes[i], 12);
		cell(out,
		     overview_share(source->sizes[i], source->subjects, share),
		     8, true);
		putc('\n', out);
	}
}

void overview_text(FILE *out, const struct overview *overview, const char *lang)
{
	char number[24];

	say(out, lang, TEXT_REPORT_TITLE, overview->dataset, overview->permit);
	say(out, lang, TEXT_REPORT_PRIVATE, NULL, NULL);
	for (uint32_t i = 0; i < overview->nsources; i++) {
		const struct overview_source *source = &overview->sources[i];

		snprintf(number, sizeof number, "%" PRIu64, source->rows);
		putc('\n', out);
		say(out, lang, TEXT_REPORT_TABLE, source->name, number);
		put_columns(out, source, lang);
		if (source->classed)
			put_classes(out, source, lang);
	}
}
