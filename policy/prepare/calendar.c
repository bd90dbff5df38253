#include "policy/prepare/calendar.h"

#include <stdio.h>
#include <string.h>

#include "gateway/base/own.h"

static const char era_form[] = "jp-era";

/* First day of each era; the day of change belongs to both. The lunar months
 * before 1873 are no dates here. */
static const struct {
	char letter;
	struct date first, last;
	int before; /* year 1 is the year after this */
} eras[] = {
	{ 'M', { 1873, 1, 1 }, { 1912, 7, 30 }, 1867 },
	{ 'T', { 1912, 7, 30 }, { 1926, 12, 25 }, 1911 },
	{ 'S', { 1926, 12, 25 }, { 1989, 1, 7 }, 1925 },
	{ 'H', { 1989, 1, 8 }, { 2019, 4, 30 }, 1988 },
	{ 'R', { 2019, 5, 1 }, { 2117, 12, 31 }, 2018 },
};

static bool is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_in(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30,
				    31, 31, 30, 31, 30, 31 };

	return days[month - 1] + (month == 2 && is_leap(year));
}

static bool is_date(const struct date *d)
{
	return d->year >= 1 && d->year <= 9999 && d->month >= 1 &&
	       d->month <= 12 && d->day >= 1 &&
	       d->day <= days_in(d->year, d->month);
}

/* Howard Hinnant's days_from_civil. */
int32_t date_to_day(struct date date)
{
	int year = date.year - (date.month <= 2);
	int era = (year >= 0 ? year : year - 399) / 400;
	int of_era = year - era * 400;
	int of_year = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 +
		      date.day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 +
	       of_year - 719468;
}

struct date date_of_day(int32_t day)
{
	int z = day + 719468;
	int era = (z >= 0 ? z : z - 146096) / 146097;
	int doe = z - era * 146097;
	int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int mp = (5 * doy + 2) / 153;
	int month = mp < 10 ? mp + 3 : mp - 9;

	return (struct date){ yoe + era * 400 + (month <= 2), month,
			      doy - (153 * mp + 2) / 5 + 1 };
}

/* Most offsets end in the month itself or in the next: no division. */
struct date date_add(struct date date, int32_t days)
{
	if (days < -62 || days > 62)
		return date_of_day(date_to_day(date) + days);
	date.day += days;
	while (date.day < 1) {
		date.year -= date.month == 1;
		date.month = date.month == 1 ? 12 : date.month - 1;
		date.day += days_in(date.year, date.month);
	}
	for (int n; date.day > (n = days_in(date.year, date.month));) {
		date.day -= n;
		date.year += date.month == 12;
		date.month = date.month == 12 ? 1 : date.month + 1;
	}
	return date;
}

int date_years(struct date born, struct date at)
{
	int years = at.year - born.year;

	if (born.month == 2 && born.day == 29 && !is_leap(at.year))
		born = (struct date){ born.year, 3, 1 };
	return years - (at.month < born.month ||
			(at.month == born.month && at.day < born.day));
}

void date_iso_week(struct date date, int *year, int *week)
{
	int32_t day = date_to_day(date);
	int weekday = (int)(((day + 3) % 7 + 7) % 7); /* Monday is 0 */
	struct date thursday = date_of_day(day - weekday + 3);
	struct date first = { thursday.year, 1, 1 };

	*year = thursday.year;
	*week = (date_to_day(thursday) - date_to_day(first)) / 7 + 1;
}

/* --- Forms ----------------------------------------------------------------- */

/* One part of a form at *form: its letter and whether it is unpadded; or 0 and
 * the character that must stand there. */
static char next_part(const char **form, bool *unpadded, char *literal)
{
	const char *at = *form;

	*unpadded = false;
	*literal = '\0';
	if (*at != '%') {
		*literal = *at;
		*form = at + 1;
		return 0;
	}
	at++;
	*unpadded = *at == '-';
	at += *unpadded;
	*form = at + (*at != '\0');
	return *at ? *at : '?';
}

bool date_form_valid(const char *form, bool months, bool days)
{
	int years_seen = 0, months_seen = 0, days_seen = 0;
	bool unpadded;
	char literal;

	if (months && days && strcmp(form, era_form) == 0)
		return true;
	if (strlen(form) > 24)
		return false;
	while (*form) {
		switch (next_part(&form, &unpadded, &literal)) {
		case 0:
			if (literal >= '0' && literal <= '9')
				return false;
			break;
		case 'Y':
			years_seen += unpadded ? 2 : 1;
			break;
		case 'm':
			months_seen++;
			break;
		case 'd':
			days_seen++;
			break;
		default:
			return false;
		}
	}
	return years_seen == 1 && months_seen == months && days_seen == days;
}

/* A number of exactly `least` digits, or of up to `most` without a zero in
 * front. The digits read, or 0. */
