/*
 * line - a small reader of canonical JSON objects.
 *
 * Runs in sekisho-desk for auditors. The log may have been tampered with:
 * anything unexpected ends the line.
 */
#include "gateway/desk/line.h"

#include <stdbool.h>
#include <string.h>

void line_begin(struct line *line, const char *text, size_t len)
{
	line->at = text;
	line->end = text + len;
}

static char peek(const struct line *line)
{
	return line->at < line->end ? *line->at : '\0';
}

static bool take(struct line *line, char c)
{
	if (peek(line) != c || c == '\0')
		return false;
	line->at++;
	return true;
}

/* What an escape stands for; characters outside ASCII are not escaped in
 * canonical JSON, so \u is a control character, shown as a blank. */
static char unescape(struct line *line)
{
	char c = peek(line);

	line->at++;
	if (c == 'u') {
		line->at += line->end - line->at >= 4 ? 4 : 0;
		return ' ';
	}
	return strchr("bfnrt", c) ? ' ' : c;
}

/* Read a string after its opening quote into out, cut to size. */
static int read_string(struct line *line, char *out, size_t size)
{
	size_t used = 0;

	while (line->at < line->end && *line->at != '"') {
		char c = *line->at++;

		if (c == '\\') {
			if (line->at == line->end)
				return -1;
			c = unescape(line);
		}
		if (used + 1 < size && c != '\0')
			out[used++] = c;
	}
	out[used] = '\0';
	return take(line, '"') ? 0 : -1;
}

/* Copy a number, true, false, or a nested value as it is written. */
static int read_other(struct line *line, char *out, size_t size)
{
	const char *start = line->at;
	unsigned int depth = 0;
	bool quoted = false;
	size_t len;

	for (; line->at < line->end; line->at++) {
		char c = *line->at;

		if (quoted && c == '\\' && line->at + 1 < line->end)
			line->at++;
		else if (c == '"')
			quoted = !quoted;
		else if (quoted)
			continue;
		else if (c == '{' || c == '[')
			depth++;
		else if (depth == 0 && (c == ',' || c == '}'))
			break;
		else if (c == '}' || c == ']')
			depth--;
	}
	len = (size_t)(line->at - start);
	if (len >= size)
		len = size - 1;
	memcpy(out, start, len);
	out[len] = '\0';
	return len > 0 && line->at < line->end ? 0 : -1;
}

int line_next(struct line *line)
{
	if (take(line, '}'))
		return line->at == line->end ? 0 : -1;
	if (!take(line, '{') && !take(line, ','))
		return -1;
	if (peek(line) == '}')
		return line_next(line);
	if (!take(line, '"') ||
	    read_string(line, line->key, sizeof line->key) < 0 ||
	    !take(line, ':'))
		return -1;
	if (take(line, '"')) {
		if (read_string(line, line->value, sizeof line->value) < 0)
			return -1;
	} else if (read_other(line, line->value, sizeof line->value) < 0) {
		return -1;
	}
	return 1;
}
