/*
 * recipe_check - what must hold between the parts of a recipe.
 *
 * Runs in sekisho-prepare. Pure but for the problems it notes.
 */
#include <stdio.h>
#include <string.h>

#include "policy/prepare/calendar.h"
#include "policy/prepare/prf.h"
#include "policy/prepare/recipe_fields.h"

static const struct column *find_column(const struct source *source,
					const char *name)
{
	for (uint32_t i = 0; i < source->ncolumns; i++)
		if (strcmp(source->columns[i].name, name) == 0)
			return &source->columns[i];
	return NULL;
}

static void check_result_names(const struct reading_recipe *r,
			       const struct source *source)
{
	uint32_t shown = 0;

	for (uint32_t i = 0; i < source->ncolumns; i++) {
		const struct column *one = &source->columns[i];

		if (!column_shown(one))
			continue;
		shown++;
		for (uint32_t k = 0; k < i; k++)
			if (column_shown(&source->columns[k]) &&
			    strcasecmp(source->columns[k].as, one->as) == 0)
				problems_add(r->problems, r->recipe->file,
					     one->line, TEXT_RECIPE_SAME_NAME,
					     one->as, NULL, NULL);
	}
	if (shown == 0)
		problems_add(r->problems, r->recipe->file, source->line,
			     TEXT_RECIPE_ALL_DROPPED, source->name, NULL, NULL);
}

/* Every column that another part of the recipe names must be listed. */
static void check_named(const struct reading_recipe *r,
			const struct source *source, const char *name,
			unsigned int line)
{
	if (name && !find_column(source, name))
		problems_add(r->problems, r->recipe->file, line,
			     TEXT_RECIPE_NO_COLUMN, name, source->name, NULL);
}

/* A person's own id never goes out as it is. */
static void check_subject(const struct reading_recipe *r,
			  const struct source *source)
{
	const struct column *column;

	if (!source->has_subject || !source->subject.column)
		return;
	check_named(r, source, source->subject.column, source->line);
	column = find_column(source, source->subject.column);
	if (column && column->nactions > 0 &&
	    column->actions[0].what != DO_drop &&
	    column->actions[0].what != DO_pseudonym)
		problems_add(r->problems, r->recipe->file, column->line,
			     TEXT_RECIPE_SUBJECT_SHOWN, column->name, NULL,
			     NULL);
}

/* --- Actions --------------------------------------------------------------- */

/* Where a check stands. */
struct at {
	const struct reading_recipe *r;
	const struct source *source;
	const struct column *column;
	const struct action *action;
};

static void wrong(const struct at *at, enum text_id id, const char *first,
		  const char *second)
{
	problems_add(at->r->problems, at->r->recipe->file, at->action->line, id,
		     first, second, NULL);
}

static void check_form(const struct at *at)
{
	if (at->action->in && !date_form_valid(at->action->in, true, true))
		wrong(at, TEXT_RECIPE_DATE_FORM, "in", at->action->in);
}

static void check_keep(const struct at *at)
{
	(void)at;
}

static void check_drop(const struct at *at)
{
	if (at->column->nactions > 1)
		wrong(at, TEXT_RECIPE_DROP, do_word(at->action->what), NULL);
}

static void check_text(const struct at *at)
{
	check_drop(at);
	if (at->r->recipe->profile == PROFILE_ANONYMIZED &&
	    at->action->mode == TEXT_MODE_SCAN)
		wrong(at, TEXT_RECIPE_ANONYMIZED_TEXT, NULL, NULL);
}

static void check_pseudonym(const struct at *at)
{
	const struct words *key = &at->action->link_key;
	char bits[16];

	snprintf(bits, sizeof bits, "%u", at->action->length * 5);
	if (at->action->length && at->action->length < PSEUDONYM_LEAST)
		wrong(at, TEXT_FAULT_WEAK_PSEUDONYM, bits, NULL);
	for (uint32_t i = 0; i < key->count; i++)
		check_named(at->r, at->source, key->item[i], at->action->line);
}

/* A form of the result must not tell more than what is kept. */
static void check_date(const struct at *at)
{
	const struct action *action = at->action;
	bool months = action->keep == KEEP_MONTH;

	check_form(at);
	if (action->out && (!(months || action->keep == KEEP_YEAR) ||
			    !date_form_valid(action->out, months, false)))
		wrong(at, TEXT_RECIPE_DATE_FORM, "out", action->out);
}

static void check_shift(const struct at *at)
{
	const struct action *action = at->action;
	const struct subject *subject = &at->source->subject;

	check_form(at);
	if (!at->source->has_subject)
		wrong(at, TEXT_FAULT_SHIFT_NO_SUBJECT, NULL, NULL);
	else if (action->by && subject->domain &&
		 strcmp(action->by, "subject") != 0 &&
		 strcmp(action->by, subject->domain) != 0)
		wrong(at, TEXT_RECIPE_SHIFT_BY, action->by, subject->domain);
	if (action->unit == UNIT_WEEK && action->max_days > 0 &&
	    action->max_days < 7)
		wrong(at, TEXT_RECIPE_SHIFT_WEEK, NULL, NULL);
}

static void check_age(const struct at *at)
{
	check_form(at);
}

