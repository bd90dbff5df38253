/* links: gateway/desk policy/airlock/findings audit gateway/base; -ledit -lcrypto */
/*
 * desk_view - a file on a reviewer's screen, from a parse that is hostile.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "gateway/base/process.h"
#include "gateway/base/visible.h"
#include "gateway/desk/findings.h"
#include "gateway/desk/link.h"
#include "gateway/desk/seen.h"
#include "gateway/desk/sheet_show.h"
#include "gateway/desk/width.h"
#include "tests/unit/answers.h"
#include "tests/unit/tap.h"

static struct parsed_out out;
static struct sheet sheet;
static struct result findings;
static struct err err;

/* --- A parse that may say anything ------------------------------------------ */

/* The reading end of a pipe into which these bytes were written. */
static int said(const void *bytes, size_t len, bool closed)
{
	int ends[2];

	CHECK(pipe(ends) == 0);
	CHECK(write(ends[1], bytes, len) == (ssize_t)len);
	if (closed)
		close(ends[1]);
	return ends[0];
}

/* Begin a well-formed stream; the caller puts items and calls read_stream. */
static int begin_stream(void)
{
	int ends[2];

	CHECK(pipe(ends) == 0);
	fcntl(ends[1], F_SETPIPE_SZ, 1 << 20);
	out = (struct parsed_out){ .pipe = ends[1] };
	return ends[0];
}

static int read_stream(int pipe)
{
	CHECK(parsed_put_end(&out, 0) == 0);
	close(out.pipe);
	return sheet_read(&sheet, pipe, 5, &err);
}

static void refuse(int pipe, const char *why)
{
	CHECK_INT(sheet_read(&sheet, pipe, 5, &err), -1);
	CHECK_ERR(err, why);
	sheet_clear(&sheet);
}

TEST(broken, "a stream that breaks off shows nothing")
{
	refuse(said("\x01\x03\0\0\0csv\x04\x04\0\0\0\x01", 13, true),
	       "broke off");
}

TEST(malformed, "a stream of unknown items shows nothing")
{
	refuse(said("\x63\x01\0\0\0a", 6, true), "malformed");
}

TEST(silent, "a silent parse is not waited for longer than its time")
{
	int pipe = said("\x01\x03\0\0\0csv", 8, false);

	CHECK_INT(sheet_read(&sheet, pipe, 1, &err), -1);
	CHECK_ERR(err, "silent");
}

TEST(slow, "a parse that says a little now and then is ended all the same")
{
	int ends[2];

	CHECK(pipe(ends) == 0);
	if (fork() == 0) {
		close(ends[0]);
		while (write(ends[1], "\x05\0\0\0\0", 5) == 5)
			usleep(100000);
		_exit(0);
	}
	close(ends[1]);
	CHECK_INT(sheet_read(&sheet, ends[0], 1, &err), -1);
	sheet_clear(&sheet);
}

TEST(loose, "a cell without a row is refused")
{
	int pipe = begin_stream();

	parsed_put(&out, PARSED_CELL, "x", 1);
	CHECK_INT(read_stream(pipe), -1);
	CHECK_ERR(err, "without a row");
}

TEST(mixed, "lines and cells in one file are refused")
{
	int pipe = begin_stream();

	parsed_put(&out, PARSED_LINE, "x", 1);
	parsed_put_row(&out, 2);
	CHECK_INT(read_stream(pipe), -1);
	CHECK_ERR(err, "mixes");
}

TEST(type, "a type that is no plain word is refused")
{
	int pipe = begin_stream();

	parsed_put(&out, PARSED_TYPE, "c\033[2J", 5);
	CHECK_INT(read_stream(pipe), -1);
	CHECK_ERR(err, "type");
}

TEST(rows, "more rows than can be shown are refused, not shown in part")
{
	int ends[2];

	CHECK(pipe(ends) == 0);
	if (fork() == 0) {
		close(ends[0]);
		out = (struct parsed_out){ .pipe = ends[1] };
		for (uint32_t i = 0; i <= SHEET_ROWS; i++)
			parsed_put_row(&out, i);
		parsed_put_end(&out, 0);
		_exit(0);
	}
	close(ends[1]);
	refuse(ends[0], "too many rows");
}

