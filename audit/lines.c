#include "audit/lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int lines_init(struct lines *lines, int fd, size_t longest, struct err *err)
{
	memset(lines, 0, sizeof *lines);
	lines->fd = fd;
	lines->longest = longest;
	lines->buffer = malloc(LINES_BUFFER);
	return lines->buffer ? 0 : err_set(err, "out of memory");
}

void lines_clear(struct lines *lines)
{
	free(lines->buffer);
	lines->buffer = NULL;
}

/* Move what is unread to the front and read more behind it. */
static int fill(struct lines *lines, struct err *err)
{
	size_t kept = lines->end - lines->begin;
	uint64_t at = lines->offset + kept;
	ssize_t n;

	memmove(lines->buffer, lines->buffer + lines->begin, kept);
	lines->begin = 0;
	lines->end = kept;
	do
		n = pread(lines->fd, lines->buffer + kept, LINES_BUFFER - kept,
			  (off_t)at);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_sys(err, "read");
	lines->end += (size_t)n;
	lines->ended = n == 0;
	return 0;
}

enum lines_got lines_next(struct lines *lines, const char **line, size_t *len,
			  struct err *err)
{
	for (size_t seen = 0;;) {
		char *from = lines->buffer + lines->begin;
		size_t have = lines->end - lines->begin;
		char *lf = have > seen ? memchr(from + seen, '\n', have - seen)
				       : NULL;

		*line = from;
		*len = lf ? (size_t)(lf - from) : have;
		if (*len > lines->longest)
			return LINES_LONG;
		if (lf) {
			lines->begin += *len + 1;
			lines->offset += *len + 1;
			return LINES_LINE;
		}
		if (lines->ended)
			return have > 0 ? LINES_TORN : LINES_END;
		seen = have;
		if (fill(lines, err) < 0)
			return LINES_ERROR;
	}
}
