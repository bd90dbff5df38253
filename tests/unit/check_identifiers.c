/* links: policy/airlock/parse policy/airlock/compare policy/airlock/findings gateway/base; -lz */
/*
 * Pseudonyms and other identifiers in whatever form they stand in a file.
 */
#include <zlib.h>

#include "gateway/base/own.h"
#include "tests/unit/checking.h"

/* The first pseudonyms of the fixture. */
#define ONE   "71my42xjyyj8cx0v8sqx6t4wcw"
#define TWO   "73wfmy5trr9ry57q4t227aze1r"
#define THREE "pfb2zd60f06jr4asdvsj9rtr5c"
#define FOUR  "n2h56ygssrcgbg59jncwm3segr"

static struct checking checking;

static void look_at(const char *name, const void *bytes, size_t len)
{
	checking_init(&checking);
	checking_file(&checking, name, bytes, len);
}

static void look(const char *text)
{
	look_at("n.txt", text, strlen(text));
}

#define BLOCKS(code) CHECK(checking_found(&checking, code, SEVERITY_BLOCK))
#define HASNT(code)                                                            \
	CHECK_STR(checking_found(&checking, code, -1)                          \
			  ? checking_list(&checking)                           \
			  : "",                                                \
		  "")

TEST(index_search, "every pseudonym of an index is found, and no other")
{
	static struct pseudonyms p;
	uint8_t digits[PSEUDONYM_CHARS];

	checking_init(&checking);
	p.index[0] = checking.review.pseudonyms.index[0];
	p.n = 1;
	for (int sieved = 0; sieved < 2; sieved++)
		for (size_t i = 0; i < checking.pids; i++) {
			const uint8_t *value =
				checking.index + i * PSEUDONYM_BYTES;
			__uint128_t all = 0;
			uint64_t prefix = 0;

			for (size_t b = 0; b < PSEUDONYM_BYTES; b++)
				all = all << 8 | value[b];
			for (size_t c = 0; c < PSEUDONYM_CHARS; c++) {
				__uint128_t bits = c < 25 ? all >> (123 - 5 * c)
							  : all << 2;

				digits[c] = (uint8_t)(bits & 31);
			}
			for (size_t c = 0; c < PREFIX_CHARS; c++)
				prefix = prefix << 5 | digits[c];
			CHECK(pseudonyms_begin(&p, prefix));
			CHECK(pseudonyms_have(&p, digits, 26));
			CHECK(!pseudonyms_begin(&p, prefix ^ 1));
			digits[20] ^= 1;
			CHECK(!pseudonyms_have(&p, digits, 26));
		}
	CHECK(p.sieved);
}

TEST(ends, "the smallest and the largest value are found")
{
	static struct pseudonyms p;
	static const uint8_t values[2 * PSEUDONYM_BYTES] = {
		[16] = 255, 255, 255, 255, 255, 255, 255, 255,
		255,	    255, 255, 255, 255, 255, 255, 255,
	};
	uint8_t digits[PSEUDONYM_CHARS] = { 0 };
	struct err err;

	CHECK(pseudonyms_add(&p, values, sizeof values, &err) == 0);
	CHECK(pseudonyms_have(&p, digits, 26));
	memset(digits, 31, sizeof digits);
	digits[25] = 28;
	CHECK(pseudonyms_have(&p, digits, 26));
	CHECK(!pseudonyms_have(&p, digits, 25));
}

