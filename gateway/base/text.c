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
			out[used++] = *from++;
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
