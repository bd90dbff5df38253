/* links: policy/airlock/parse gateway/base */
/*
 * The parser's decisions on text that people and attackers write.
 */
#include <stdlib.h>

#include "gateway/base/own.h"
#include "tests/unit/parsing.h"

static struct parsing parsing;

static const char *parse_bytes(const char *name, const char *bytes, size_t len)
{
	const char *said = parsing_of(&parsing, name, bytes, len, 1);

	CHECK_INT(parsing.bytes, len);
	return said;
}

#define PARSE(name, text) parse_bytes(name, text, sizeof(text) - 1)

static bool has(const char *said, const char *part)
{
	return strstr(said, part) != NULL;
}

TEST(exe, "a type that cannot be reviewed is a fault, and is read on")
{
	CHECK_STR(PARSE("a.exe", "g,n\n"),
		  "unknown F01_TYPE@0:0 LINE g,n END1");
}

TEST(bare, "a name without an extension promises nothing")
{
	CHECK(has(PARSE("README", "x\n"), "F01_TYPE@0:0"));
}

TEST(zip, "an archive that is called a table is what it is")
{
	CHECK_STR(PARSE("t.csv", "PK\3\4aaaa"),
		  "unknown F01_TYPE@0:0 F02_TYPE_MISMATCH@1:1 END0");
}

TEST(html, "a page that is called a text is a page, whatever its case")
{
	CHECK(has(PARSE("t.txt", " \n<!DocType html>"), "F02_TYPE_MISMATCH"));
}

TEST(empty, "an empty file is a fault")
{
	CHECK_STR(PARSE("t.csv", ""), "csv F12_EMPTY@0:0 END0");
}

TEST(wide, "UTF-16 is refused and its bytes are passed on")
{
	CHECK_STR(PARSE("n.txt", "\xff\xfei\0d\0"),
		  "unknown F01_TYPE@0:0 F07_ENCODING@1:1 END0");
}

TEST(nul, "NUL and the beginning of an archive inside a text are found")
{
	const char *said = PARSE("t.csv", "g,n\n\0\1\2PK\3\4");

	CHECK(has(said, "F08_CONTROL@2:1"));
	CHECK(has(said, "F02_TYPE_MISMATCH@2:7"));
}

TEST(escape, "an escape sequence is a fault with its place")
{
	CHECK(has(PARSE("n.txt", "ok\nred\x1b[31m\n"), "F08_CONTROL@2:4"));
}

TEST(carriage, "a carriage return that would hide the line is a fault")
{
	CHECK(has(PARSE("n.txt", "secret\rpublic\n"), "F08_CONTROL@1:8"));
	CHECK(!has(PARSE("n.txt", "plain\r\n"), "F08"));
}

TEST(invisible, "zero-width and direction characters are faults")
{
	CHECK(has(PARSE("n.txt", "a\xe2\x80\x8b"), "F08_CONTROL@1:4"));
	CHECK(has(PARSE("n.txt", "a\xe2\x80\xae"), "F08_CONTROL@1:4"));
}

TEST(each, "faults of one kind are not repeated without end")
{
	char many[2000];
	const char *said;
	unsigned int n = 0;

	memset(many, 1, sizeof many);
	said = parse_bytes("n.txt", many, sizeof many);
	while ((said = strstr(said, "F08_CONTROL"))) {
		said++;
		n++;
	}
	CHECK_INT(n, FAULTS_EACH);
}

TEST(utf8, "bytes that are not UTF-8 are a fault once")
{
	CHECK_STR(PARSE("n.txt", "a\xff b\xff\n"),
		  "text F07_ENCODING@1:2 LINE a\xff b\xff END1");
	CHECK(has(PARSE("n.txt", "a\xe3\x81"), "F07_ENCODING"));
	CHECK(has(PARSE("n.txt", "\xc0\xaf"), "F07_ENCODING"));
}

TEST(cp932, "what would be Shift_JIS is said to be")
{
	CHECK(has(PARSE("t.csv", "\x8b\xe6\x95\xaa,n\n"), "F07_CP932@0:0"));
	CHECK(!has(PARSE("t.csv", "\x8b\xff,n\n"), "F07_CP932"));
}

TEST(bom, "a byte order mark is told and is no part of the first cell")
{
	CHECK_STR(PARSE("t.csv", "\xef\xbb\xbfg\n"),
		  "csv F07_BOM@1:1 ROW1 g| END1");
}

TEST(inner_bom, "a byte order mark inside a text is invisible, so refused")
{
	CHECK(has(PARSE("n.txt", "a\xef\xbb\xbf"), "F08_CONTROL"));
}

