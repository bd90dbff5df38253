#include "gateway/base/text.h"

#include <string.h>

#include "gateway/base/visible.h"

static const struct {
	const char *english, *japanese;
} texts[TEXTS] = {
#define TEXT(id, english, japanese) [TEXT_##id] = { english, japanese },
#include "gateway/base/texts.def"
#undef TEXT
};

const char *text(const char *lang, enum text_id id)
{
	return strcmp(lang, "ja") == 0 ? texts[id].japanese : texts[id].english;
}

/* The bytes of the character at s, which is not the end. */
static size_t character(const char *s)
{
	unsigned int code;
	size_t len = utf8_decode((const unsigned char *)s, strlen(s), &code);

	return len ? len : 1;
}

const char *text_fill(char *out, size_t size, const char *lang, enum text_id id,
		      const char *first, const char *second, const char *third)
{
	const char *arguments[] = { first, second, third };
	const char *from = text(lang, id);
	size_t used = 0;

	while (*from && used + 1 < size) {
		int n = from[0] == '{' && from[1] >= '1' && from[1] <= '3' &&
					from[2] == '}'
				? from[1] - '1'
				: -1;

		if (n < 0) {
			size_t len = character(from);

			if (used + len + 1 > size)
				break;
			memcpy(out + used, from, len);
			used += len;
			from += len;
			continue;
		}
		from += 3;
		if (arguments[n])
			used += visible_text(out + used, size - used,
					     arguments[n],
					     strlen(arguments[n]));
	}
	out[used] = '\0';
	return out;
}
