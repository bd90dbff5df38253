/* links: policy/prepare policy audit gateway/base; -lsqlite3 -lyaml -lutf8proc -lcrypto */
/*
 * prepare_values - decimals, dates, types and records, one by one and against
 * a plain computation of the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gateway/base/own.h"
#include "policy/prepare/calendar.h"
#include "policy/prepare/csv.h"
#include "policy/prepare/csv_text.h"
#include "policy/prepare/database.h"
#include "policy/prepare/decimal.h"
#include "policy/prepare/interned.h"
#include "policy/prepare/prf.h"
#include "policy/prepare/types.h"
#include "tests/unit/tap.h"

static struct decimal number(const char *text)
{
	struct decimal out = { 0 };

	CHECK_INT(decimal_read(text, strlen(text), &out), FAULT_NONE);
	return out;
}

static void check_band(const char *value, const char *width, const char *low,
		       const char *high)
{
	char a[DECIMAL_TEXT], b[DECIMAL_TEXT];

	decimal_band(number(value), number(width), a, b);
	CHECK_STR(a, low);
	CHECK_STR(b, high);
}

static void check_round(const char *value, const char *to, const char *want)
{
	char out[DECIMAL_TEXT];

	CHECK_INT(decimal_round(number(value), number(to), out), strlen(want));
	CHECK_STR(out, want);
}

TEST(marks, "the bytes that mean something are found alike, however many are "
	    "compared at once")
{
	enum { WORDS = 40 };
	static const char some[] = ",;\t\"\r\nabc\xe3\x81\x82\xa2\x0c";
	char bytes[WORDS * 64];
	uint64_t wide[WORDS], plain[WORDS];

	for (int round = 0; round < 200; round++) {
		char separator = some[round % 3];

		for (size_t i = 0; i < sizeof bytes; i++)
			bytes[i] = rand() % 4 ? (char)rand()
					      : some[(size_t)rand() %
						     (sizeof some - 1)];
		csv_marks(bytes, WORDS, separator, wide);
		csv_marks_plain(bytes, WORDS, separator, plain);
		CHECK(memcmp(wide, plain, sizeof wide) == 0);
		for (size_t i = 0; i < sizeof bytes; i++)
			CHECK((plain[i / 64] >> i % 64 & 1) ==
			      (bytes[i] == separator || bytes[i] == '"' ||
			       bytes[i] == '\r' || bytes[i] == '\n'));
	}
}

/* Characters of each length, at the edges of what is right, and wrong ones. */
static size_t make_text(char *out, size_t most, bool wrong)
{
	static const char *const right[] = { "\x01",
					     "a",
					     "\x7f",
					     "\xc2\x80",
					     "\xdf\xbf",
					     "\xe0\xa0\x80",
					     "\xe3\x81\x82",
					     "\xed\x9f\xbf",
					     "\xee\x80\x80",
					     "\xef\xbf\xbf",
					     "\xef\xba\xbf",
					     "\xf0\x90\x80\x80",
					     "\xf1\x80\x80\x80",
					     "\xf4\x8f\xbf\xbf" };
	static const char *const bad[] = { "\x80",
					   "\xbf",
					   "\xc0\x80",
					   "\xc1\xbf",
					   "\xe0\x9f\xbf",
					   "\xed\xa0\x80",
					   "\xf0\x8f\xbf\xbf",
					   "\xf4\x90\x80\x80",
					   "\xf5\x80\x80\x80",
					   "\xff",
					   "\xe3\x81",
					   "\xf0\x90\x80",
					   "\xc2",
					   "\xef\xbb\xbf",
					   "\xef\xbb\x80" };
	size_t len = 0, at = wrong ? (size_t)rand() % most : most;

	while (len + 4 <= most) {
		bool now = wrong && len >= at;
		const char *one =
			now ? bad[(size_t)rand() % ARRAY_LEN(bad)]
			    : right[rand() % 3 ? 1
					       : (size_t)rand() %
							 ARRAY_LEN(right)];

		memcpy(out + len, one, strlen(one));
		len += strlen(one);
		wrong = wrong && !now;
	}
	return len;
}

TEST(text, "what is text is seen alike, byte by byte and many at once")
{
	char bytes[200], whole[200] = { 0 };
	size_t where, seen = 0;

	for (int round = 0; round < 200000; round++) {
		size_t len =
			make_text(bytes, 5 + (size_t)rand() % 190, round % 2);

		if (round % 7 == 0) /* cut anywhere */
			len -= (size_t)rand() % (len + 1);
		if (round % 11 == 0 && len > 0)
			bytes[(size_t)rand() % len] = (char)rand();
		bool text = csv_check_text(bytes, len, &where) == FAULT_NONE;
		bool plain = csv_text_is_plain(bytes, len);
		CHECK(!plain || text);
		CHECK(plain || !text || !csv_text_is_plain(whole, 0) ||
		      memmem(bytes, len, "\xef\xbb", 2));
		seen += plain;
	}
	CHECK(seen > 50000 || !csv_text_is_plain(whole, 0));
}

