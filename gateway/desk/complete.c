/*
 * complete - the commands of a role by their first letters.
 *
 * Runs in sekisho-desk, on consoles.
 */
#include "gateway/desk/complete.h"

#include <string.h>

static size_t agree(const char *a, const char *b, size_t most)
{
	size_t n = 0;

	while (n < most && a[n] && a[n] == b[n])
		n++;
	return n;
}

bool complete(const struct desk *desk, const char *line, size_t len, char *rest,
	      size_t size)
{
	const char *found = NULL, *name;
	size_t common = 0;
	bool several = false;

	if (len > 5 && strncmp(line, "help ", 5) == 0) {
		line += 5;
		len -= 5;
	}
	if (len == 0)
		return false;
	for (unsigned int i = 0; (name = desk_verb_name(desk, i)); i++) {
		if (strlen(name) < len || strncmp(name, line, len) != 0)
			continue;
		common = found ? agree(found, name, common) : strlen(name);
		several = found != NULL;
		found = name;
	}
	if (!found)
		return false;
	snprintf(rest, size, "%.*s%s", (int)(common - len), found + len,
		 several ? "" : " ");
	return *rest != '\0';
}
