/*
 * text - every sentence for people, in English and Japanese, from texts.def.
 */
#ifndef GATEWAY_BASE_TEXT_H
#define GATEWAY_BASE_TEXT_H

#include <stddef.h>

enum text_id {
#define TEXT(id, english, japanese) TEXT_##id,
#include "gateway/base/texts.def"
#undef TEXT
	TEXTS
};

/* The text in lang: "ja", or English for anything else. Never NULL. */
const char *text(const char *lang, enum text_id id);

/*
 * The text with {1}, {2}, {3} replaced by the arguments (NULL: none), which
 * are made visible (visible.h) on the way. Returns out, cut to size at a
 * character; size is at least 1.
 */
const char *text_fill(char *out, size_t size, const char *lang, enum text_id id,
		      const char *first, const char *second, const char *third);

#endif
