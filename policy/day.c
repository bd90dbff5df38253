/*
 * day - read, write and compute calendar days.
 *
 * Runs in sekisho-policy and sekishoctl. Pure.
 */
#include "policy/day.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { FIRST_YEAR = 1970, LAST_YEAR = 2999 };

static bool leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int month_days(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30,
				    31, 31, 30, 31, 30, 31 };

	return days[month - 1] + (month == 2 && leap(year));
}

static int number(const char *text, int digits)
{
	int value = 0;

	for (int i = 0; i < digits; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		value = value * 10 + text[i] - '0';
	}
	return value;
}

int day_read(const char *text, int32_t *day)
{
	if (strlen(text) != 10 || text[4] != '-' || text[7] != '-')
		return -1;
	int year = number(text, 4);
	int month = number(text + 5, 2);
	int date = number(text + 8, 2);
	if (year < FIRST_YEAR || year > LAST_YEAR || month < 1 || month > 12 ||
	    date < 1 || date > month_days(year, month))
		return -1;
	*day = date - 1;
	for (int y = FIRST_YEAR; y < year; y++)
		*day += leap(y) ? 366 : 365;
	for (int m = 1; m < month; m++)
		*day += month_days(year, m);
	return 0;
}

const char *day_text(int32_t day, char *out)
{
	int year = FIRST_YEAR, month = 1;

	while (year < LAST_YEAR && day >= (leap(year) ? 366 : 365))
		day -= leap(year++) ? 366 : 365;
	while (month < 12 && day >= month_days(year, month))
		day -= month_days(year, month++);
	if (day < 0 || day > 30)
		day = 0;
	snprintf(out, DAY_TEXT_SIZE, "%04d-%02d-%02d", year % 10000, month,
		 (int)(day % 100) + 1);
	return out;
}

int32_t day_at(int64_t seconds, int32_t offset)
{
	int64_t local = seconds + (int64_t)offset * 60;
	int64_t day = local / 86400;

	return (int32_t)(local % 86400 < 0 ? day - 1 : day);
}
