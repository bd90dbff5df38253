/*
 * calendar - dates as they are written in source tables.
 *
 * A form is %Y, %m or %-m, %d or %-d, each once, with anything but digits
 * and % between; or jp-era: [MTSHR]YYMMDD, where the day must lie in the era.
 * %m and %d are two digits, %-m and %-d have no zero in front.
 */
#ifndef POLICY_PREPARE_CALENDAR_H
#define POLICY_PREPARE_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DATE_TEXT = 64 };

struct date {
	int year, month, day;
};

/* Is this a form; of a whole date, or (days false) of year and month alone? */
bool date_form_valid(const char *form, bool months, bool days);

/* A form that was looked at once. */
struct date_form {
	enum { FORM_OTHER = 0, FORM_ISO, FORM_ISO_MONTH, FORM_ERA } kind;
	const char *text;
};

struct date_form date_form_make(const char *text);

bool date_read(struct date_form form, const char *at, size_t len,
	       struct date *out);
/* The length, or 0: the date cannot be written so. out: DATE_TEXT bytes. */
size_t date_write(struct date_form form, struct date date, char *out);

/* Days since 1970-01-01, and back. */
int32_t date_to_day(struct date date);
struct date date_of_day(int32_t day);
/* The date so many days later, or earlier. */
struct date date_add(struct date date, int32_t days);

/* Completed years at a day; born on 29 February counts on 1 March. Negative
 * before birth. */
int date_years(struct date born, struct date at);

/* ISO 8601 week: its year and number. */
void date_iso_week(struct date date, int *year, int *week);

#endif