/* --- The supervisor's link ---------------------------------------------------- */

static struct desk desk;

/* The supervisor's end of PROCESS_LINK. */
static int make_link(void)
{
	int pair[2];

	CHECK(msg_pair(pair, &err) == 0);
	int other = fcntl(pair[1], F_DUPFD, 20);
	int link = fcntl(pair[0], F_DUPFD, 20);
	dup2(link, PROCESS_LINK);
	close(link);
	return other;
}

static void send_view(int super, uint64_t view)
{
	static struct msg m;
	int ends[2];

	CHECK(pipe(ends) == 0);
	msg_start(&m, MSG_VIEW, 0);
	msg_put_u64(&m, view);
	msg_put_fd(&m, ends[0]);
	CHECK(msg_send(super, &m, &err) == 0);
	close(ends[0]);
	close(ends[1]);
}

TEST(late_view, "a view that was asked for before is not taken for this one")
{
	int super = make_link();

	send_view(super, 40);
	send_view(super, 41);
	CHECK(link_view(&desk, 41, 1000, &err) >= 0);
	send_view(super, 40);
	CHECK_INT(link_view(&desk, 42, 100, &err), -1);
	CHECK_ERR(err, "in time");
	CHECK(!desk.leaving);
}

TEST(idle_view, "a late view does not end the console, STOP does")
{
	static struct msg m;
	int super = make_link();

	send_view(super, 7);
	link_hear(&desk);
	CHECK(!desk.leaving);
	msg_start(&m, MSG_STOP, 0);
	CHECK(msg_send(super, &m, &err) == 0);
	link_hear(&desk);
	CHECK(desk.leaving);
	CHECK_INT(link_view(&desk, 7, 1000, &err), -1);
}

/* --- What is seen --------------------------------------------------------------- */

static const char *seen(const char *text, size_t *changed)
{
	static char seen_[512];

	*changed = seen_text(seen_, sizeof seen_, text, strlen(text));
	return seen_;
}

TEST(alike, "a letter that passes for a Latin one is shown by its number")
{
	size_t n;

	CHECK_STR(seen("p\xd0\xb0ss", &n), "p\\u{430}ss");
	CHECK_INT(n, 1);
	CHECK_STR(seen("1\xd0\x9e", &n), "1\\u{41e}");
	CHECK_STR(seen("\xd0\x90\xd0\x9e"
		       "1",
		       &n),
		  "\\u{410}\\u{41e}1");
	CHECK_STR(seen("\xf0\x9d\x9f\x8f"
		       "0",
		       &n),
		  "\\u{1d7cf}0");
}

TEST(honest, "words of one script, and medicine's Greek, stay as they are")
{
	static const char *const words[] = {
		"\xd0\x9c\xd0\xbe\xd1\x81\xd0\xba\xd0\xb2\xd0\xb0",
		"α1遮断薬",
		"χ2=3.84",
		"ＡＢＣ１２３",
		"患者数 (n=12)",
		"C:\\data",
	};
	size_t n;

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		CHECK_STR(seen(words[i], &n), words[i]);
		CHECK_INT(n, 0);
	}
}

TEST(forged, "text that looks like a mark of ours cannot pass for one")
{
	size_t n;

	CHECK_STR(seen("\\u{430}", &n), "\\x5cu{430}");
	CHECK_STR(seen("\\x1b", &n), "\\x5cx1b");
	CHECK_INT(n, 1);
}

/* --- Hostile cells and names ---------------------------------------------------- */

static const char *const hostile[] = {
	"\033[2J\033[H",
	"\033]0;title\007",
	"\033]52;c;aGVsbG8=\007",
	"\x9b"
	"31m",
	"\xc2\x9b"
	"31m",
	"a\rb",
	"a\nb",
	"a\tb\vc\fd\be",
	"\xe2\x80\xae"
	"gnp.exe",
	"\xe2\x80\x8b\xe2\x81\xa0\xef\xbb\xbf",
	"\xf3\xa0\x81\x81\xf3\xa0\x81\x82",
	"\xee\x80\x80",
	"\xff\xfe\xc0\x80\xed\xa0\x80",
	"\xf4\x90\x80\x80",
	"\x7f\x7f",
	"e\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81",
	"-------- more (space: next, q: stop) --",
	"%s%n%d",
	"\xe2\x80\xa8\xe2\x80\xa9",
};

