/*
 * gutter - the numbers of rows beside a sheet, with the signs of findings on
 * whole rows.
 */
#ifndef GATEWAY_DESK_GUTTER_H
#define GATEWAY_DESK_GUTTER_H

#include "gateway/desk/sheet_show.h"

struct gutter {
	size_t digits, marks; /* columns of the numbers, and of the signs */
};

/* Is the row number i (from 0) of the sheet to be shown? */
bool gutter_wants(const struct sheet_show *show, size_t i);

void gutter_measure(const struct sheet_show *show, struct gutter *gutter);
size_t gutter_width(const struct gutter *gutter);

/* The number, the signs and a bar. */
void gutter_put(const struct render *render, const struct sheet_show *show,
		const struct gutter *gutter, const struct sheet_row *row);

/* --- The sheet beside it (sheet_table.c) ----------------------------------- */

void sheet_table(const struct render *render, const struct sheet_show *show);

#endif
