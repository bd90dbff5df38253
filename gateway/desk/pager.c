/*
 * pager - screens of an answer.
 *
 * Runs in sekisho-desk, on consoles. Lines were made to fit the window by the
 * renderer; a line that is longer counts as the lines that it takes.
 */
#include "gateway/desk/pager.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/desk/width.h"

enum { CTRL_C = 3, CTRL_D = 4, LEAST_ROWS = 4 };

struct pages {
	const struct desk *desk;
	const char **lines; /* where each begins */
	size_t count, next; /* next: the line to be shown */
};

static size_t length(const char *line)
{
	return strcspn(line, "\n");
}

/* Rows that a line takes; colours (ESC [ ... m) take no room. */
static size_t rows_of(const struct desk *desk, const char *line)
{
	char copy[1024];
	size_t used = 0, len = length(line), columns;

	for (size_t i = 0; i < len && used + 1 < sizeof copy; i++) {
		if (line[i] != '\033') {
			copy[used++] = line[i];
			continue;
		}
		while (i < len && line[i] != 'm')
			i++;
	}
	copy[used] = '\0';
	if (desk->cols == 0 || used + 1 == sizeof copy)
		return 1;
	columns = width_text(copy);
	return columns == 0 ? 1 : (columns + desk->cols - 1) / desk->cols;
}

static size_t screen_of(const struct desk *desk)
{
	return desk->rows >= LEAST_ROWS ? desk->rows - 1 : 0;
}

/* The line from which so many rows lead to this one. */
static size_t before(const struct pages *pages, size_t line, size_t rows)
{
	while (line > 0) {
		size_t taken = rows_of(pages->desk, pages->lines[line - 1]);

		if (taken > rows)
			break;
		rows -= taken;
		line--;
	}
	return line;
}

/* The next line that is coloured, which is one with a finding, or the same
 * line if there is none. */
static size_t next_marked(const struct pages *pages)
{
	for (size_t i = pages->next; i < pages->count; i++) {
		const char *line = pages->lines[i];

		if (memchr(line, '\033', length(line)))
			return i;
	}
	return pages->next;
}

/* Do what the key says; how many rows may follow. 0: none was asked for. */
static size_t turn(struct pages *pages, wchar_t key)
{
	size_t screen = screen_of(pages->desk);

	switch (key) {
	case ' ':
		return screen;
	case '\r':
	case '\n':
		return 1;
	case 'b':
		pages->next = before(pages, pages->next, 2 * screen);
		return screen;
	case 'g':
		pages->next = 0;
		return screen;
	case 'G':
		pages->next = before(pages, pages->count, screen);
		return screen;
	case 'n':
		pages->next = next_marked(pages);
		return screen;
	default:
		return 0;
	}
}

/* How many rows may follow; 0: stop. */
static size_t wait_key(struct typing *typing, struct pages *pages, FILE *out)
{
	size_t rows = 0;
	wchar_t key;

	fputs(text(pages->desk->lang, TEXT_DESK_MORE), out);
	fflush(out);
	while (rows == 0) {
		int got = typing_next(typing, &key);

		if (got == 0)
			typing->resized = false;
		if (got < 0 ||
		    (got > 0 && (key == 'q' || key == CTRL_C || key == CTRL_D)))
			break;
		if (got > 0)
			rows = turn(pages, key);
	}
	fprintf(out, "\r\033[K");
	return rows;
}

/* Where the lines begin; false: no memory. */
static bool split(struct pages *pages, const char *bytes)
{
	size_t room = 0;

	for (const char *c = bytes; *c; c += length(c), c += *c == '\n') {
		if (pages->count == room) {
			size_t more = room > 0 ? 2 * room : 256;
			const char **lines =
				reallocarray(pages->lines, more, sizeof *lines);

			if (!lines)
				return false;
			pages->lines = lines;
			room = more;
		}
		pages->lines[pages->count++] = c;
	}
	return true;
}

static void show(struct typing *typing, struct pages *pages, FILE *out)
{
	size_t left = screen_of(pages->desk);
	bool waits = left > 0;

	while (pages->next < pages->count) {
		const char *line = pages->lines[pages->next];
		size_t rows = rows_of(pages->desk, line);

		if (waits && left < rows) {
			left = wait_key(typing, pages, out);
			if (left == 0)
				return;
			line = pages->lines[pages->next];
			rows = rows_of(pages->desk, line);
		}
		fprintf(out, "%.*s\n", (int)length(line), line);
		left = left > rows ? left - rows : 0;
		pages->next++;
	}
}

void pager_show(struct typing *typing, FILE *out, const char *bytes)
{
	struct pages pages = { .desk = typing->desk };

	if (split(&pages, bytes))
		show(typing, &pages, out);
	else
		fputs(bytes, out);
	free(pages.lines);
}
