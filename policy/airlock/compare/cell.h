/*
 * cell - what one cell of a table says: a number, a suppressed count, words.
 */
#ifndef POLICY_AIRLOCK_COMPARE_CELL_H
#define POLICY_AIRLOCK_COMPARE_CELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cell_kind {
	CELL_TEXT = 0,
	CELL_EMPTY,
	CELL_NUMBER,
	CELL_PERCENT,	 /* a number and a percent sign */
	CELL_SUPPRESSED, /* a count that was taken out */
};

/* What stands in parentheses behind a number: "7 (2.1%)". */
enum cell_beside {
	BESIDE_NOTHING = 0,
	BESIDE_NUMBER,	/* a deviation, or a percentage without its sign */
	BESIDE_PERCENT, /* so the number is a count, whatever its column */
};

/* value / 10^decimals; of a suppressed cell "<N": value N, else 0. */
struct cell {
	enum cell_kind kind;
	enum cell_beside beside;
	uint8_t decimals;
	int64_t value;
	uint32_t text, len; /* where its bytes stand in the table's text */
};

enum { CELL_DIGITS = 18 /* of a number; longer ones are text */ };

/*
 * Read text[0..len). Blanks around it count for nothing, full-width digits
 * and signs are as the usual ones, "1,234" is a number,
 * and so is "7 (2.1%)".
 */
struct cell cell_read(const char *text, size_t len);

/* A number without a fraction; "34.0" is one. Its value is in *value. */
bool cell_is_whole(const struct cell *cell, int64_t *value);

#endif