TEST(shortened, "a pseudonym that a site cuts to 16 characters is a whole one")
{
	/* cut from ONE */
	uint8_t value[PSEUDONYM_BYTES] = { 0 };
	struct err err;

	checking_value(value, "71my42xjyyj8cx0v0000000000");
	checking_init(&checking);
	checking.review.pseudonyms.n = 0;
	CHECK(pseudonyms_add(&checking.review.pseudonyms, value, sizeof value,
			     &err) == 0);
	checking_file(&checking, "n.txt", "id 71my42xjyyj8cx0v,3", 21);
	CHECK(checking_found(&checking, "I01_PSEUDONYM", SEVERITY_BLOCK));
	checking_file(&checking, "n.txt", "x71my42xjyyj8cx0vabc", 20);
	CHECK_INT(checking.review.hits.whole, 1);
	checking_file(&checking, "n.txt", "v0xc8jyyjx24ym17", 16);
	CHECK_INT(checking.review.hits.reversed, 1);
	checking_file(&checking, "n.txt", "71my42xjyyj8cx0w", 16);
	CHECK_INT(checking.review.hits.whole, 0);
	CHECK_INT(checking.review.hits.prefixes, 1);
}

TEST(none, "without an index nothing is found")
{
	review_init(&checking.review);
	checking_file(&checking, "n.txt", ONE, PSEUDONYM_CHARS);
	CHECK_INT(checking.review.findings.n, 0);
}

TEST(upper, "capitals and separators hide nothing")
{
	look("id 71MY42XJYYJ8CX0V8SQX6T4WCW\n");
	BLOCKS("I01_PSEUDONYM");
	look("71:my:42:xj:yy:j8:cx:0v:8s:qx:6t:4w:cw");
	BLOCKS("I01_PSEUDONYM");
	look("7 1 m y 4 2 x j y y j 8 c x 0 v 8 s q x 6 t 4 w c w");
	BLOCKS("I01_PSEUDONYM");
}

TEST(lines, "a pseudonym that is broken over lines is found")
{
	look("71my42xjyyj8c\nx0v8sqx6t4wcw\n");
	BLOCKS("I01_PSEUDONYM");
}

TEST(embedded, "a pseudonym inside a longer run of its alphabet is found")
{
	look("abc" ONE "999\n");
	BLOCKS("I01_PSEUDONYM");
}

TEST(twice, "two pseudonyms without anything between are both found")
{
	look(ONE TWO "\n");
	BLOCKS("I01_PSEUDONYM");
	CHECK_INT(checking.review.hits.whole, 2);
	HASNT("I01_PSEUDONYM_PREFIX");
}

TEST(cut, "a pseudonym across two reads of the parse is found")
{
	static char text[70000];

	memset(text, ',', sizeof text);
	memcpy(text + PARSED_MAX - 13, ONE, PSEUDONYM_CHARS);
	look_at("n.txt", text, sizeof text);
	BLOCKS("I01_PSEUDONYM");
}

TEST(reversed, "a pseudonym that is written backwards is found")
{
	look("wcw4t6xqs8v0xc8jyyjx24ym17\n");
	BLOCKS("I02_ENCODED");
}

TEST(prefixes, "one or two beginnings ask, three block")
{
	look("71my42xjyyj8\n");
	CHECK(checking_found(&checking, "I01_PSEUDONYM_PREFIX", SEVERITY_FLAG));
	look("71my42xjyyj8,71my42xjyyj8,71my42xjyyj8,73wfmy5trr9r\n");
	CHECK(checking_found(&checking, "I01_PSEUDONYM_PREFIX", SEVERITY_FLAG));
	look("71my42xjyyj8,73wfmy5trr9r,pfb2zd60f06j\n");
	BLOCKS("I01_PSEUDONYM_PREFIX");
	look("71my42xjyyj\n");
	HASNT("I01_PSEUDONYM_PREFIX");
}

TEST(name, "a beginning of a pseudonym in a file's name blocks")
{
	look_at("71my42xjyyj8.txt", "ok\n", 3);
	BLOCKS("I01_PSEUDONYM");
}

static void to_hex(char *out, const char *text)
{
	for (; *text; text++)
		out += snprintf(out, 3, "%02x", (unsigned int)*text);
}

