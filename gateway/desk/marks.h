/*
 * marks - where the findings of one file stand, by row and column.
 */
#ifndef GATEWAY_DESK_MARKS_H
#define GATEWAY_DESK_MARKS_H

#include "gateway/base/result.h"

enum { MARKS = 512, MARK_SIZE = 16 };

struct mark {
	uint32_t row, column; /* lines of the file; columns from 1; 0: none */
	unsigned int number;  /* of the finding, from 1, as it is listed */
	char sign;
	const char *colour;
};

struct marks {
	unsigned int n;
	struct mark mark[MARKS]; /* by row, then column, then number */
};

/* From a list of findings; those that do not fit have no mark, and are listed
 * all the same. */
void marks_set(struct marks *marks, const struct result *findings);

/* Marks of one row (0: of the columns as a whole) in the columns from first
 * to last; column 0 is the row as a whole. */
struct mark_range {
	const struct mark *first, *end;
};
struct mark_range marks_in(const struct marks *marks, uint32_t row,
			   uint32_t first, uint32_t last);

/* As people see them, such as "!1" or "!1?2", after what out holds; the colour
 * of the first goes to *colour if it is "". */
void marks_text(struct mark_range range, char out[MARK_SIZE],
		const char **colour);

/* Does any finding stand in this row? */
bool marks_in_row(const struct marks *marks, uint32_t row);

#endif