TEST(same, "bytes are the same only if all of them are")
{
	char a[40], b[40];

	for (size_t len = 0; len <= sizeof a; len++) {
		for (size_t i = 0; i < sizeof a; i++)
			a[i] = b[i] = (char)rand();
		CHECK(is_same(a, b, len));
		for (size_t i = 0; i < sizeof a; i++) {
			b[i] ^= 0x20;
			CHECK(is_same(a, b, len) == (i >= len));
			b[i] ^= 0x20;
		}
	}
}

TEST(real, "a real of a table is the nearest double")
{
	char text[32];

	for (int i = 0; i < 200000; i++) {
		int places = 1 + rand() % 12;
		double whole = rand() % (places > 8 ? 100 : 1000000);
		size_t len = (size_t)snprintf(text, sizeof text, "%s%.*f",
					      rand() % 2 ? "-" : "", places,
					      whole + rand() / (1. + RAND_MAX));

		if (type_seen(text, len) == SEEN_REAL)
			CHECK(database_real(text, len) == strtod(text, NULL));
	}
	CHECK(database_real("0.000123456789012", 17) == 0.000123456789012);
	CHECK(database_real("-0.5", 4) == -0.5);
}

TEST(add, "days are added as the number of the day says")
{
	for (int32_t day = -80000; day < 80000; day += 1 + rand() % 9) {
		int32_t by =
			rand() % 3 ? rand() % 130 - 65 : rand() % 3000 - 1500;
		struct date got = date_add(date_of_day(day), by);
		struct date want = date_of_day(day + by);

		CHECK_INT(got.year, want.year);
		CHECK_INT(got.month, want.month);
		CHECK_INT(got.day, want.day);
	}
}

TEST(no_number, "what is no plain decimal is refused")
{
	static const char *const bad[] = { "",	  "-",	 "+",	".5",  "5.",
					   "1e5", "0x1", "1 ",	" 1",  "1.2.3",
					   "--1", "NaN", "inf", "1,0", "-.5" };
	struct decimal out;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		CHECK_INT(decimal_read(bad[i], strlen(bad[i]), &out),
			  FAULT_BAD_NUMBER);
	CHECK_INT(decimal_read("1234567890123456789", 19, &out),
		  FAULT_NUMBER_RANGE);
	CHECK_INT(decimal_read("000123456789012345678", 21, &out), FAULT_NONE);
	CHECK_INT(decimal_read("0.0000000000000000001", 21, &out),
		  FAULT_NUMBER_RANGE);
}

TEST(bands, "bands are half-open on both sides of zero")
{
	check_band("49.999", "5", "45", "50");
	check_band("50", "5", "50", "55");
	check_band("-5", "5", "-5", "0");
	check_band("-5.01", "5", "-10", "-5");
	check_band("0", "0.1", "0.0", "0.1");
	check_band("0.7", "0.1", "0.7", "0.8");
	check_band("-0.05", "0.1", "-0.1", "0.0");
	check_band("999999999999999999", "1", "999999999999999999",
		   "1000000000000000000");
	check_band("+12", "2.5", "10.0", "12.5");
}

TEST(rounding, "halves go away from zero, without binary fractions")
{
	check_round("12.4999", "5", "10");
	check_round("-12.5", "5", "-15");
	check_round("-2.4", "5", "0");
	check_round("0.15", "0.1", "0.2");
	check_round("1.005", "0.01", "1.01");
	check_round("-0.04", "0.1", "0.0");
	check_round("2.5", "1", "3");
}

TEST(scales, "numbers of different scales compare as numbers")
{
	CHECK(decimal_compare(number("200.0"), number("200")) == 0);
	CHECK(decimal_compare(number("200.01"), number("200")) > 0);
	CHECK(decimal_compare(number("-1"), number("0.000000000000000001")) <
	      0);
	CHECK(decimal_compare(number("999999999999999999"),
			      number("0.000000000000000001")) > 0);
}

TEST(integers, "bands of all small integers agree with plain division")
{
	for (int width = 1; width <= 7; width++) {
		for (int v = -50; v <= 50; v++) {
			char value[8], step[8], low[16], high[16];
			int band = (v >= 0 ? v : v - width + 1) / width;

			snprintf(value, sizeof value, "%d", v);
			snprintf(step, sizeof step, "%d", width);
			snprintf(low, sizeof low, "%d", band * width);
			snprintf(high, sizeof high, "%d", (band + 1) * width);
			check_band(value, step, low, high);
		}
	}
}

