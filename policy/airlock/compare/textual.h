/*
 * textual - tables that stand in a text: delimited, Markdown, or printed.
 *
 * Takes the lines of a text one by one. Lines that follow each other and have
 * as many cells (tab, '|', ';', ',') are a table; so are lines that end in as
 * many numbers, as R and pandas print them.
 */
#ifndef POLICY_AIRLOCK_COMPARE_TEXTUAL_H
#define POLICY_AIRLOCK_COMPARE_TEXTUAL_H

#include "policy/airlock/compare/table.h"

enum { TEXTUAL_LINE = 4096 /* longer lines are no rows */ };

struct textual {
	struct table table; /* of the rows so far */
	char separator;	    /* ' ': printed numbers; 0: no table is open */
	size_t cells;	    /* of each row; numbers, where printed */
	size_t len;	    /* of the line before; 0: none */
	uint32_t number;    /* its line */
	char before[TEXTUAL_LINE];
};

/*
 * The next line. True: a table has ended before it and stands in table; the
 * caller looks at it and calls textual_taken(), then gives the line again.
 */
bool textual_line(struct textual *textual, uint32_t number, const char *text,
		  size_t len);

/* After the last line: is there a table? */
bool textual_end(struct textual *textual);

void textual_taken(struct textual *textual);

/* A single column of printed numbers: perhaps no table at all. */
bool textual_is_list(const struct textual *textual);

#endif
