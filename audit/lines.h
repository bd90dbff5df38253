/*
 * lines - read a file line by line in large pieces, whatever is in it.
 */
#ifndef AUDIT_LINES_H
#define AUDIT_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/base/err.h"

/* Small enough for a core's own cache, many times the longest line. */
enum { LINES_BUFFER = 256 * 1024 };

struct lines {
	int fd;		/* the caller's */
	size_t longest; /* bytes of a line without its LF */
	char *buffer;
	size_t begin, end; /* unread part of the buffer */
	uint64_t offset;   /* in the file, where the next line begins */
	bool ended;
};

/* Read fd from its beginning, or from where offset is set before the first
 * line is read. 0 or -1 (memory). */
int lines_init(struct lines *lines, int fd, size_t longest, struct err *err);
void lines_clear(struct lines *lines);

enum lines_got {
	LINES_END = 0, /* nothing more */
	LINES_LINE,    /* a line; *line valid until the next call */
	LINES_TORN,    /* the rest has no LF; *len bytes or more of it */
	LINES_LONG,    /* longer than longest */
	LINES_ERROR    /* err says why */
};

enum lines_got lines_next(struct lines *lines, const char **line, size_t *len,
			  struct err *err);

#endif
