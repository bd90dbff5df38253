/*
 * finding - the table of findings, for whoever raises or prints one.
 *
 * Linked into sekisho-compare and desks. No files, no state.
 */
#include <stdio.h>
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/base/visible.h"
#include "policy/client.h"

static const struct finding_text texts[] = {
#define FINDING(code, family, severity, parameter, english, japanese, remedy,  \
		remedy_japanese)                                               \
	{ #code,   #family,  parameter, SEVERITY_##severity,                   \
	  english, japanese, remedy,	remedy_japanese },
#include "policy/airlock/findings.def"
#undef FINDING
};

const struct finding_text *finding_find(const char *code)
{
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (strcmp(texts[i].code, code) == 0)
			return &texts[i];
	return NULL;
}

const struct finding_text *finding_at(size_t n)
{
	return n < ARRAY_LEN(texts) ? &texts[n] : NULL;
}

const char *finding_sentence(char *out, size_t size,
			     const struct finding_text *text, const char *lang,
			     const uint64_t numbers[2])
{
	const char *from =
		strcmp(lang, "ja") == 0 ? text->sentence_ja : text->sentence;
	size_t used = 0;

	while (*from) {
		char number[24];
		const char *piece = from;
		unsigned int code;
		size_t len = utf8_decode((const unsigned char *)from,
					 strlen(from), &code);
		size_t taken = len = len ? len : 1;

		if (from[0] == '{' && (from[1] == '1' || from[1] == '2')) {
			len = (size_t)snprintf(
				number, sizeof number, "%llu",
				(unsigned long long)numbers[from[1] - '1']);
			piece = number;
			taken = 3;
		}
		if (used + len + 1 > size)
			break;
		memcpy(out + used, piece, len);
		used += len;
		from += taken;
	}
	out[used] = '\0';
	return out;
}

const char *finding_remedy(const struct finding_text *text, const char *lang)
{
	return strcmp(lang, "ja") == 0 ? text->remedy_ja : text->remedy;
}
