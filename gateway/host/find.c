#include "gateway/host/find.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/own.h"

enum found find_when(bool there)
{
	return there ? FOUND : MISSING;
}

void find_text(const char *path, char *out, size_t size)
{
	AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, out, size - 1);

	out[n > 0 ? n : 0] = '\0';
}

long find_number(const char *path)
{
	char text[32], *end;
	long number;

	find_text(path, text, sizeof text);
	number = strtol(text, &end, 10);
	return end == text ? -1 : number;
}

static bool has_word(const char *text, const char *word)
{
	static const char between[] = " \t\n";
	size_t len = strlen(word);

	for (const char *at = text; *at; at += strcspn(at, between)) {
		at += strspn(at, between);
		if (strcspn(at, between) == len && strncmp(at, word, len) == 0)
			return true;
	}
	return false;
}

bool find_word(const char *path, const char *word)
{
	char text[16384];

	find_text(path, text, sizeof text);
	return has_word(text, word);
}