TEST(days, "each day of eight centuries is itself after going and coming")
{
	struct tm tm = { .tm_year = -200, .tm_mday = 1 };
	int32_t from = date_to_day((struct date){ 1700, 1, 1 });
	int32_t to = date_to_day((struct date){ 2500, 1, 1 });

	const struct date_form iso = date_form_make("%Y-%m-%d");

	CHECK_INT(timegm(&tm) / 86400, from);
	for (int32_t day = from; day < to; day++) {
		struct date date = date_of_day(day);
		char text[DATE_TEXT];
		struct date again;

		CHECK_INT(date_to_day(date), day);
		size_t n = date_write(iso, date, text);
		if (!date_read(iso, text, n, &again) || again.day != date.day)
			CHECK_INT(day, -1);
	}
}

TEST(weeks, "ISO weeks are those of strftime")
{
	for (int32_t day = -3000; day < 30000; day++) {
		time_t seconds = (time_t)day * 86400;
		char want[16], got[32];
		struct tm tm;
		int year, week;

		gmtime_r(&seconds, &tm);
		strftime(want, sizeof want, "%G-W%V", &tm);
		date_iso_week(date_of_day(day), &year, &week);
		snprintf(got, sizeof got, "%d-W%02d", year, week);
		if (strcmp(got, want) != 0)
			CHECK_STR(got, want);
	}
}

static bool is_date(const char *form, const char *text)
{
	struct date date;

	return date_read(date_form_make(form), text, strlen(text), &date);
}

TEST(no_date, "what is no day of the calendar is refused")
{
	CHECK(!is_date("%Y-%m-%d", "2023-02-29"));
	CHECK(is_date("%Y-%m-%d", "2024-02-29"));
	CHECK(!is_date("%Y-%m-%d", "1900-02-29"));
	CHECK(!is_date("%Y-%m-%d", "2023-2-9"));
	CHECK(!is_date("%Y-%m-%d", "2023-02-09 "));
	CHECK(!is_date("%Y-%m-%d", "2023-00-09"));
	CHECK(!is_date("%Y-%m-%d", "0000-01-01"));
	CHECK(is_date("%Y/%-m/%-d", "2023/2/9"));
	CHECK(!is_date("%Y/%-m/%-d", "2023/02/09"));
	CHECK(is_date("%Y/%m/%d", "2023/02/09"));
	CHECK(!is_date("%Y%m%d", "2023020"));
}

TEST(eras, "a day outside its era is refused")
{
	struct date date;

	CHECK(date_read(date_form_make("jp-era"), "S640107", 7, &date));
	CHECK_INT(date.year, 1989);
	CHECK(!is_date("jp-era", "S640108"));
	CHECK(is_date("jp-era", "H010108"));
	CHECK(!is_date("jp-era", "H010107"));
	CHECK(is_date("jp-era", "R010501"));
	CHECK(!is_date("jp-era", "H310501"));
	CHECK(is_date("jp-era", "T151225"));
	CHECK(!is_date("jp-era", "S011224"));
	CHECK(is_date("jp-era", "S011225"));
	CHECK(!is_date("jp-era", "M050101"));
	CHECK(!is_date("jp-era", "X010101"));
	CHECK(!is_date("jp-era", "H000101"));
}

TEST(forms, "a form has each part once, and not more than it may tell")
{
	CHECK(date_form_valid("%Y-%m-%d", true, true));
	CHECK(!date_form_valid("%Y-%m", true, true));
	CHECK(!date_form_valid("%Y-%m-%d", true, false));
	CHECK(!date_form_valid("%Y-%Y-%m-%d", true, true));
	CHECK(!date_form_valid("%y-%m-%d", true, true));
	CHECK(!date_form_valid("20%Y-%m-%d", true, true));
	CHECK(!date_form_valid("%", true, true));
	CHECK(!date_form_valid("jp-era", true, false));
}

TEST(years, "born on 29 February counts on 1 March")
{
	struct date born = { 2004, 2, 29 };

	CHECK_INT(date_years(born, (struct date){ 2023, 2, 28 }), 18);
	CHECK_INT(date_years(born, (struct date){ 2023, 3, 1 }), 19);
	CHECK_INT(date_years(born, (struct date){ 2024, 2, 28 }), 19);
	CHECK_INT(date_years(born, (struct date){ 2024, 2, 29 }), 20);
	CHECK(date_years(born, (struct date){ 2004, 2, 28 }) < 0);
}