TEST(hex, "hex is read, at either half byte and with separators")
{
	char hex[128];

	to_hex(hex, ONE);
	look(hex);
	BLOCKS("I02_ENCODED");
	memmove(hex + 1, hex, sizeof hex - 1);
	hex[0] = 'f';
	look(hex);
	BLOCKS("I02_ENCODED");
	look("37 31 6d 79 34 32 78 6a 79 79 6a 38 63\n"
	     "78 30 76 38 73 71 78 36 74 34 77 63 77\n");
	BLOCKS("I02_ENCODED");
}

TEST(url, "escapes of URLs, mail and programs are read")
{
	look("q=%37%31my42xjyyj8cx0v8sqx6t4wc%77\n");
	BLOCKS("I02_ENCODED");
	look("=37=31my42xjyyj8cx0v8sqx6t4wcw\n");
	BLOCKS("I02_ENCODED");
	look("\\x37\\x31my42xjyyj8cx0v8sqx6t4wcw\n");
	BLOCKS("I02_ENCODED");
}

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrst"
			       "uvwxyz0123456789+/";

static size_t to_base64(char *out, const uint8_t *bytes, size_t len)
{
	uint32_t bits = 0, have = 0;
	size_t used = 0;

	for (size_t i = 0; i < len || have > 0; i++) {
		bits = bits << 8 | (i < len ? bytes[i] : 0);
		have += 8;
		while (have >= 6) {
			have -= 6;
			out[used++] = alphabet[bits >> have & 63];
		}
		if (i >= len)
			break;
	}
	out[used] = '\0';
	return used;
}

TEST(base64, "base64 is read in every alignment, and in lines")
{
	char text[32 + PSEUDONYM_CHARS], out[128];

	for (size_t before = 0; before < 6; before++) {
		memset(text, ',', sizeof text);
		memcpy(text + before, ONE, PSEUDONYM_CHARS);
		to_base64(out, (uint8_t *)text, before + PSEUDONYM_CHARS);
		look(out);
		BLOCKS("I02_ENCODED");
		memmove(out + 20, out + 19, strlen(out + 19) + 1);
		out[19] = '\n';
		look(out);
		BLOCKS("I02_ENCODED");
	}
}

TEST(values, "the sixteen bytes behind a pseudonym are found in hex and base64")
{
	uint8_t value[PSEUDONYM_BYTES];
	char text[64];
	size_t used = 0;

	checking_value(value, ONE);
	to_base64(text, value, sizeof value);
	look(text);
	BLOCKS("I02_ENCODED");
	for (size_t i = 0; i < sizeof value; i++)
		used += (size_t)snprintf(text + used, sizeof text - used,
					 i == 4 || i == 6 ? "-%02X" : "%02X",
					 value[i]);
	look(text);
	BLOCKS("I02_ENCODED");
}

TEST(base32, "base32 is read in every alignment")
{
	/* of ",,,,,71my42xjyyj8cx0v8sqx6t4wcw", one ',' more each time */
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";

	for (size_t before = 0; before < 8; before++) {
		char out[80] = { 0 };
		uint64_t bits = 0;
		size_t have = 0, used = 0;

		for (size_t i = 0; i < before + PSEUDONYM_CHARS; i++) {
			bits = bits << 8 |
			       (uint8_t)(i < before ? ',' : ONE[i - before]);
			for (have += 8; have >= 5; have -= 5)
				out[used++] = letters[bits >> (have - 5) & 31];
		}
		out[used] = letters[bits << (5 - have) & 31];
		look(out);
		BLOCKS("I02_ENCODED");
	}
}

TEST(zipped, "a file inside a zip is read")
{
	static const uint8_t head[30] = { 'P', 'K', 3, 4, 20,
					  0,   0,   0, 8, [26] = 1 };
	uint8_t out[256];
	z_stream z = { .next_in = (Bytef *)(uintptr_t)ONE,
		       .avail_in = PSEUDONYM_CHARS,
		       .next_out = out + 31,
		       .avail_out = sizeof out - 31 };

	memcpy(out, head, sizeof head);
	out[30] = 'a';
	CHECK(deflateInit2(&z, 6, Z_DEFLATED, -MAX_WBITS, 8, 0) == Z_OK);
	CHECK(deflate(&z, Z_FINISH) == Z_STREAM_END);
	deflateEnd(&z);
	look_at("a.zip", out, sizeof out - z.avail_out);
	BLOCKS("I02_ENCODED");
	BLOCKS("F01_TYPE");
}

