/*
 * columns - cells of a result by the key of their column.
 *
 * For whoever lays out an answer of its own: a column that is not there has
 * empty cells.
 */
#ifndef GATEWAY_DESK_COLUMNS_H
#define GATEWAY_DESK_COLUMNS_H

#include "gateway/base/result.h"

/* The number of the column, or -1. */
int column_of(const struct result *result, const char *key);

/* The cell of a column number or -1; "" if there is none. */
const char *column_text(const struct result *result, unsigned int row,
			int column);
uint64_t column_number(const struct result *result, unsigned int row,
		       int column);

/* Both at once. */
const char *column_cell(const struct result *result, unsigned int row,
			const char *key);
uint64_t column_count(const struct result *result, unsigned int row,
		      const char *key);

#endif
