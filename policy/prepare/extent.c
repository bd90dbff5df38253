/*
 * extent - conditions of a recipe beside the rows of a permit.
 *
 * Runs in sekisho-prepare. Pure. What cannot be seen to lie within the permit
 * lies outside: not_in, numbers, and dates that are listed one by one.
 */
#include "policy/prepare/extent.h"

#include <stdio.h>
#include <string.h>

#include "policy/day.h"

static bool is_about(const struct extent *extent, const struct recipe *recipe,
		     const struct source *source)
{
	return strcmp(extent->dataset, recipe->dataset) == 0 &&
	       (!*extent->source || strcmp(extent->source, source->name) == 0);
}

static bool days_within(const struct filter *filter,
			const struct extent *extent)
{
	int32_t first, last;

	return !*extent->prefix && filter->between.count == 2 &&
	       day_read(filter->between.item[0], &first) == 0 &&
	       day_read(filter->between.item[1], &last) == 0 &&
	       extent->from <= first && last <= extent->until;
}

/* One code, or beginning of codes, of a condition. */
static bool code_within(const char *code, const struct extent *extent)
{
	return *extent->prefix &&
	       strncmp(code, extent->prefix, strlen(extent->prefix)) == 0;
}

/* The rows of the permit that speak of one source and column. */
struct asked {
	const struct extents *rows;
	const struct recipe *recipe;
	const struct source *source;
	const char *column;
};

static bool speaks(const struct asked *asked, const struct extent *extent)
{
	return is_about(extent, asked->recipe, asked->source) &&
	       strcmp(extent->column, asked->column) == 0;
}

static bool any_has_days(const struct asked *asked, const struct filter *filter)
{
	for (uint32_t i = 0; i < asked->rows->count; i++)
		if (speaks(asked, &asked->rows->item[i]) &&
		    days_within(filter, &asked->rows->item[i]))
			return true;
	return false;
}

static bool any_has_code(const struct asked *asked, const char *code)
{
	for (uint32_t i = 0; i < asked->rows->count; i++)
		if (speaks(asked, &asked->rows->item[i]) &&
		    code_within(code, &asked->rows->item[i]))
			return true;
	return false;
}

static bool all_have_codes(const struct asked *asked, const struct words *words)
{
	for (uint32_t i = 0; i < words->count; i++)
		if (!any_has_code(asked, words->item[i]))
			return false;
	return words->count > 0;
}

/* Conditions hold all together: one that is within is enough. */
static bool is_within(const struct asked *asked)
{
	for (uint32_t i = 0; i < asked->source->nfilters; i++) {
		const struct filter *filter = &asked->source->filters[i];

		if (strcmp(filter->column, asked->column) == 0 &&
		    (any_has_days(asked, filter) ||
		     all_have_codes(asked, &filter->prefix_in) ||
		     all_have_codes(asked, &filter->in)))
			return true;
	}
	return false;
}

static int refuse(const struct asked *asked, const struct extent *extent,
		  struct fault *fault)
{
	char first[DAY_TEXT_SIZE], last[DAY_TEXT_SIZE], what[200];

	if (*extent->prefix)
		snprintf(what, sizeof what,
			 "the permit gives of dataset '%s' only rows of codes "
			 "that begin with %s",
			 extent->dataset, extent->prefix);
	else
		snprintf(what, sizeof what,
			 "the permit gives of dataset '%s' only rows from %s "
			 "until %s",
			 extent->dataset, day_text(extent->from, first),
			 day_text(extent->until, last));
	fault_say(fault, FAULT_PERMIT, what);
	snprintf(fault->source, sizeof fault->source, "%s",
		 asked->source->name);
	return fault_column(fault, 0, asked->column, strlen(asked->column));
}

int extent_check(const struct extents *rows, const struct recipe *recipe,
		 struct fault *fault)
{
	for (uint32_t s = 0; s < recipe->nsources; s++)
		for (uint32_t i = 0; i < rows->count; i++) {
			const struct asked asked = { rows, recipe,
						     &recipe->sources[s],
						     rows->item[i].column };

			if (speaks(&asked, &rows->item[i]) &&
			    !is_within(&asked))
				return refuse(&asked, &rows->item[i], fault);
		}
	return 0;
}
