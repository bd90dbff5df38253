#include "policy/prepare/rows.h"

#include <stdlib.h>
#include <string.h>

#include "policy/prepare/need.h"
#include "policy/prepare/scheme.h"
#include "policy/prepare/transform.h"

void rows_clear(struct rows *rows)
{
	free(rows->conditions);
	rows->conditions = NULL;
}

/* Both bounds are dates (written YYYY-MM-DD), or both are numbers. */
static int read_bounds(struct condition *condition, struct fault *fault)
{
	const char *const *bounds = condition->filter->between.item;
	const struct date_form iso = date_form_make("%Y-%m-%d");
	struct date first, last;

	if (condition->filter->between.count == 0)
		return 0;
	if (date_read(iso, bounds[0], strlen(bounds[0]), &first) &&
	    date_read(iso, bounds[1], strlen(bounds[1]), &last)) {
		condition->dates = true;
		condition->form = date_form_make(condition->filter->form);
		condition->first = date_to_day(first);
		condition->last = date_to_day(last);
		return 0;
	}
	if (decimal_read(bounds[0], strlen(bounds[0]), &condition->least) ==
		    FAULT_NONE &&
	    decimal_read(bounds[1], strlen(bounds[1]), &condition->most) ==
		    FAULT_NONE)
		return 0;
	fault_say(fault, FAULT_RECIPE, "between: two dates or two numbers");
	fault->line = condition->filter->line;
	return -1;
}

int rows_make(struct rows *rows, const struct source *source,
	      const struct csv_field *header, uint32_t nfields,
	      struct fault *fault)
{
	*rows = (struct rows){ .source = source, .n = source->nfilters };
	rows->conditions = need(rows->n, sizeof *rows->conditions);
	for (uint32_t i = 0; i < rows->n; i++) {
		struct condition *condition = &rows->conditions[i];

		condition->filter = &source->filters[i];
		condition->field =
			find_field(header, nfields, condition->filter->column);
		if (read_bounds(condition, fault) < 0)
			return -1;
	}
	return 0;
}

static bool has_prefix(const struct words *words, const struct csv_field *field)
{
	for (uint32_t i = 0; i < words->count; i++)
		if (words->lengths[i] <= field->len &&
		    memcmp(words->item[i], field->at, words->lengths[i]) == 0)
			return true;
	return false;
}

static int is_between(const struct condition *condition,
		      const struct csv_field *field, struct fault *fault)
{
	if (condition->dates) {
		struct date date;

		if (!date_read(condition->form, field->at, field->len, &date))
			return fault_set(fault, FAULT_BAD_DATE);
		int32_t day = date_to_day(date);
		return day >= condition->first && day <= condition->last;
	}
	struct decimal number;
	enum fault_code code = decimal_read(field->at, field->len, &number);
	if (code != FAULT_NONE)
		return fault_set(fault, code);
	return decimal_compare(number, condition->least) >= 0 &&
	       decimal_compare(number, condition->most) <= 0;
}

static int wants(const struct rows *rows, const struct condition *condition,
		 const struct csv_field *field, struct fault *fault)
{
	const struct filter *filter = condition->filter;

	if (filter->not_in.count)
		return !is_word(&filter->not_in, field->at, field->len);
	if (is_null(rows->source, field->at, field->len))
		return 0;
	if (filter->in.count)
		return is_word(&filter->in, field->at, field->len);
	if (filter->prefix_in.count)
		return has_prefix(&filter->prefix_in, field);
	return is_between(condition, field, fault);
}

int rows_want(const struct rows *rows, const struct csv_field *fields,
	      struct fault *fault)
{
	for (uint32_t i = 0; i < rows->n; i++) {
		const struct condition *condition = &rows->conditions[i];
		const char *name = condition->filter->column;
		int want = wants(rows, condition, &fields[condition->field],
				 fault);

		if (want < 0)
			return fault_column(fault, condition->field + 1, name,
					    strlen(name));
		if (want == 0)
			return 0;
	}
	return 1;
}
