#include "gateway/desk/marks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/desk/columns.h"
#include "gateway/desk/findings.h"

enum { MARK_WORST = 4 /* a sign and three digits */ };

static int64_t order(const struct mark *a, uint32_t row, uint32_t column)
{
	return a->row != row ? (int64_t)a->row - row
			     : (int64_t)a->column - column;
}

static int compare(const void *a, const void *b)
{
	const struct mark *one = a, *other = b;
	int64_t difference = order(one, other->row, other->column);

	if (difference == 0)
		difference = (int64_t)one->number - other->number;
	return difference < 0 ? -1 : difference > 0;
}

void marks_set(struct marks *marks, const struct result *findings)
{
	int row = column_of(findings, "row");
	int column = column_of(findings, "column");
	int severity = column_of(findings, "severity");

	marks->n = 0;
	for (unsigned int i = 0; i < findings->nrows && i < MARKS; i++) {
		const char *word = column_text(findings, i, severity);

		marks->mark[marks->n++] = (struct mark){
			.row = (uint32_t)column_number(findings, i, row),
			.column = (uint32_t)column_number(findings, i, column),
			.number = i + 1,
			.sign = findings_sign(word),
			.colour = findings_colour(word),
		};
	}
	qsort(marks->mark, marks->n, sizeof marks->mark[0], compare);
}

/* The first mark that does not stand before this place. */
static unsigned int first_at(const struct marks *marks, uint32_t row,
			     uint32_t column)
{
	unsigned int low = 0, high = marks->n;

	while (low < high) {
		unsigned int middle = low + (high - low) / 2;

		if (order(&marks->mark[middle], row, column) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct mark_range marks_in(const struct marks *marks, uint32_t row,
			   uint32_t first, uint32_t last)
{
	unsigned int begin = first_at(marks, row, first);
	unsigned int end = last == UINT32_MAX ? first_at(marks, row + 1, 0)
					      : first_at(marks, row, last + 1);

	return (struct mark_range){ marks->mark + begin, marks->mark + end };
}

void marks_text(struct mark_range range, char out[MARK_SIZE],
		const char **colour)
{
	size_t used = strlen(out);

	for (const struct mark *mark = range.first; mark < range.end; mark++) {
		if (!**colour)
			*colour = mark->colour;
		if (used + MARK_WORST + 2 > MARK_SIZE) {
			snprintf(out + used, MARK_SIZE - used, "+");
			return;
		}
		used += (size_t)snprintf(out + used, MARK_SIZE - used, "%c%u",
					 mark->sign, mark->number);
	}
}

bool marks_in_row(const struct marks *marks, uint32_t row)
{
	unsigned int i = first_at(marks, row, 0);

	return i < marks->n && marks->mark[i].row == row;
}
