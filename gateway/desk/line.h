/*
 * line - the members of one record of the log, one after the other.
 *
 * A record is one line of canonical JSON (docs/audit-format.md). This reads
 * the outermost object only; it shows records, it does not verify them.
 */
#ifndef GATEWAY_DESK_LINE_H
#define GATEWAY_DESK_LINE_H

#include <stddef.h>

enum { LINE_KEY = 40, LINE_VALUE = 512 };

struct line {
	const char *at, *end;
	char key[LINE_KEY];
	char value[LINE_VALUE]; /* strings without quotes and escapes; cut */
};

void line_begin(struct line *line, const char *text, size_t len);

/* The next member is in key and value. 1; 0: no more; -1: not a record. */
int line_next(struct line *line);

#endif