static size_t number(const char *at, size_t len, size_t least, size_t most,
		     int *out)
{
	size_t n = 0;

	*out = 0;
	while (n < len && n < most && at[n] >= '0' && at[n] <= '9')
		*out = *out * 10 + (at[n++] - '0');
	if (n < least || (least < most && at[0] == '0'))
		return 0;
	return n;
}

static bool read_era(const char *at, size_t len, struct date *out)
{
	int year, month, day;

	if (len != 7 || !number(at + 1, 2, 2, 2, &year) ||
	    !number(at + 3, 2, 2, 2, &month) || !number(at + 5, 2, 2, 2, &day))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(eras); i++) {
		if (eras[i].letter != at[0])
			continue;
		*out = (struct date){ eras[i].before + year, month, day };
		return year > 0 && is_date(out) &&
		       date_to_day(*out) >= date_to_day(eras[i].first) &&
		       date_to_day(*out) <= date_to_day(eras[i].last);
	}
	return false;
}

static size_t read_part(char part, bool unpadded, const char *at, size_t len,
			struct date *out)
{
	if (part == 'Y')
		return number(at, len, 4, 4, &out->year);
	return number(at, len, unpadded ? 1 : 2, 2,
		      part == 'm' ? &out->month : &out->day);
}

/* Two digits, or -1. */
static int two(const char *at)
{
	unsigned int tens = (unsigned int)(at[0] - '0');
	unsigned int ones = (unsigned int)(at[1] - '0');

	return tens > 9 || ones > 9 ? -1 : (int)(tens * 10 + ones);
}

static bool read_iso(const char *at, size_t len, struct date *out)
{
	if (len != 10 || at[4] != '-' || at[7] != '-')
		return false;
	int century = two(at), year = two(at + 2);
	*out = (struct date){ century * 100 + year, two(at + 5), two(at + 8) };
	return century >= 0 && year >= 0 && is_date(out);
}

bool date_read(struct date_form form, const char *at, size_t len,
	       struct date *out)
{
	const char *text = form.text;
	size_t used = 0;

	if (form.kind == FORM_ISO)
		return read_iso(at, len, out);
	if (form.kind == FORM_ERA)
		return read_era(at, len, out);
	while (*text) {
		bool unpadded;
		char literal;
		char part = next_part(&text, &unpadded, &literal);
		size_t n = part ? read_part(part, unpadded, at + used,
					    len - used, out)
				: used < len && at[used] == literal;

		if (n == 0)
			return false;
		used += n;
	}
	return used == len && is_date(out);
}

struct date_form date_form_make(const char *text)
{
	struct date_form form = { .text = text };

	if (strcmp(text, "%Y-%m-%d") == 0)
		form.kind = FORM_ISO;
	else if (strcmp(text, "%Y-%m") == 0)
		form.kind = FORM_ISO_MONTH;
	else if (strcmp(text, era_form) == 0)
		form.kind = FORM_ERA;
	return form;
}

static size_t write_era(struct date date, char *out)
{
	int32_t day = date_to_day(date);

	for (size_t i = ARRAY_LEN(eras); i-- > 0;)
		if (day >= date_to_day(eras[i].first) &&
		    day <= date_to_day(eras[i].last))
			return (size_t)snprintf(
				out, DATE_TEXT, "%c%02u%02u%02u",
				eras[i].letter,
				(unsigned int)(date.year - eras[i].before) %
					100,
				(unsigned int)date.month % 100,
				(unsigned int)date.day % 100);
	return 0;
}

static size_t put_number(char *out, int value, int digits)
{
	char reversed[12];
	size_t n = 0, used = 0;

	while (value > 0 || (int)n < digits) {
		reversed[n++] = (char)('0' + value % 10);
		value /= 10;
	}
	while (n > 0)
		out[used++] = reversed[--n];
	return used;
}

static void put_two(char *out, int value)
{
	out[0] = (char)('0' + value / 10);
	out[1] = (char)('0' + value % 10);
}

static size_t write_iso(struct date date, char *out, bool day)
{
	put_two(out, date.year / 100);
	put_two(out + 2, date.year % 100);
	out[4] = '-';
	put_two(out + 5, date.month);
	if (!day)
		return 7;
	out[7] = '-';
	put_two(out + 8, date.day);
	return 10;
}

size_t date_write(struct date_form form, struct date date, char *out)
{
	const char *text = form.text;
	size_t used = 0;

	if (date.year < 1 || date.year > 9999)
		return 0;
	if (form.kind == FORM_ISO || form.kind == FORM_ISO_MONTH)
		return write_iso(date, out, form.kind == FORM_ISO);
	if (form.kind == FORM_ERA)
		return write_era(date, out);
	while (*text) {
		bool unpadded;
		char literal;
		char part = next_part(&text, &unpadded, &literal);

		if (part == 'Y')
			used += put_number(out + used, date.year, 4);
		else if (part)
			used += put_number(out + used,
					   part == 'm' ? date.month : date.day,
					   unpadded ? 1 : 2);
		else
			out[used++] = literal;
	}
	return used;
}
