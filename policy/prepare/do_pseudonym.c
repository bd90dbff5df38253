/*
 * do_pseudonym - ids, and the plain actions keep, drop and text.
 */
#include <string.h>

#include "policy/prepare/doers.h"
#include "policy/prepare/normalize.h"

/* Ids made lately by a worker: a subject has many rows. */
enum { CACHE = 16384, CACHED_VALUE = 29 };

struct cached_pseudonym {
	const struct step *step;
	uint8_t len;
	char value[CACHED_VALUE];
	char text[PSEUDONYM_TEXT];
};

size_t pseudonym_cache_size(void)
{
	return CACHE * sizeof(struct cached_pseudonym);
}

/* The normalised columns of a link key, joined by U+001F. All empty: nothing
 * to link by. */
static int join(struct transform *t, const struct step *step,
		struct view *value, struct fault *fault)
{
	struct view joined = { t->scratch + t->used, 0, false };
	bool any = false;

	for (uint32_t i = 0; i < step->nlinks; i++) {
		const struct csv_field *field = &t->fields[step->links[i]];
		char *between = i > 0 ? scratch_take(t, 1) : t->scratch;

		if (!between)
			return fault_set(fault, FAULT_TOO_LONG);
		if (i > 0)
			*between = 0x1f;
		long n = normalize(step->normalize, field->at, field->len,
				   t->scratch + t->used, SCRATCH - t->used);
		if (n < 0)
			return fault_set(fault, FAULT_TOO_LONG);
		t->used += (size_t)n;
		any |= n > 0;
	}
	joined.len = any ? (size_t)(t->scratch + t->used - joined.at) : 0;
	*value = joined;
	return 0;
}

static struct cached_pseudonym *
cached(struct transform *t, const struct step *step, const struct view *value)
{
	if (!t->cache || value->len > CACHED_VALUE)
		return NULL;
	uint64_t hash = step->of_subject ? t->subject_hash
					 : quick_hash(value->at, value->len);
	return &t->cache[(hash ^ (uintptr_t)step >> 4) & (CACHE - 1)];
}

static int make_pseudonym(struct transform *t, const struct step *step,
			  const struct view *value, char *out,
			  struct fault *fault)
{
	struct cached_pseudonym *slot = cached(t, step, value);
	uint8_t mac[32];

	if (slot && slot->step == step && slot->len == value->len &&
	    is_same(slot->value, value->at, value->len)) {
		memcpy(out, slot->text, PSEUDONYM_TEXT);
		return 0;
	}
	prf_value(&step->prf, value->at, value->len, mac);
	pseudonym_text(mac, out);
	if (slot) {
		slot->step = step;
		slot->len = (uint8_t)value->len;
		memcpy(slot->value, value->at, value->len);
		memcpy(slot->text, out, PSEUDONYM_TEXT);
	}
	pseudonym_cut(mac, step->action->length);
	return t->seen && t->pass == PASS_WRITE ? t->seen(t->whose, mac, fault)
						: 0;
}

int do_pseudonym(struct transform *t, const struct step *step,
		 struct view *value, struct fault *fault)
{
	const struct action *action = step->action;
	int done = 0;

	if (step->nlinks > 0)
		done = join(t, step, value, fault);
	else if (step->of_subject)
		*value = t->subject;
	else
		done = scratch_spell(t, step->normalize, value, fault);
	if (done < 0)
		return -1;
	if (value->len == 0)
		return action->null == NULL_ERROR
			       ? fault_set(fault, FAULT_EMPTY_VALUE)
			       : 0;
	/* the subject's own stays for its next record */
	char *to = step->of_subject ? t->id : scratch_take(t, PSEUDONYM_TEXT);
	if (!to)
		return fault_set(fault, FAULT_TOO_LONG);
	if ((!step->of_subject || t->id_step != step) &&
	    make_pseudonym(t, step, value, to, fault) < 0)
		return -1;
	if (step->of_subject)
		t->id_step = step;
	*value = (struct view){ to, action->length, true };
	return 0;
}

int do_keep(struct transform *t, const struct step *step, struct view *value,
	    struct fault *fault)
{
	const struct words *allow = &step->action->allow;

	(void)t;
	return allow->count == 0 || is_word(allow, value->at, value->len)
		       ? 0
		       : fault_set(fault, FAULT_VALUE_NOT_ALLOWED);
}

int do_drop(struct transform *t, const struct step *step, struct view *value,
	    struct fault *fault)
{
	(void)t;
	(void)step;
	(void)fault;
	*value = (struct view){ "", 0, true };
	return 0;
}

/* Six digits in a row with at most a blank or hyphen between, or an @: numbers
 * of phones, cards and patients, addresses of mail. */
static bool is_suspect(const char *at, size_t len)
{
	size_t digits = 0;

	for (size_t i = 0; i < len; i++) {
		if (at[i] == '@')
			return true;
		if (at[i] >= '0' && at[i] <= '9')
			digits++;
		else if (at[i] != '-' && at[i] != ' ')
			digits = 0;
		if (digits >= 6)
			return true;
	}
	return false;
}

int do_text(struct transform *t, const struct step *step, struct view *value,
	    struct fault *fault)
{
	struct view spelled = *value;

	(void)step;
	if (scratch_spell(t, NORMALIZE_NFKC, &spelled, fault) < 0)
		return -1;
	t->tally->suspect += is_suspect(spelled.at, spelled.len);
	return 0;
}
