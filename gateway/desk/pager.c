/*
 * pager - screens of an answer.
 *
 * Runs in sekisho-desk, on consoles. Lines were made to fit the window by the
 * renderer; a line that is longer counts as the lines that it takes.
 */
#include "gateway/desk/pager.h"

#include <string.h>

#include "gateway/desk/width.h"

enum { CTRL_C = 3, CTRL_D = 4, LEAST_ROWS = 4 };

/* How many lines may follow: a screen, one, or none (stop). */
static size_t wait_key(struct typing *typing, FILE *out)
{
	const char *more = text(typing->desk->lang, TEXT_DESK_MORE);
	size_t next = 0;
	wchar_t c;
	int got;

	fputs(more, out);
	fflush(out);
	for (;;) {
		got = typing_next(typing, &c);
		if (got == 0)
			typing->resized = false;
		if (got < 0 ||
		    (got > 0 && (c == 'q' || c == CTRL_C || c == CTRL_D)))
			break;
		if (got > 0 && c == ' ')
			next = typing->desk->rows - 1;
		if (got > 0 && (c == '\r' || c == '\n'))
			next = 1;
		if (next > 0)
			break;
	}
	fprintf(out, "\r\033[K");
	return next;
}

/* Rows that a line takes; colours (ESC [ ... m) take no room. */
static size_t rows_of(const struct desk *desk, const char *line, size_t len)
{
	char copy[1024];
	size_t used = 0, columns;

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

void pager_show(struct typing *typing, FILE *out, const char *text)
{
	const struct desk *desk = typing->desk;
	size_t left = desk->rows >= LEAST_ROWS ? desk->rows - 1 : 0;

	while (*text) {
		size_t len = strcspn(text, "\n");
		size_t rows = rows_of(desk, text, len);

		if (desk->rows >= LEAST_ROWS && left < rows &&
		    (left = wait_key(typing, out)) == 0)
			return;
		fprintf(out, "%.*s\n", (int)len, text);
		left = left > rows ? left - rows : 0;
		text += len + (text[len] == '\n');
	}
}
