#include "policy/airlock/parse/type.h"

#include <string.h>
#include <strings.h>

#include "gateway/base/own.h"

static const struct {
	const char *word;
	enum file_type type;
} extensions[] = {
#define EXTENSION(word, type) { word, type },
#define MAGIC(bytes, length)
#include "policy/airlock/parse/types.def"
#undef EXTENSION
#undef MAGIC
};

static const struct {
	const char *bytes;
	size_t len;
} magics[] = {
#define EXTENSION(word, type)
#define MAGIC(bytes, length) { bytes, length },
#include "policy/airlock/parse/types.def"
#undef EXTENSION
#undef MAGIC
};

enum file_type type_of_name(const char *name)
{
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot && i < ARRAY_LEN(extensions); i++)
		if (strcasecmp(dot + 1, extensions[i].word) == 0)
			return extensions[i].type;
	return FILE_UNKNOWN;
}

static size_t skip_blanks(const uint8_t *head, size_t len)
{
	size_t at = len >= 3 && memcmp(head, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

	while (at < len && strchr(" \t\r\n", head[at]) && head[at])
		at++;
	return at;
}

bool type_is_foreign(const uint8_t *head, size_t len)
{
	size_t skipped = skip_blanks(head, len);

	for (size_t i = 0; i < ARRAY_LEN(magics); i++) {
		const char *bytes = magics[i].bytes;
		size_t n = magics[i].len;

		if (bytes[0] == '<' && len - skipped >= n &&
		    strncasecmp((const char *)head + skipped, bytes, n) == 0)
			return true;
		if (len >= n && memcmp(head, bytes, n) == 0)
			return true;
	}
	return false;
}

const char *type_word(enum file_type type)
{
	static const char *const words[] = {
		[FILE_UNKNOWN] = "unknown", [FILE_CSV] = "csv",
		[FILE_TSV] = "tsv",	    [FILE_TEXT] = "text",
		[FILE_JSON] = "json",
	};

	return words[type];
}

char type_separator(enum file_type type, const uint8_t *head, size_t len)
{
	static const char candidates[] = ",;\t";
	size_t counts[3] = { 0 }, best = 0;

	if (type == FILE_TSV)
		return '\t';
	for (size_t i = 0; i < len && head[i] != '\n'; i++)
		for (size_t c = 0; c < 3; c++)
			counts[c] += head[i] == (uint8_t)candidates[c];
	for (size_t c = 1; c < 3; c++)
		if (counts[c] > counts[best])
			best = c;
	return candidates[best];
}
