/*
 * day - calendar days as numbers, day 0 is 1970-01-01.
 */
#ifndef POLICY_DAY_H
#define POLICY_DAY_H

#include <stdint.h>

enum { DAY_TEXT_SIZE = 11 };

/* Read exactly YYYY-MM-DD, years 1970 to 2999. 0, or -1: no such day. */
int day_read(const char *text, int32_t *day);
/* out: DAY_TEXT_SIZE bytes. Returns out. */
const char *day_text(int32_t day, char *out);
/* The day at seconds since 1970 UTC, offset minutes east of it. */
int32_t day_at(int64_t seconds, int32_t offset);

#endif
