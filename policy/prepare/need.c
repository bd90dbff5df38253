#include "policy/prepare/need.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/err.h"

void *need(size_t count, size_t size)
{
	void *memory = calloc(count ? count : 1, size ? size : 1);

	if (!memory)
		die("out of memory");
	return memory;
}

void *need_more(void *memory, size_t count, size_t size)
{
	void *grown = reallocarray(memory, count ? count : 1, size);

	if (!grown)
		die("out of memory");
	return grown;
}

char *need_copy(const char *text, size_t len)
{
	char *copy = need(len + 1, 1);

	memcpy(copy, text, len);
	return copy;
}

FILE *need_stream(char **text, size_t *len)
{
	FILE *stream = open_memstream(text, len);

	if (!stream)
		die("out of memory");
	return stream;
}

void need_stream_end(FILE *stream)
{
	if (fclose(stream) != 0)
		die("out of memory");
}
