/* links: gateway/desk policy/airlock/findings gateway/base */
/*
 * render_table - tables, plain lines and JSON of Japanese and hostile cells.
 */
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/desk/fixed.h"
#include "gateway/desk/line.h"
#include "gateway/desk/render.h"
#include "gateway/desk/width.h"
#include "tests/unit/tap.h"

static struct result result, fixed;

static void fill(void)
{
	result_begin(&result, RESULT_LIST, TEXT_DESK_LOG);
	result_column(&result, "permit", RESULT_ID);
	result_column(&result, "members", RESULT_NUMBER);
	result_column(&result, "state", RESULT_STATE);
	result_column(&result, "title", RESULT_TEXT);
	result_column(&result, "ends", RESULT_TIME);
	result_row(&result);
	result_text(&result, "P-2026-001");
	result_number(&result, 12);
	result_text(&result, "active");
	result_text(&result, "高血圧患者における降圧薬の長期効果に関するコホ"
			     "ート研究と、その地域差に関する比較");
	result_number(&result, 1798761599);
	result_row(&result);
	result_text(&result, "P-2");
	result_text(&result, "007");
	result_text(&result, "new_state");
	result_text(&result, "a\033[2J\"b\"\\\nc\xe2\x80\xae");
	result_number(&result, 0);
}

static char *show_as(enum render_form form, enum render_format format,
		     const char *lang, size_t columns)
{
	struct render render = {
		.form = form, .format = format, .lang = lang, .columns = columns
	};
	char *bytes = NULL;
	size_t len = 0;

	render.out = open_memstream(&bytes, &len);
	render_result(&render, &result);
	fclose(render.out);
	return bytes;
}

static char *show(enum render_format format, const char *lang, size_t columns)
{
	return show_as(RENDER_TABLE, format, lang, columns);
}

static void check_fits(const char *text, size_t columns)
{
	AUTO_FREE char *copy = strdup(text);
	char *rest = copy, *line;

	while ((line = strsep(&rest, "\n")))
		CHECK(width_text(line) <= columns);
}

TEST(width, "wide characters take two columns, marks none")
{
	CHECK_INT(width_text("abc"), 3);
	CHECK_INT(width_text("日本語"), 6);
	CHECK_INT(width_text("ｶﾞ"), 2);
	CHECK_INT(width_text("か\xe3\x82\x99"), 2);
	CHECK_INT(width_text("é"), 1);
}

TEST(cut, "a cut text ends with an ellipsis and never splits a character")
{
	char out[64];

	CHECK_INT(width_cut(out, sizeof out, "日本語", 5), 5);
	CHECK_STR(out, "日本…");
	CHECK_INT(width_cut(out, sizeof out, "日本語", 4), 3);
	CHECK_STR(out, "日…");
	CHECK_INT(width_cut(out, sizeof out, "日本語", 6), 6);
	CHECK_STR(out, "日本語");
}

TEST(fits, "no line is wider than the window, at any width")
{
	fill();
	for (size_t columns = 30; columns <= 200; columns++) {
		AUTO_FREE char *ja = show(RENDER_TEXT, "ja", columns);
		AUTO_FREE char *en = show(RENDER_TEXT, "en", columns);

		check_fits(ja, columns);
		check_fits(en, columns);
	}
}

static const char hash[] =
	"9bcb49e3c5b9e907144657847f9f5ad956f93b2c8a378faf18ce2ada21a008e9";

TEST(title, "a hash does not leave a title no room")
{
	result_begin(&result, RESULT_LIST, TEXT_ANSWER_DATASETS);
	result_column(&result, "dataset", RESULT_ID);
	result_column(&result, "manifest", RESULT_ID);
	result_column(&result, "title", RESULT_TEXT);
	result_row(&result);
	result_text(&result, "claims-demo");
	result_text(&result, hash);
	result_text(&result, "Made-up claims of 10,000 persons");
	AUTO_FREE char *text = show(RENDER_TEXT, "en", 80);
	CHECK(strstr(text, "Made-up claims of 10,000"));
	check_fits(text, 80);
}

