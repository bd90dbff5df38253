#include "gateway/desk/age.h"

#include <inttypes.h>
#include <stdio.h>

#include "gateway/base/text.h"

enum { MINUTE = 60, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

const char *age_words(char *out, size_t size, const char *lang, int64_t seconds)
{
	char number[24];
	int64_t unit = seconds >= 2 * DAY    ? DAY
		       : seconds >= 2 * HOUR ? HOUR
					     : MINUTE;

	if (seconds < 0) {
		snprintf(out, size, "-");
		return out;
	}
	snprintf(number, sizeof number, "%" PRId64, seconds / unit);
	return text_fill(out, size, lang,
			 unit == DAY	? TEXT_AGE_DAYS
			 : unit == HOUR ? TEXT_AGE_HOURS
					: TEXT_AGE_MINUTES,
			 number, NULL, NULL);
}
