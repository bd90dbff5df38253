/*
 * sheet_show - a file on a reviewer's screen, with its findings.
 */
#ifndef GATEWAY_DESK_SHEET_SHOW_H
#define GATEWAY_DESK_SHEET_SHOW_H

#include "gateway/desk/marks.h"
#include "gateway/desk/render.h"
#include "gateway/desk/sheet.h"

struct sheet_show {
	const struct sheet *sheet;
	const struct result *findings; /* explained (findings.h) */
	struct marks marks;
	bool only_findings; /* rows without any are left out */
	uint32_t only_row;  /* one line of the file in full; 0: all */
};

/*
 * Write the file as render says: a table or numbered lines that fit the
 * window, or, plain, a line for each cell. Everything of the file passes
 * seen_text(). Findings are in the cells as signs and numbers, and below as
 * sentences.
 */
void sheet_show(const struct render *render, struct sheet_show *show);

#endif