static void check_band(const struct at *at)
{
	const char *label = at->action->label;

	if (label && !strstr(label, "{lo}") && !strstr(label, "{hi}"))
		wrong(at, TEXT_RECIPE_BAND_LABEL, label, NULL);
}

static void check_round(const struct at *at)
{
	(void)at;
}

static void check_top(const struct at *at)
{
	(void)at;
}

static void check_bottom(const struct at *at)
{
	(void)at;
}

static void check_truncate(const struct at *at)
{
	static const uint32_t most[] = { [HIERARCHY_ICD10] = 7,
					 [HIERARCHY_ATC] = 5,
					 [HIERARCHY_POSTCODE_JP] = 7,
					 [HIERARCHY_PREFIX] = 100 };
	char number[16];

	snprintf(number, sizeof number, "%u", most[at->action->hierarchy]);
	if (at->action->hierarchy &&
	    at->action->level > most[at->action->hierarchy])
		wrong(at, TEXT_RECIPE_LEVEL, number, NULL);
}

static void check_map(const struct at *at)
{
	if ((at->action->missing == MISSING_LABEL) !=
	    (at->action->label != NULL))
		wrong(at, TEXT_RECIPE_MAP_LABEL, NULL, NULL);
}

static void check_rare(const struct at *at)
{
	uint32_t rares = 0;

	for (uint32_t i = 0; i < at->column->nactions; i++)
		rares += at->column->actions[i].what == DO_rare;
	if (rares > 1)
		wrong(at, TEXT_RECIPE_RARE_ONCE, NULL, NULL);
	if (at->action->count == COUNT_SUBJECTS && !at->source->has_subject)
		wrong(at, TEXT_RECIPE_RARE_SUBJECT, NULL, NULL);
}

static void (*const checks[DOS])(const struct at *) = {
#define ACTION(name, meaning) [DO_##name] = check_##name,
#include "policy/prepare/actions.def"
#undef ACTION
};

/* --- Sources ----------------------------------------------------------------- */

static bool is_shown_as(const struct source *source, const char *name)
{
	for (uint32_t i = 0; i < source->ncolumns; i++)
		if (column_shown(&source->columns[i]) &&
		    strcmp(source->columns[i].as, name) == 0)
			return true;
	return false;
}

static void check_conditions(const struct reading_recipe *r,
			     const struct source *source)
{
	for (uint32_t i = 0; i < source->nfilters; i++) {
		const struct filter *filter = &source->filters[i];
		int conditions = (filter->between.count > 0) +
				 (filter->prefix_in.count > 0) +
				 (filter->in.count > 0) +
				 (filter->not_in.count > 0);

		check_named(r, source, filter->column, filter->line);
		if (conditions != 1)
			problems_add(r->problems, r->recipe->file, filter->line,
				     TEXT_RECIPE_CONDITION, NULL, NULL, NULL);
		if (filter->form && !date_form_valid(filter->form, true, true))
			problems_add(r->problems, r->recipe->file, filter->line,
				     TEXT_RECIPE_DATE_FORM, "form",
				     filter->form, NULL);
	}
	if (!source->has_subject &&
	    (source->history || source->has_optout || source->has_cohort))
		problems_add(r->problems, r->recipe->file, source->line,
			     TEXT_RECIPE_NEEDS_SUBJECT, source->name, NULL,
			     NULL);
}

void recipe_check_source(const struct reading_recipe *r,
			 const struct source *source)
{
	check_result_names(r, source);
	check_subject(r, source);
	check_conditions(r, source);
	for (uint32_t i = 0; i < source->index.count; i++)
		if (!is_shown_as(source, source->index.item[i]))
			problems_add(r->problems, r->recipe->file, source->line,
				     TEXT_RECIPE_NO_COLUMN,
				     source->index.item[i], source->name, NULL);
	for (uint32_t i = 0; i < source->ncolumns; i++) {
		const struct column *column = &source->columns[i];

		for (uint32_t a = 0; a < column->nactions; a++) {
			struct at at = { r, source, column,
					 &column->actions[a] };

			if (at.action->what != DO_NOTHING)
				checks[at.action->what](&at);
		}
	}
}

static bool is_in_some_source(const struct recipe *recipe, const char *name)
{
	for (uint32_t i = 0; i < recipe->nsources; i++) {
		const struct column *column =
			find_column(&recipe->sources[i], name);

		if (column && column_shown(column))
			return true;
	}
	return false;
}

static void check_reported(const struct reading_recipe *r,
			   const struct words *names)
{
	uint32_t node = recipe_find(r->recipe, 1, "report");

	for (uint32_t i = 0; i < names->count; i++)
		if (!is_in_some_source(r->recipe, names->item[i]))
			recipe_wrong(r, node, TEXT_RECIPE_REPORTED,
				     names->item[i], NULL);
}

void recipe_check(const struct reading_recipe *r)
{
	const struct recipe *recipe = r->recipe;

	check_reported(r, &recipe->report.quasi_identifiers);
	check_reported(r, &recipe->report.sensitive);
	if (recipe->profile == PROFILE_ANONYMIZED &&
	    (recipe->report.quasi_identifiers.count == 0 ||
	     recipe->require.k < 2))
		recipe_wrong(r, 1, TEXT_RECIPE_ANONYMIZED_K, NULL, NULL);
}
