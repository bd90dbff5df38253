/*
 * transform - take a record's columns through their steps.
 *
 * Runs in sekisho-prepare.
 */
#include "policy/prepare/transform.h"

#include <string.h>

#include "policy/prepare/doers.h"
#include "policy/prepare/normalize.h"

char *scratch_take(struct transform *t, size_t len)
{
	char *taken = t->scratch + t->used;

	if (SCRATCH - t->used < len)
		return NULL;
	t->used += len;
	return taken;
}

int scratch_put(struct transform *t, const char *text, size_t len,
		struct view *value, struct fault *fault)
{
	char *to = scratch_take(t, len);

	if (!to)
		return fault_set(fault, FAULT_TOO_LONG);
	memcpy(to, text, len);
	*value = (struct view){ to, len, true };
	return 0;
}

int scratch_spell(struct transform *t, unsigned int how, struct view *value,
		  struct fault *fault)
{
	char *to = t->scratch + t->used;

	if (how == 0)
		return 0;
	long n = normalize(how, value->at, value->len, to, SCRATCH - t->used);
	if (n < 0)
		return fault_set(fault, FAULT_TOO_LONG);
	t->used += (size_t)n;
	*value = (struct view){ to, (size_t)n, false };
	return 0;
}

int bad_value(struct transform *t, const struct step *step,
	      enum fault_code code, struct view *value, struct fault *fault)
{
	if (step->action->bad != BAD_NULL)
		return fault_set(fault, code);
	t->tally->bad++;
	*value = (struct view){ "", 0, true };
	return 0;
}

static int no_subject(const struct transform *t, struct fault *fault)
{
	const char *name = t->scheme->source->subject.column;

	fault_set(fault, t->scheme->shifts ? FAULT_SHIFT_NO_SUBJECT
					   : FAULT_NO_SUBJECT);
	return fault_column(fault, t->scheme->subject + 1, name, strlen(name));
}

int transform_record(struct transform *t, const struct csv_field *fields,
		     struct fault *fault)
{
	const struct source *source = t->scheme->source;

	t->fields = fields;
	t->used = 0;
	t->delete = false;
	t->npending = 0;
	t->subject = (struct view){ "", 0, true };
	if (!source->has_subject)
		return 0;
	const struct csv_field *field = &fields[t->scheme->subject];
	t->subject = (struct view){ field->at, field->len, false };
	if (field->len == 0 || is_null(source, field->at, field->len))
		return no_subject(t, fault);
	if (history_oldest(t->history, &t->subject.at, &t->subject.len,
			   t->oldest, fault) < 0 ||
	    scratch_spell(t, source->subject.normalize, &t->subject, fault) < 0)
		return -1;
	if (t->subject.len == 0)
		return no_subject(t, fault);
	t->subject_hash = quick_hash(t->subject.at, t->subject.len);
	return 0;
}

static int (*const doers[DOS])(struct transform *, const struct step *,
			       struct view *, struct fault *) = {
#define ACTION(name, meaning) [DO_##name] = do_##name,
#include "policy/prepare/actions.def"
#undef ACTION
};

/* What is nothing stays as it is; only a pseudonym has a say in it. */
static bool passes(const struct transform *t, const struct step *step,
		   const struct view *value)
{
	if (step->what == DO_pseudonym &&
	    (step->nlinks > 0 || step->action->null == NULL_ERROR))
		return false;
	return is_null(t->scheme->source, value->at, value->len);
}

int transform_column(struct transform *t, const struct scheme_column *column,
		     bool whole, struct view *value, struct fault *fault)
{
	const struct csv_field *field = &t->fields[column->from];
	const char *name = column->column->name;
	uint32_t end =
		whole ? column->nsteps : (uint32_t)(column->last_rare + 1);

	*value = (struct view){ field->at, field->len,
				!field->quoted && t->scheme->commas };
	for (uint32_t i = 0; i < end; i++) {
		const struct step *step = &column->steps[i];

		if (step->plain || passes(t, step, value))
			continue;
		if (doers[step->what](t, step, value, fault) < 0)
			return fault_column(fault, column->from + 1, name,
					    strlen(name));
	}
	return 0;
}

void transform_done(struct transform *t)
{
	for (uint32_t i = 0; i < t->npending; i++) {
		const struct shown *one = &t->pending[i];
		const struct action *action = t->decided[one->rare].action;

		sharers_add(one->label ? &t->labels[one->rare]
				       : &t->shown[one->rare][one->value],
			    action->k, t->subject_hash,
			    action->count == COUNT_ROWS);
	}
}