TEST(nested, "three forms one inside another are read, a fourth is not")
{
	char one[512], two[512];

	to_base64(one, (const uint8_t *)ONE, PSEUDONYM_CHARS);
	for (int depth = 1; depth <= 4; depth++) {
		look(one);
		if (depth <= 3)
			BLOCKS("I02_ENCODED");
		else
			HASNT("I02_ENCODED");
		to_base64(two, (uint8_t *)one, strlen(one));
		memcpy(one, two, sizeof one);
	}
}

TEST(deflated, "compressed bytes are read, wherever they begin")
{
	uint8_t out[256];
	uLongf len = sizeof out - 3;

	CHECK(compress(out + 3, &len, (const Bytef *)ONE, PSEUDONYM_CHARS) ==
	      Z_OK);
	memcpy(out, "ab,", 3);
	look_at("a.bin", out, len + 3);
	BLOCKS("I02_ENCODED");
}

TEST(bomb, "compressed data beyond any measure blocks, and ends")
{
	static uint8_t zeros[1 << 20], out[65536];
	uLongf len = sizeof out;

	CHECK(compress(out, &len, zeros, sizeof zeros) == Z_OK);
	for (size_t at = len; at + len <= sizeof out; at += len)
		memcpy(out + at, out, len);
	look_at("a.bin", out, sizeof out);
	BLOCKS("E01_ENGINE");
}

TEST(number, "an individual number is known by its check digit")
{
	look("123456789018\n");
	BLOCKS("I03_ID_SHAPE");
	look("1234-5678-9018\n");
	BLOCKS("I03_ID_SHAPE");
	look("123456789017\n");
	HASNT("I03_ID_SHAPE");
	look("0.123456789018\n");
	HASNT("I03_ID_SHAPE");
	look("1234567890181\n");
	HASNT("I03_ID_SHAPE");
}

TEST(contact, "addresses and telephone numbers ask")
{
	look("a.b@example.co.jp\n");
	CHECK(checking_found(&checking, "I03_ID_SHAPE", SEVERITY_FLAG));
	look("090-1234-5678\n");
	CHECK(checking_found(&checking, "I03_ID_SHAPE", SEVERITY_FLAG));
	look("2024-01-2345 @ 3.5 x@y\n");
	HASNT("I03_ID_SHAPE");
}

TEST(keys, "private keys block in either kind")
{
	look("-----BEGIN OPENSSH PRIVATE KEY-----\n");
	BLOCKS("I06_KEY");
	look("AGE-SECRET-KEY-1QQQ\n");
	BLOCKS("I06_KEY");
}

TEST(models, "a model that leaves few degrees of freedom blocks")
{
	look("Df Residuals: 7\n");
	BLOCKS("M01_RESIDUAL_DF");
	look("Residual standard error: 2 on 9 degrees of freedom\n");
	BLOCKS("M01_RESIDUAL_DF");
	look("on 10 degrees of freedom\n");
	HASNT("M01_RESIDUAL_DF");
}

TEST(names, "a name that misleads blocks")
{
	static const char *const bad[] = {
		".hidden.csv", "a.csv.txt", "x.exe.csv", "a\xe2\x80\x8b.csv",
		"-rf.csv",     "a/b.csv",   " a.csv",	 "a.csv ",
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		look_at(bad[i], "g,n\na,20\n", 9);
		CHECK_STR(checking_found(&checking, "F13_NAME", -1) ? ""
								    : bad[i],
			  "");
	}
	look_at("表 1.v2_final.csv", "g,n\na,20\n", 9);
	HASNT("F13_NAME");
}

TAP_MAIN