TEST(table, "cells come in rows with the line where each begins")
{
	CHECK_STR(PARSE("t.csv", "g,n\n\"a\nb\",20\nc,\"x \"\"y\"\"\"\n"),
		  "csv ROW1 g|n| ROW2 a\nb|20| ROW4 c|x \"y\"| END3");
}

TEST(last, "the last line needs no end, and CRLF is an end")
{
	CHECK_STR(PARSE("t.csv", "g,n\r\na,20"),
		  "csv ROW1 g|n| ROW2 a|20| END2");
	CHECK_STR(PARSE("t.csv", "g,n\na,"), "csv ROW1 g|n| ROW2 a|| END2");
}

TEST(ragged, "a row with more or fewer cells is a fault")
{
	CHECK(has(PARSE("t.csv", "g,n\na,1,2\n"), "F15_TABLE@2:"));
	CHECK(has(PARSE("t.csv", "g,n\na\n"), "F15_TABLE@2:"));
	CHECK(has(PARSE("t.csv", "g,n\n\n"), "F15_TABLE@2:"));
}

TEST(quotes, "a quote in the wrong place is a fault")
{
	CHECK(has(PARSE("t.csv", "g,n\na\"b,1\n"), "F15_TABLE@2:1"));
	CHECK(has(PARSE("t.csv", "g,n\n\"a\"b,1\n"), "F15_TABLE@2:1"));
	CHECK(has(PARSE("t.csv", "g,n\na,\"1\n"), "F15_TABLE@"));
}

TEST(separators, "tabs and semicolons separate where the first line says so")
{
	CHECK_STR(PARSE("t.tsv", "a,b\tn\n"), "tsv ROW1 a,b|n| END1");
	CHECK_STR(PARSE("t.csv", "a;n;m\n1;2;3,5\n"),
		  "csv ROW1 a|n|m| ROW2 1|2|3,5| END2");
}

TEST(long_cell, "a cell that nobody could read is cut and a fault")
{
	AUTO_FREE char *big = malloc(2 * PARSED_MAX);

	CHECK(big != NULL);
	memset(big, 'x', 2 * PARSED_MAX);
	CHECK(has(parse_bytes("t.csv", big, 2 * PARSED_MAX), "F16_LONG"));
	CHECK(has(parse_bytes("t.txt", big, 2 * PARSED_MAX), "F16_LONG"));
}

TEST(json, "JSON is taken as it is defined")
{
	static const char *const good[] = {
		"{}",
		" [1, -0.5e+3, 10, 0, \"\\u00e9\\n\", true, false, null] \n",
		"{\"a\": {\"b\": [[], {}]}, \"c\": \"\"}",
		"7",
		"\"x\"",
	};

	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		CHECK(!has(parse_bytes("a.json", good[i], strlen(good[i])),
			   "F17_JSON"));
}

TEST(bad_json, "what is nearly JSON is refused")
{
	static const char *const bad[] = {
		"{",
		"[1,]",
		"{\"a\":1,}",
		"{a:1}",
		"[1 2]",
		"[01]",
		"-",
		"1.",
		"1e",
		".5",
		"+1",
		"[\"\\x\"]",
		"[\"\\u12g4\"]",
		"tru",
		"[}",
		"{\"a\"}",
		"'a'",
		"[1}",
		"// c\n1",
		"[\"a\tb\"]",
		"NaN",
		"]",
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		CHECK_STR(has(parse_bytes("a.json", bad[i], strlen(bad[i])),
			      "F17_JSON@")
				  ? ""
				  : bad[i],
			  "");
}

TEST(json_after, "bytes after a JSON document are a fault")
{
	CHECK(has(PARSE("a.json", "{}\n{}"), "F06_TRAILING@2:0"));
	CHECK(has(PARSE("a.json", "1 2"), "F06_TRAILING@1:0"));
}

TEST(deep, "JSON deeper than 64 levels is refused")
{
	char deep[131];

	memset(deep, '[', 64);
	memset(deep + 64, ']', 64);
	CHECK(!has(parse_bytes("a.json", deep, 128), "F17_JSON"));
	memset(deep, '[', 65);
	memset(deep + 65, ']', 65);
	CHECK(has(parse_bytes("a.json", deep, 130), "F17_JSON"));
}

TEST(pieces, "how the bytes are cut makes no difference")
{
	static struct parsing other;
	char text[9000];
	size_t len = 0;

	for (int i = 0; len < sizeof text - 64; i++)
		len += (size_t)snprintf(text + len, 64,
					"r%d,\"\xe3\x81\x82\"\"\n%d\",%d\r\n",
					i, i * 7, i % 3);
	parsing_of(&parsing, "t.csv", text, len, 1);
	for (size_t piece = 2; piece < 200; piece += 13)
		CHECK_STR(parsing_of(&other, "t.csv", text, len, piece),
			  parsing.said);
}

TAP_MAIN
