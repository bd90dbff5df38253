/*
 * render_json - one line of JSON with stable keys, for programs.
 *
 *	{"exit":0,"title":"…","rows":[{…},…],"cut":0,"notes":[{…}]}
 *	{"exit":2,"error":{"code":"…","text":"…","hint":"…"}}
 *
 * Numbers are numbers, times RFC 3339 in UTC or null, states the words of
 * fields.def untranslated. Runs in sekisho-desk and sekishoctl.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gateway/base/visible.h"
#include "gateway/desk/render.h"

static void put_string(FILE *out, const char *value)
{
	char visible[RENDER_CELL];

	visible_text(visible, sizeof visible, value, strlen(value));
	fputc('"', out);
	for (const char *c = visible; *c; c++) {
		if (*c == '"' || *c == '\\')
			fputc('\\', out);
		fputc(*c, out);
	}
	fputc('"', out);
}

/* Sentences of ours may have several lines; their arguments are visible. */
static void put_sentence(FILE *out, const char *value)
{
	fputc('"', out);
	for (const char *c = value; *c; c++) {
		if (*c == '\n') {
			fputs("\\n", out);
			continue;
		}
		if (*c == '"' || *c == '\\')
			fputc('\\', out);
		fputc(*c, out);
	}
	fputc('"', out);
}

static bool is_integer(const char *value)
{
	const char *digits = value + (*value == '-');
	size_t len = strspn(digits, "0123456789");

	return len > 0 && len < 20 && digits[len] == '\0' &&
	       (len == 1 || digits[0] != '0');
}

static void put_time(FILE *out, const char *seconds)
{
	time_t at = (time_t)strtoll(seconds, NULL, 10);
	char when[40];
	struct tm tm;

	if (at <= 0 || !gmtime_r(&at, &tm) ||
	    strftime(when, sizeof when, "\"%Y-%m-%dT%H:%M:%SZ\"", &tm) == 0)
		fputs("null", out);
	else
		fputs(when, out);
}

static void put_cell(FILE *out, enum result_kind kind, const char *value)
{
	if (kind == RESULT_NUMBER && is_integer(value))
		fputs(value, out);
	else if (kind == RESULT_NUMBER && !*value)
		fputs("null", out);
	else if (kind == RESULT_TIME)
		put_time(out, value);
	else
		put_string(out, value);
}

static void put_rows(const struct render *render, const struct result *result)
{
	FILE *out = render->out;

	fputs(",\"rows\":[", out);
	for (unsigned int row = 0; row < result->nrows; row++) {
		fputs(row > 0 ? ",{" : "{", out);
		for (unsigned int i = 0; i < result->ncolumns; i++) {
			const struct result_column *column =
				&result->columns[i];

			fprintf(out, "%s\"%s\":", i > 0 ? "," : "",
				column->key);
			put_cell(out, column->kind,
				 result_cell(result, row, i));
		}
		fputc('}', out);
	}
	fprintf(out, "],\"cut\":%u", result->cut);
}

static void put_said(const struct render *render, const struct result *result,
		     const struct result_sentence *sentence, const char *key)
{
	char line[RENDER_CELL];

	result_say(result, sentence, render->lang, line, sizeof line);
	fprintf(render->out, "\"%s\":", key);
	put_sentence(render->out, line);
}

static void put_error(const struct render *render, const struct result *result)
{
	fprintf(render->out, ",\"error\":{\"code\":\"%s\",",
		result_code(&result->error));
	put_said(render, result, &result->error, "text");
	if (result->has_hint) {
		fputc(',', render->out);
		put_said(render, result, &result->hint, "hint");
	}
	fputc('}', render->out);
}

void render_json(const struct render *render, const struct result *result)
{
	FILE *out = render->out;

	fprintf(out, "{\"exit\":%u", result->exit);
	if (result->has_title) {
		fputc(',', out);
		put_said(render, result, &result->title, "title");
	}
	if (result->has_error)
		put_error(render, result);
	else
		put_rows(render, result);
	fputs(",\"notes\":[", out);
	for (unsigned int i = 0; i < result->nnotes; i++) {
		fprintf(out, "%s{\"code\":\"%s\",", i > 0 ? "," : "",
			result_code(&result->notes[i]));
		put_said(render, result, &result->notes[i], "text");
		fputc('}', out);
	}
	fputs("]}\n", out);
}
