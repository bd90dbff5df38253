/* links: gateway/base; */
#include <string.h>

#include "gateway/base/visible.h"
#include "tests/unit/tap.h"

static char out[256];

static const char *shown(const char *in)
{
	size_t n = visible_text(out, sizeof out, in, strlen(in));

	CHECK_INT(n, strlen(out));
	return out;
}

TEST(kept, "what can be seen stays as it is")
{
	CHECK_STR(shown("plain ~ text"), "plain ~ text");
	CHECK_STR(shown("関所 é ✓ 😀"), "関所 é ✓ 😀");
	CHECK_STR(shown(""), "");
}

TEST(control, "nothing that speaks to a terminal passes")
{
	CHECK_STR(shown("\x1b[31m"), "\\x1b[31m");
	CHECK_STR(shown("a\r\n\t\x7f"), "a\\x0d\\x0a\\x09\\x7f");
	CHECK_STR(shown("\xc2\x9b"
			"31m"),
		  "\\u{9b}31m");
	visible_text(out, sizeof out, "a\0b", 3);
	CHECK_STR(out, "a\\x00b");
}

TEST(deceit, "nothing that deceives the eye passes")
{
	CHECK_STR(shown("a\u202e"
			"b"),
		  "a\\u{202e}b");
	CHECK_STR(shown("\u200b\u2066\ufeff\u00ad"),
		  "\\u{200b}\\u{2066}\\u{feff}\\u{ad}");
	CHECK_STR(shown("\ufe0f\ue000"), "\\u{fe0f}\\u{e000}");
	CHECK_STR(shown("\U000e0041\U00100000"), "\\u{e0041}\\u{100000}");
	CHECK_STR(shown("\u115f\u3164\uffa0"), "\\u{115f}\\u{3164}\\u{ffa0}");
}

TEST(not_utf8, "bytes that are not UTF-8 are shown one by one")
{
	CHECK_STR(shown("\xff"), "\\xff");
	CHECK_STR(shown("\xc0\xaf"), "\\xc0\\xaf");
	CHECK_STR(shown("\xed\xa0\x80"), "\\xed\\xa0\\x80");
	CHECK_STR(shown("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
	CHECK_STR(shown("\xe9\x96"), "\\xe9\\x96");
	CHECK_STR(shown("a\xe9z"), "a\\xe9z");
}

TEST(cut, "what does not fit is cut at a character and marked")
{
	CHECK_INT(visible_text(out, 6, "関所", 6), 3);
	CHECK_STR(out, "…");
	CHECK_INT(visible_text(out, 7, "関所", 6), 6);
	CHECK_STR(out, "関所");
	visible_text(out, 8, "\x1b\x1b\x1b", 3);
	CHECK_STR(out, "\\x1b…");
	for (size_t size = 1; size < 12; size++) {
		memset(out, '#', sizeof out);
		size_t n = visible_text(out, size, "関a\x1b所", 8);
		CHECK(n < size && out[n] == '\0' && out[size] == '#');
	}
	out[0] = '#';
	CHECK_INT(visible_text(out, 0, "a", 1), 0);
	CHECK_INT(out[0], '#');
}

TEST(decode, "decoding gives a character's length and code, or nothing")
{
	unsigned int code = 0;

	CHECK_INT(utf8_decode((const unsigned char *)"é", 2, &code), 2);
	CHECK_INT(code, 0xe9);
	CHECK_INT(utf8_decode((const unsigned char *)"é", 1, &code), 0);
	CHECK_INT(utf8_decode((const unsigned char *)"\x80", 1, &code), 0);
	CHECK_INT(utf8_decode((const unsigned char *)"\U0010ffff", 4, &code),
		  4);
	CHECK_INT(code, 0x10ffff);
}

TAP_MAIN
