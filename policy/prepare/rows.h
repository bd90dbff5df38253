/*
 * rows - which rows of a source a recipe wants.
 */
#ifndef POLICY_PREPARE_ROWS_H
#define POLICY_PREPARE_ROWS_H

#include "policy/prepare/calendar.h"
#include "policy/prepare/csv.h"
#include "policy/prepare/recipe.h"

struct condition {
	const struct filter *filter;
	uint32_t field;
	bool dates; /* between: dates, not numbers */
	struct date_form form;
	int32_t first, last;
	struct decimal least, most;
};

struct rows {
	const struct source *source;
	uint32_t n;
	struct condition *conditions;
};

/* Fit a source's conditions to its header. The caller calls rows_clear. */
int rows_make(struct rows *rows, const struct source *source,
	      const struct csv_field *header, uint32_t nfields,
	      struct fault *fault);
void rows_clear(struct rows *rows);

/* Does a record meet all of them? 1, 0; -1: a value that is none. A value that
 * is nothing meets no condition but not_in. */
int rows_want(const struct rows *rows, const struct csv_field *fields,
	      struct fault *fault);

#endif
