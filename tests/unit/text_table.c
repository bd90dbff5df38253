/* links: gateway/base; */
#include <stdbool.h>
#include <string.h>

#include "gateway/base/text.h"
#include "gateway/base/visible.h"
#include "tests/unit/tap.h"

static const char *const names[] = {
#define TEXT(id, english, japanese) #id,
#include "gateway/base/texts.def"
#undef TEXT
};

static unsigned int blanks(const char *words)
{
	unsigned int set = 0;

	for (; *words; words++)
		if (words[0] == '{' && words[1] >= '1' && words[1] <= '3' &&
		    words[2] == '}')
			set |= 1u << (words[1] - '0');
	return set;
}

TEST(complete, "every text stands in both languages with the same blanks")
{
	for (int id = 0; id < TEXTS; id++) {
		const char *en = text("en", (enum text_id)id);
		const char *ja = text("ja", (enum text_id)id);

		CHECK_STR(*en && *ja ? "both" : names[id], "both");
		CHECK_STR(blanks(en) == blanks(ja) ? "same" : names[id],
			  "same");
	}
}

TEST(well_formed, "every text is UTF-8 without control characters but "
		  "newlines")
{
	for (int id = 0; id < 2 * TEXTS; id++) {
		const char *s =
			text(id % 2 ? "ja" : "en", (enum text_id)(id / 2));
		static char one[64];

		for (size_t n; *s; s += n) {
			unsigned int code;

			n = utf8_decode((const unsigned char *)s, strlen(s),
					&code);
			CHECK_STR(n > 0 ? "utf-8" : names[id / 2], "utf-8");
			visible_text(one, sizeof one, s, n);
			if (*s != '\n' && *s != '\t' && one[0] == '\\' &&
			    *s != '\\')
				CHECK_STR(names[id / 2], "visible");
		}
	}
}

TEST(language, "an unknown language is answered in English")
{
	CHECK_STR(text("", TEXT_LOGIN_CODE), text("en", TEXT_LOGIN_CODE));
	CHECK_STR(text("fr", TEXT_LOGIN_CODE), text("en", TEXT_LOGIN_CODE));
	CHECK(strcmp(text("ja", TEXT_LOGIN_CODE),
		     text("en", TEXT_LOGIN_CODE)) != 0);
}

TEST(filled, "what is filled in is made visible, and nothing else is read")
{
	char out[64];

	CHECK_STR(text_fill(out, sizeof out, "en", TEXT_VERBATIM, "a\x1b{1}",
			    NULL, NULL),
		  "a\\x1b{1}");
	CHECK_STR(text_fill(out, sizeof out, "en", TEXT_VERBATIM, NULL, "b",
			    NULL),
		  "");
}

TEST(cut, "a text is cut to size with its NUL")
{
	char out[8];

	memset(out, '#', sizeof out);
	text_fill(out, 4, "en", TEXT_LOGIN_CODE, NULL, NULL, NULL);
	CHECK(strlen(out) == 3 && out[4] == '#');
	memset(out, '#', sizeof out);
	text_fill(out, 4, "en", TEXT_VERBATIM, "abcdefgh", NULL, NULL);
	CHECK(strlen(out) < 4 && out[4] == '#');
}

TEST(cut_japanese, "a Japanese text is cut between characters, at any size")
{
	const char *whole = text("ja", TEXT_LOGIN_CODE);
	char out[64];

	for (size_t size = 1; size < sizeof out; size++) {
		unsigned int code;
		size_t at = 0, n;

		memset(out, '#', sizeof out);
		text_fill(out, size, "ja", TEXT_LOGIN_CODE, NULL, NULL, NULL);
		CHECK(strlen(out) < size);
		CHECK(strncmp(whole, out, strlen(out)) == 0);
		CHECK(strlen(out) + 4 >= size || !whole[strlen(out)]);
		for (; out[at]; at += n) {
			n = utf8_decode((const unsigned char *)out + at,
					strlen(out + at), &code);
			CHECK(n > 0);
		}
	}
}

TAP_MAIN
