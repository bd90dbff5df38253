/*
 * render - what the renderers share: headings, cells, sentences.
 *
 * Runs in sekisho-desk and sekishoctl; results may come from another process
 * and hold what researchers typed.
 */
#include "gateway/desk/render.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gateway/base/own.h"
#include "gateway/base/visible.h"
#include "gateway/desk/width.h"

struct word {
	const char *key, *english, *japanese;
};

static const struct word headings[] = {
#define FIELD(key, english, japanese) { #key, english, japanese },
#define WORD(key, english, japanese)
#include "gateway/desk/fields.def"
#undef FIELD
#undef WORD
};

static const struct word words[] = {
#define FIELD(key, english, japanese)
#define WORD(key, english, japanese) { #key, english, japanese },
#include "gateway/desk/fields.def"
#undef FIELD
#undef WORD
};

static const char *look_up(const struct word *table, size_t n, const char *lang,
			   const char *key)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(table[i].key, key) == 0)
			return strcmp(lang, "ja") == 0 ? table[i].japanese
						       : table[i].english;
	return key;
}

const char *render_heading(const struct render *render, const char *key)
{
	return look_up(headings, ARRAY_LEN(headings), render->lang, key);
}

const char *render_word(const struct render *render, const char *word)
{
	return look_up(words, ARRAY_LEN(words), render->lang, word);
}

static void local_time(const struct render *render, const char *seconds,
		       char *out, size_t size)
{
	static const size_t lengths[] = { sizeof "2026-04-01 09:30:00",
					  sizeof "2026-04-01 09:30",
					  sizeof "2026-04-01" };
	time_t at = (time_t)strtoll(seconds, NULL, 10);
	struct tm tm;

	if (at <= 0 || !localtime_r(&at, &tm) ||
	    strftime(out, size, "%Y-%m-%d %H:%M:%S", &tm) == 0)
		snprintf(out, size, "-");
	else
		out[lengths[render->short_times] - 1] = '\0';
}

char *render_cell(const struct render *render, const struct result *result,
		  unsigned int row, unsigned int column, char *out, size_t size)
{
	const char *cell = result_cell(result, row, column);

	if (result->columns[column].kind == RESULT_TIME)
		local_time(render, cell, out, size);
	else if (result->columns[column].kind == RESULT_STATE)
		cell = render_word(render, cell);
	if (result->columns[column].kind != RESULT_TIME)
		visible_text(out, size, cell, strlen(cell));
	if (!*out)
		snprintf(out, size, "-");
	return out;
}

/* Bytes of the piece of text that goes on a line of room columns: up to a
 * line end, else to the last space that fits, else what fits. */
static size_t piece(const char *text, size_t room)
{
	size_t used, line = strcspn(text, "\n");
	size_t fits = width_fit(text, room, &used);

	if (line <= fits)
		return line;
	for (size_t at = fits; at > 0; at--)
		if (text[at] == ' ')
			return at;
	if (fits > 0)
		return fits;
	return line;
}

void render_wrapped(FILE *out, const char *text, size_t indent, size_t columns)
{
	size_t room = columns > indent + 8 ? columns - indent : 0;

	for (;;) {
		size_t len = room > 0 ? piece(text, room) : strcspn(text, "\n");

		fprintf(out, "%.*s\n", (int)len, text);
		text += len;
		if (*text == '\n' || (*text == ' ' && room > 0))
			text++;
		if (!*text)
			return;
		fprintf(out, "%*s", (int)indent, "");
	}
}

static void say(const struct render *render, const struct result *result,
		const struct result_sentence *sentence, size_t columns)
{
	char line[RENDER_CELL];

	result_say(result, sentence, render->lang, line, sizeof line);
	render_wrapped(render->out, line, 0,
		       sentence->id == TEXT_SIGNED_LINE ? 0 : columns);
}

void render_sentences(const struct render *render, const struct result *result,
		      size_t columns)
{
	char number[16], line[RENDER_CELL];

	if (result->has_error)
		say(render, result, &result->error, columns);
	for (unsigned int i = 0; i < result->nnotes; i++)
		say(render, result, &result->notes[i], columns);
	if (result->has_hint)
		say(render, result, &result->hint, columns);
	if (result->cut == 0)
		return;
	snprintf(number, sizeof number, "%u", result->cut);
	text_fill(line, sizeof line, render->lang, TEXT_RENDER_CUT, number,
		  NULL, NULL);
	render_wrapped(render->out, line, 0, columns);
}

size_t render_columns(const struct render *render)
{
	return render->columns > 0 ? render->columns : 80;
}

void render_colour(const struct render *render, const char *colour)
{
	if (render->colour && *colour)
		fprintf(render->out, "\033[%sm", colour);
}

void render_colour_off(const struct render *render)
{
	if (render->colour)
		fputs("\033[0m", render->out);
}

static void for_people(const struct render *render, const struct result *result)
{
	switch (result->has_error ? RENDER_TABLE : render->form) {
	case RENDER_TABLE:
		render_table(render, result);
		return;
	case RENDER_FINDINGS:
		render_findings(render, result);
		return;
	case RENDER_FILES:
		render_files(render, result);
		return;
	case RENDER_QUEUE:
		render_queue(render, result);
		return;
	case RENDER_RECORDS:
		render_records(render, result);
		return;
	}
}

void render_result(const struct render *render, const struct result *result)
{
	switch (render->format) {
	case RENDER_TEXT:
		for_people(render, result);
		return;
	case RENDER_PLAIN:
		render_plain(render, result);
		return;
	case RENDER_JSON:
		render_json(render, result);
		return;
	}
}