/* Nothing but printable text, line ends and colours of ours. */
static void check_safe(const char *text)
{
	size_t len = strlen(text);

	for (size_t i = 0; i < len;) {
		unsigned int code;
		char visible[32];
		size_t n = utf8_decode((const unsigned char *)text + i, len - i,
				       &code);

		CHECK(n > 0);
		if (code == '\033') {
			size_t sgr = strspn(text + i + 2, "0123456789;");

			CHECK(text[i + 1] == '[' && text[i + 2 + sgr] == 'm');
			i += 3 + sgr;
			continue;
		}
		visible_text(visible, sizeof visible, text + i, n);
		CHECK(code == '\n' || (strlen(visible) == n &&
				       memcmp(visible, text + i, n) == 0));
		i += n;
	}
}

static void check_width(const char *text, size_t columns)
{
	AUTO_FREE char *copy = strdup(text);
	char *rest = copy, *line;

	while ((line = strsep(&rest, "\n")))
		CHECK(width_text(line) <= columns);
}

static char *page(enum render_format format, bool colour, size_t columns)
{
	static struct sheet_show show;
	char *bytes = NULL;
	size_t len = 0;
	struct render render = { .format = format,
				 .lang = "en",
				 .colour = colour,
				 .columns = columns,
				 .out = open_memstream(&bytes, &len) };

	show = (struct sheet_show){ .sheet = &sheet, .findings = &findings };
	sheet_show(&render, &show);
	fclose(render.out);
	return bytes;
}

static void make_findings(void)
{
	result_begin(&findings, RESULT_LIST, TEXT_ASK_DONE);
	answers_columns(&findings, answers_findings_columns);
	for (unsigned int i = 0; i < 40; i++) {
		result_row(&findings);
		result_number(&findings, 1);
		result_text(&findings, hostile[i % ARRAY_LEN(hostile)]);
		result_text(&findings, i % 2 ? "T01_MIN_CELL" : "NO_SUCH");
		result_text(&findings, i % 3 ? "block" : "odd\033[1m");
		result_number(&findings, i % 7);
		result_number(&findings, i % 5 ? i % 5 : 4000000000);
		result_number(&findings, 10);
		result_number(&findings, 0);
	}
	findings_explain(&findings, "en");
}

static void check_pages(void)
{
	for (int format = RENDER_TEXT; format <= RENDER_PLAIN; format++)
		for (size_t columns = 20; columns <= 200; columns += 45) {
			AUTO_FREE char *coloured =
				page((enum render_format)format, true, columns);
			AUTO_FREE char *bare = page((enum render_format)format,
						    false, columns);

			check_safe(coloured);
			check_safe(bare);
			CHECK(strchr(bare, '\033') == NULL);
			if (format == RENDER_TEXT && columns >= 65)
				check_width(bare, columns);
		}
}

TEST(hostile_table, "no byte of a hostile table reaches the terminal raw")
{
	int pipe = begin_stream();

	make_findings();
	for (uint32_t row = 0; row < 8; row++) {
		parsed_put_row(&out, row * 3);
		for (size_t i = 0; i < ARRAY_LEN(hostile); i++)
			parsed_put(&out, PARSED_CELL, hostile[i],
				   strlen(hostile[i]));
		parsed_put(&out, PARSED_CELL, "a\0b", 3);
	}
	CHECK_INT(read_stream(pipe), 0);
	check_pages();
	sheet_clear(&sheet);
}

