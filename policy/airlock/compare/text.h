/*
 * text - F09, F10, I03, I06, M01, P01, T01: what one line of any file must not say.
 */
#ifndef POLICY_AIRLOCK_COMPARE_TEXT_H
#define POLICY_AIRLOCK_COMPARE_TEXT_H

#include "policy/airlock/compare/findings.h"
#include "policy/airlock/compare/profile.h"

struct text_check {
	const struct profile *profile;
	struct findings *findings;
	uint32_t file;
};

/* Look at the bytes of one line, without its end. */
void text_check_line(const struct text_check *check, uint32_t line,
		     const char *text, size_t len);

/* Single points that this line of a drawing (SVG) draws. */
uint64_t text_marks(const char *text, size_t len);

#endif