TEST(whole, "a hash stands whole in a record where the window has the room")
{
	static const char *const names[] = { "sha256", "manifest", "statement",
					     "order_sha256" };
	char detail[512] = "request=1";

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		snprintf(detail + strlen(detail),
			 sizeof detail - strlen(detail), " %s=%s", names[i],
			 hash);
	result_begin(&result, RESULT_LIST, TEXT_DESK_LOG);
	result_column(&result, "index", RESULT_NUMBER);
	result_column(&result, "detail", RESULT_TEXT);
	result_row(&result);
	result_number(&result, 7);
	result_text(&result, detail);
	AUTO_FREE char *text = show_as(RENDER_RECORDS, RENDER_TEXT, "en", 80);
	check_fits(text, 80);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char wanted[128];

		snprintf(wanted, sizeof wanted, " %s=%s\n", names[i], hash);
		CHECK(strstr(text, wanted));
	}
}

TEST(signed_line, "a line of what is signed is never wrapped")
{
	char line[160];

	snprintf(line, sizeof line, "\u2014 log.example/log %s%s", hash, hash);
	result_begin(&result, RESULT_ONE, TEXT_DESK_CHECKPOINT);
	result_note(&result, TEXT_SIGNED_LINE, line, NULL, NULL);
	AUTO_FREE char *text = show(RENDER_TEXT, "en", 80);
	CHECK(strstr(text, line));
}

TEST(wide, "a wide window shows everything on one line, words translated")
{
	fill();
	AUTO_FREE char *text = show(RENDER_TEXT, "ja", 200);

	CHECK(strstr(text, "有効") != NULL);
	CHECK(strstr(text, "地域差に関する比較") != NULL);
	CHECK(strstr(text, "利用許可") != NULL);
}

TEST(hostile, "no control or direction character survives in any form")
{
	fill();
	for (int format = RENDER_TEXT; format <= RENDER_JSON; format++) {
		AUTO_FREE char *text =
			show((enum render_format)format, "en", 80);

		CHECK(strchr(text, '\033') == NULL);
		CHECK(strstr(text, "\xe2\x80\xae") == NULL);
	}
}

TEST(json, "JSON keeps keys, escapes text, and writes odd numbers as text")
{
	fill();
	AUTO_FREE char *text = show(RENDER_JSON, "ja", 0);

	CHECK(strstr(text, "\"members\":12,\"state\":\"active\"") != NULL);
	CHECK(strstr(text, "\"members\":\"007\"") != NULL);
	CHECK(strstr(text, "a\\\\x1b[2J\\\"b\\\"\\\\\\\\x0ac") != NULL);
	CHECK(strstr(text, "\"ends\":\"2026-12-31T23:59:59Z\"") != NULL);
	CHECK(strstr(text, "\"ends\":null") != NULL);
	CHECK(strchr(text, '\n') == text + strlen(text) - 1);
}

TEST(fixed, "a fixed record has no free text, note or argument")
{
	fill();
	result_note(&result, TEXT_VERBATIM, "secret", NULL, NULL);
	fixed_only(&fixed, &result);
	CHECK_INT(fixed.ncolumns, 4);
	CHECK_INT(fixed.nrows, 2);
	CHECK_INT(fixed.nnotes, 0);
	CHECK_STR(result_cell(&fixed, 0, 2), "active");
	result_error(&result, 1, TEXT_VERBATIM, "secret", NULL, NULL);
	fixed_only(&fixed, &result);
	CHECK_INT(fixed.exit, 1);
	CHECK_INT(fixed.error.arguments[0], 0);
}

TEST(record, "a record is read member by member; anything else is refused")
{
	static const char *const bad[] = {
		"",	    "{",	  "{\"a\"",	 "{\"a\":}",
		"{\"a\":1", "{\"a\":\"x", "{\"a\":1}x",	 "x",
		"{\"a\\",   "{\"a\":[1",  "{\"a\":\"\\",
	};
	static const char good[] = "{\"_i\":3,\"o\":{\"k\":[1,\"}\"]},"
				   "\"w\":\"a\\\"b\"}";
	struct line line;

	line_begin(&line, good, strlen(good));
	CHECK_INT(line_next(&line), 1);
	CHECK_STR(line.value, "3");
	CHECK_INT(line_next(&line), 1);
	CHECK_STR(line.value, "{\"k\":[1,\"}\"]}");
	CHECK_INT(line_next(&line), 1);
	CHECK_STR(line.value, "a\"b");
	CHECK_INT(line_next(&line), 0);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		int got;

		line_begin(&line, bad[i], strlen(bad[i]));
		while ((got = line_next(&line)) > 0)
			;
		CHECK_INT(got, -1);
	}
}

TAP_MAIN
