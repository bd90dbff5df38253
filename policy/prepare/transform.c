/*
 * transform - each action of recipe.def as a function of one value.
 *
 * Runs in sekisho-prepare. Pure but for the scratch memory of a record.
 */
#include "policy/prepare/transform.h"

#include <string.h>

#include "policy/prepare/normalize.h"

bool is_null(const struct source *source, const char *at, size_t len)
{
	for (uint32_t i = 0; i < source->null.count; i++)
		if (strlen(source->null.item[i]) == len &&
		    memcmp(source->null.item[i], at, len) == 0)
			return true;
	return false;
}

/* The value in one spelling, in scratch where it had another. */
static int spell(struct transform *t, unsigned int how, struct view *value,
		 struct fault *fault)
{
	char *to = t->scratch + t->used;

	if (how == 0)
		return 0;
	long n = normalize(how, value->at, value->len, to, SCRATCH - t->used);
	if (n < 0)
		return fault_set(fault, FAULT_TOO_LONG);
	t->used += (size_t)n;
	*value = (struct view){ to, (size_t)n };
	return 0;
}

int transform_record(struct transform *t, const struct csv_field *fields,
		     struct fault *fault)
{
	const struct source *source = t->scheme->source;

	t->fields = fields;
	t->used = 0;
	t->subject = (struct view){ "", 0 };
	if (!source->has_subject)
		return 0;
	const struct csv_field *field = &fields[t->scheme->subject];
	t->subject = (struct view){ field->at, field->len };
	bool none = is_null(source, field->at, field->len);
	if (!none &&
	    spell(t, source->subject.normalize, &t->subject, fault) < 0)
		return -1;
	if (none || t->subject.len == 0) {
		fault_set(fault, FAULT_NO_SUBJECT);
		return fault_column(fault, t->scheme->subject + 1,
				    source->subject.column,
				    strlen(source->subject.column));
	}
	return 0;
}

/* The normalised columns of a link key, joined by U+001F. All empty: nothing
 * to link by. */
static int join(struct transform *t, const struct step *step,
		struct view *value, struct fault *fault)
{
	struct view joined = { t->scratch + t->used, 0 };
	bool any = false;

	for (uint32_t i = 0; i < step->nlinks; i++) {
		const struct csv_field *field = &t->fields[step->links[i]];
		char *to = t->scratch + t->used;

		if (SCRATCH - t->used < 2)
			return fault_set(fault, FAULT_TOO_LONG);
		if (i > 0) {
			*to++ = 0x1f;
			t->used++;
		}
		long n = normalize(step->normalize, field->at, field->len, to,
				   SCRATCH - t->used);
		if (n < 0)
			return fault_set(fault, FAULT_TOO_LONG);
		t->used += (size_t)n;
		any |= n > 0;
	}
	joined.len = any ? (size_t)(t->scratch + t->used - joined.at) : 0;
	*value = joined;
	return 0;
}

/* The bits that the first `length` characters carry. */
static void cut_bits(uint8_t bytes[static PSEUDONYM_BYTES], uint32_t length)
{
	uint32_t bits = length * 5;

	for (uint32_t i = 0; i < PSEUDONYM_BYTES;
	     i++, bits -= bits < 8 ? bits : 8)
		if (bits < 8)
			bytes[i] &= (uint8_t)(0xff00 >> bits);
}

static int do_pseudonym(struct transform *t, const struct step *step,
			struct view *value, struct fault *fault)
{
	const struct action *action = step->action;
	uint8_t mac[32];
	int done = 0;

	if (step->nlinks > 0)
		done = join(t, step, value, fault);
	else if (step->of_subject)
		*value = t->subject;
	else
		done = spell(t, step->normalize, value, fault);
	if (done < 0)
		return -1;
	if (value->len == 0)
		return action->null == NULL_ERROR
			       ? fault_set(fault, FAULT_EMPTY_VALUE)
			       : 0;
	if (SCRATCH - t->used < PSEUDONYM_TEXT)
		return fault_set(fault, FAULT_TOO_LONG);
	prf_value(&step->prf, value->at, value->len, mac);
	char *to = t->scratch + t->used;
	pseudonym_text(mac, to);
	t->used += PSEUDONYM_TEXT;
	*value = (struct view){ to, action->length };
	cut_bits(mac, action->length);
	return t->seen ? t->seen(t->whose, mac, fault) : 0;
}

static int do_keep(struct transform *t, const struct step *step,
		   struct view *value, struct fault *fault)
{
	const struct words *allow = &step->action->allow;

	(void)t;
	for (uint32_t i = 0; i < allow->count; i++)
		if (strlen(allow->item[i]) == value->len &&
		    memcmp(allow->item[i], value->at, value->len) == 0)
			return 0;
	return allow->count ? fault_set(fault, FAULT_VALUE_NOT_ALLOWED) : 0;
}

static int do_drop(struct transform *t, const struct step *step,
		   struct view *value, struct fault *fault)
{
	(void)t;
	(void)step;
	(void)fault;
	*value = (struct view){ "", 0 };
	return 0;
}

static int (*const doers[DOS])(struct transform *, const struct step *,
			       struct view *, struct fault *) = {
#define ACTION(name, meaning) [DO_##name] = do_##name,
#include "policy/prepare/actions.def"
#undef ACTION
};

/* What is nothing stays as it is; only a pseudonym has a say in it. */
static bool passes(const struct step *step, const struct source *source,
		   const struct view *value)
{
	if (step->action->what == DO_pseudonym)
		return step->nlinks == 0 && step->action->null == NULL_KEEP &&
		       is_null(source, value->at, value->len);
	return is_null(source, value->at, value->len);
}

int transform_column(struct transform *t, const struct scheme_column *column,
		     struct view *value, struct fault *fault)
{
	const struct csv_field *field = &t->fields[column->from];
	const char *name = column->column->name;

	*value = (struct view){ field->at, field->len };
	for (uint32_t i = 0; i < column->nsteps; i++) {
		const struct step *step = &column->steps[i];

		if (passes(step, t->scheme->source, value))
			continue;
		if (doers[step->action->what](t, step, value, fault) < 0)
			return fault_column(fault, column->from + 1, name,
					    strlen(name));
	}
	return 0;
}
