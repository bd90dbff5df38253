/*
 * paths - typed paths, by their letters alone.
 *
 * Runs in sekisho-desk. The words come out of a sandbox; what is written
 * begins with no slash and holds no "..", whatever they were.
 */
#include "gateway/desk/paths.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { PATHS_SIZE = 4096 + 512 };

/* Append the parts of text to path, which is "" or "/a/b". */
static bool walk(char *path, size_t size, const char *text)
{
	while (*text) {
		size_t used = strlen(path), len = strcspn(text, "/");

		if (len == 2 && strncmp(text, "..", 2) == 0) {
			char *last = strrchr(path, '/');

			if (last)
				*last = '\0';
		} else if (len > 0 && !(len == 1 && *text == '.')) {
			if (used + 1 + len >= size)
				return false;
			path[used] = '/';
			memcpy(path + used + 1, text, len);
			path[used + 1 + len] = '\0';
		}
		text += len + (text[len] == '/');
	}
	return true;
}

enum paths_outcome paths_out(const char *cwd, const char *word, char *out,
			     size_t size)
{
	static const char place[] = "/out";
	const size_t length = sizeof place - 1;
	char path[PATHS_SIZE] = "";

	if (*word != '/' && !walk(path, sizeof path, cwd))
		return PATHS_LONG;
	if (!walk(path, sizeof path, word))
		return PATHS_LONG;
	if (strcmp(path, place) == 0)
		return PATHS_FOLDER;
	if (strncmp(path, place, length) != 0 || path[length] != '/')
		return PATHS_OUTSIDE;
	if (strlen(path + length + 1) >= size)
		return PATHS_LONG;
	snprintf(out, size, "%s", path + length + 1);
	return PATHS_BENEATH;
}