TEST(offsets, "an offset is never 0 and within its bounds, at both ends")
{
	bool seen[61] = { false };

	for (uint32_t r = 0; r < 6000; r++) {
		uint8_t mac[8] = { 0,	      0, 0, 0, 0, 0, (uint8_t)(r >> 8),
				   (uint8_t)r };
		int32_t offset = shift_offset(mac, 30);

		CHECK(offset != 0 && offset >= -30 && offset <= 30);
		seen[offset + 30] = true;
	}
	for (int i = 0; i <= 60; i++)
		CHECK_INT(seen[i], i != 30);
}

/* SQLite prints a double with 15 digits; so does %.15g but for the point. */
TEST(types, "a decimal that is called REAL prints back as it was")
{
	static const char *const texts[] = { "0.1",
					     "53.4",
					     "0.0001",
					     "0.00001",
					     "123456789012345",
					     "7.0",
					     "7.00",
					     "07.5",
					     "-0.5",
					     "-0.0",
					     "1234567890.12345",
					     "1234567890.123456",
					     "99999999999999.5",
					     "0.123456789012345",
					     "0.00123456789012345",
					     "5.",
					     ".5",
					     "1e5",
					     "-7",
					     "-0",
					     "007",
					     "",
					     "1234567890123456789" };

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		enum seen seen = type_seen(texts[i], strlen(texts[i]));
		char back[64];

		if (seen == SEEN_REAL)
			snprintf(back, sizeof back, "%.15g%s",
				 strtod(texts[i], NULL),
				 strstr(texts[i], ".0") &&
						 strtod(strstr(texts[i], "."),
							NULL) == 0
					 ? ".0"
					 : "");
		else if (seen == SEEN_INTEGER)
			snprintf(back, sizeof back, "%lld",
				 strtoll(texts[i], NULL, 10));
		else
			continue;
		CHECK_STR(back, texts[i]);
	}
	CHECK_INT(type_seen("53.4", 4), SEEN_REAL);
	CHECK_INT(type_seen("123456789012345", 15), SEEN_INTEGER);
	CHECK_INT(type_seen("007", 3), SEEN_TEXT);
	CHECK_INT(type_seen("-0.0", 4), SEEN_TEXT);
	CHECK_INT(type_seen("1234567890123456789", 19), SEEN_TEXT);
}

/* A small, even generator with a fixed seed: a failure comes back. */
static uint32_t dice(uint64_t *state, uint32_t sides)
{
	*state = *state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)((*state >> 33) % sides);
}

TEST(records, "random tables read as what was written, whatever their sizes")
{
	static char bytes[300000], values[400][200];
	static struct csv_field fields[16];
	uint64_t state = 2026;

	for (int round = 0; round < 300; round++) {
		uint32_t columns = 1 + dice(&state, 12);
		uint32_t rows = 1 + dice(&state, 30), n = 0;
		size_t used = 0;
		struct csv csv = { .separator = ',' };
		struct fault fault;

		csv.crlf = dice(&state, 2);
		for (uint32_t i = 0; i < rows * columns; i++) {
			static const char letters[] = "ab,\"\n\r xyz0123.";
			uint32_t len = dice(&state, 90) * (dice(&state, 3) > 0);

			for (uint32_t k = 0; k < len; k++)
				values[i][k] = letters[dice(
					&state, sizeof letters - 1)];
			values[i][len] = '\0';
			used += csv_write(bytes + used, values[i], len);
			if ((i + 1) % columns)
				bytes[used++] = ',';
			else if (csv.crlf)
				bytes[used++] = '\r';
			if ((i + 1) % columns == 0)
				bytes[used++] = '\n';
		}
		memset(bytes + used, 0, CSV_SLACK);
		csv_begin(&csv, bytes, used, 1);
		for (uint32_t r = 0; r < rows; r++) {
			CHECK_INT(csv_record(&csv, fields, 16, &fault),
				  columns);
			for (uint32_t c = 0; c < columns; c++, n++) {
				CHECK_INT(fields[c].len, strlen(values[n]));
				CHECK(memcmp(fields[c].at, values[n],
					     fields[c].len) == 0);
			}
		}
		CHECK_INT(csv_record(&csv, fields, 16, &fault), 0);
	}
}

TEST(interned, "each text has one number, and all are found again")
{
	struct interned all = { 0 };

	for (int i = 0; i < 20000; i++) {
		char text[16];

		snprintf(text, sizeof text, "%d", i % 5000);
		CHECK_INT(interned_add(&all, text, strlen(text)), i % 5000);
	}
	CHECK_INT(all.count, 5000);
	CHECK_INT(interned_find(&all, "4999", 4), 4999);
	CHECK_INT(interned_find(&all, "5000", 4), INTERNED_NONE);
	CHECK_STR(interned_text(&all, 77), "77");
	interned_clear(&all);
}

TAP_MAIN
