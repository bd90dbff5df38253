/*
 * decimal - numbers as they are written: integers with a scale, no binary
 * fractions anywhere.
 */
#ifndef POLICY_PREPARE_DECIMAL_H
#define POLICY_PREPARE_DECIMAL_H

#include <stddef.h>
#include <stdint.h>

#include "policy/prepare/fault.h"

enum { DECIMAL_DIGITS = 18, DECIMAL_TEXT = 48 };

struct decimal {
	int64_t value; /* of 10^-scale */
	unsigned int scale;
};

/* Read [-+]?[0-9]+(\.[0-9]+)? exactly. NONE; BAD_NUMBER; NUMBER_RANGE: more
 * than 18 digits. */
enum fault_code decimal_read(const char *at, size_t len, struct decimal *out);

/* <0, 0, >0 as a is less, equal, more than b. */
int decimal_compare(struct decimal a, struct decimal b);

/* The half-open band of width that v lies in, written with width's digits;
 * width > 0. Each DECIMAL_TEXT bytes. */
void decimal_band(struct decimal v, struct decimal width, char *low,
		  char *high);
/* The nearest multiple of `to`, half away from zero; to > 0. Its length. */
size_t decimal_round(struct decimal v, struct decimal to, char *out);

#endif
