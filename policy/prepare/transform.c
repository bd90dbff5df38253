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

/* Is the record's subject that of the record before? Then all is known. */
static bool is_last(struct transform *t, const struct csv_field *field)
{
	const struct last_subject *last = &t->last;

	t->same_subject = last->raw_len == field->len && field->len > 0 &&
			  is_same(last->raw, field->at, field->len);
	if (t->same_subject)
		t->subject = (struct view){ last->text, last->len, false };
	return t->same_subject;
}

static void keep_last(struct transform *t, const struct csv_field *field)
{
	struct last_subject *last = &t->last;

	last->raw_len = 0;
	if (field->len > LAST_SUBJECT || t->subject.len > LAST_SUBJECT)
		return;
	memcpy(last->raw, field->at, field->len);
	memcpy(last->text, t->subject.at, t->subject.len);
	last->raw_len = field->len;
	last->len = (uint32_t)t->subject.len;
}

static int find_subject(struct transform *t, const struct csv_field *field,
			struct fault *fault)
{
	const struct source *source = t->scheme->source;

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
	t->shift_step = t->id_step = NULL;
	keep_last(t, field);
	return 0;
}

int transform_record(struct transform *t, const struct csv_field *fields,
		     struct fault *fault)
{
	const struct csv_field *field = &fields[t->scheme->subject];

	t->fields = fields;
	t->used = 0;
	t->delete = false;
	t->npending = 0;
	if (t->scheme->source->has_subject && !is_last(t, field))
		return find_subject(t, field, fault);
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

static int run_steps(struct transform *t, const struct scheme_column *column,
		     uint32_t from, uint32_t to, struct view *value,
		     struct fault *fault)
{
	const char *name = column->column->name;

	for (uint32_t i = from; i < to; i++) {
		const struct step *step = &column->steps[i];

		if (step->plain || passes(t, step, value))
			continue;
		if (doers[step->what](t, step, value, fault) < 0)
			return fault_column(fault, column->from + 1, name,
					    strlen(name));
	}
	return 0;
}

static void recall(struct transform *t, struct memo *slot, struct view *value)
{
	*value = (struct view){ slot->result, slot->result_len, slot->clean };
	t->tally->labelled += slot->labelled;
	t->number = &slot->number;
}

/* The pure steps, from memory if they are known. What was bad is not kept: it
 * counts each time. */
static int run_pure(struct transform *t, const struct scheme_column *column,
		    struct view *value, struct fault *fault)
{
	t->number = NULL;
	if (column->memo < 0 || value->len == 0 || value->len > MEMO_VALUE)
		return run_steps(t, column, 0, column->pure, value, fault);
	struct memo_key key = memo_key(value->at, value->len);
	struct memo *slot =
		memo_slot(t->memos + (size_t)column->memo * MEMO_SLOTS, &key);
	if (memo_is(slot, &key)) {
		recall(t, slot, value);
		return 0;
	}
	uint64_t bad = t->tally->bad, labelled = t->tally->labelled;
	if (run_steps(t, column, 0, column->pure, value, fault) < 0)
		return -1;
	if (t->tally->bad == bad &&
	    memo_keep(slot, &key, value->at, value->len)) {
		slot->labelled = (uint8_t)(t->tally->labelled - labelled);
		slot->clean = value->clean;
		t->number = &slot->number;
	}
	return 0;
}

int transform_column(struct transform *t, const struct scheme_column *column,
		     bool whole, struct view *value, struct fault *fault)
{
	uint32_t end =
		whole ? column->nsteps : (uint32_t)(column->last_rare + 1);

	*value = transform_plain(t, column);
	if ((column->pure > 0 || column->memo >= 0) &&
	    run_pure(t, column, value, fault) < 0)
		return -1;
	return run_steps(t, column, column->pure, end, value, fault);
}

void transform_done(struct transform *t)
{
	for (uint32_t i = 0; i < t->npending; i++) {
		const struct shown *one = &t->pending[i];
		const struct action *action = t->decided[one->rare].action;

		if (one->label)
			sharers_add(&t->labels[one->rare], action->k,
				    one->subject);
		else
			rare_table_count(&t->tables[one->rare], one->value,
					 one->subject);
	}
}
