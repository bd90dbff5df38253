/*
 * age - how long something has waited, in words.
 */
#ifndef GATEWAY_DESK_AGE_H
#define GATEWAY_DESK_AGE_H

#include <stddef.h>
#include <stdint.h>

/* "5 min", "7 h", "3 days"; "-" if there is no time. Returns out. */
const char *age_words(char *out, size_t size, const char *lang,
		      int64_t seconds);

#endif