TEST(hostile_text, "no byte of a hostile text reaches the terminal raw")
{
	static char long_line[PARSED_MAX];
	int pipe = begin_stream();

	make_findings();
	memset(long_line, '\033', sizeof long_line);
	for (size_t i = 0; i < ARRAY_LEN(hostile); i++)
		parsed_put(&out, PARSED_LINE, hostile[i], strlen(hostile[i]));
	parsed_put(&out, PARSED_LINE, long_line, sizeof long_line);
	CHECK_INT(read_stream(pipe), 0);
	check_pages();
	sheet_clear(&sheet);
}

/* The findings as an answer to check, on a terminal of 80 columns. */
static char *listed(void)
{
	char *text = NULL;
	size_t len = 0;
	struct render render = { .form = RENDER_FINDINGS,
				 .lang = "en",
				 .columns = 80 };

	render.out = open_memstream(&text, &len);
	CHECK(render.out != NULL);
	render_result(&render, &findings);
	CHECK(fclose(render.out) == 0);
	return text;
}

TEST(folded, "many places of one finding are named, not told one by one")
{
	char row[64];

	result_begin(&findings, RESULT_LIST, TEXT_ASK_DONE);
	answers_columns(&findings, answers_findings_columns);
	for (unsigned int i = 1; i <= 40; i++) {
		snprintf(row, sizeof row,
			 "1|t.csv|T01_MIN_CELL|block|%u|2|%u|0", i, i % 10);
		answers_rows(&findings, row);
	}
	answers_rows(&findings, "1|t.csv|F08_CONTROL|block|7|0|0|0");
	findings.exit = 2;
	findings_explain(&findings, "en");
	AUTO_FREE char *text = listed();
	CHECK(strstr(text, "BLOCKED: 41 findings") != NULL);
	CHECK(strstr(text, "row 5, column 2: ") != NULL);
	CHECK(strstr(text, "row 6, column 2: ") == NULL);
	CHECK(strstr(text, "and 35 more places: row 6, column 2; row 7") !=
	      NULL);
	CHECK(strstr(text, "row 25") != NULL && strstr(text, "...\n") != NULL);
	CHECK(strstr(text, "row 26") == NULL);
	CHECK(strstr(text, "row 7: ") != NULL);
	check_width(text, 80);
}

TEST(marked, "a finding stays in sight where its cell is cut")
{
	static char long_cell[300];
	int pipe = begin_stream();

	memset(long_cell, 'x', sizeof long_cell);
	result_begin(&findings, RESULT_LIST, TEXT_ASK_DONE);
	answers_columns(&findings, answers_findings_columns);
	answers_rows(&findings, "1|t.csv|T01_MIN_CELL|block|2|1|10|0");
	findings_explain(&findings, "en");
	parsed_put_row(&out, 1);
	parsed_put(&out, PARSED_CELL, "head", 4);
	parsed_put_row(&out, 2);
	parsed_put(&out, PARSED_CELL, long_cell, sizeof long_cell);
	CHECK_INT(read_stream(pipe), 0);
	AUTO_FREE char *text = page(RENDER_TEXT, false, 80);
	CHECK(strstr(text, "x… !1\n") != NULL);
	AUTO_FREE char *plain = page(RENDER_PLAIN, false, 0);
	CHECK(strstr(plain, "(finding T01_MIN_CELL)") != NULL);
	sheet_clear(&sheet);
}

TEST(wide, "a table wider than the window is shown in parts, none left out")
{
	char cell[32];
	int pipe = begin_stream();

	findings.nrows = 0;
	for (uint32_t row = 1; row <= 3; row++) {
		parsed_put_row(&out, row);
		for (unsigned int i = 0; i < 60; i++) {
			snprintf(cell, sizeof cell, "r%uc%u", row, i);
			parsed_put(&out, PARSED_CELL, cell, strlen(cell));
		}
	}
	CHECK_INT(read_stream(pipe), 0);
	AUTO_FREE char *text = page(RENDER_TEXT, false, 80);
	check_width(text, 80);
	for (unsigned int i = 0; i < 60; i++) {
		snprintf(cell, sizeof cell, "r3c%u", i);
		CHECK(strstr(text, cell) != NULL);
	}
	sheet_clear(&sheet);
}

TAP_MAIN
