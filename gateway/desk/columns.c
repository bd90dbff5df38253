/*
 * columns - look up columns.
 *
 * Runs in sekisho-desk and sekishoctl.
 */
#include "gateway/desk/columns.h"

#include <stdlib.h>
#include <string.h>

int column_of(const struct result *result, const char *key)
{
	for (unsigned int i = 0; i < result->ncolumns; i++)
		if (strcmp(result->columns[i].key, key) == 0)
			return (int)i;
	return -1;
}

const char *column_text(const struct result *result, unsigned int row,
			int column)
{
	return column < 0 ? "" : result_cell(result, row, (unsigned int)column);
}

uint64_t column_number(const struct result *result, unsigned int row,
		       int column)
{
	const char *digits = column_text(result, row, column);

	return *digits >= '0' && *digits <= '9' ? strtoull(digits, NULL, 10)
						: 0;
}

const char *column_cell(const struct result *result, unsigned int row,
			const char *key)
{
	return column_text(result, row, column_of(result, key));
}

uint64_t column_count(const struct result *result, unsigned int row,
		      const char *key)
{
	return column_number(result, row, column_of(result, key));
}
