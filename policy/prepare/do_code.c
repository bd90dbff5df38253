/*
 * do_code - codes of hierarchies, maps, and values that few share.
 */
#include <string.h>

#include "policy/prepare/doers.h"

enum { CODE = 16 };

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The code without dots and hyphens; its length, or 0: it is none. */
static size_t bare_code(const struct view *value, char out[static CODE])
{
	size_t n = 0;

	for (size_t i = 0; i < value->len; i++) {
		if (value->at[i] == '.' || value->at[i] == '-')
			continue;
		if (n == CODE)
			return 0;
		out[n++] = value->at[i];
	}
	return n;
}

static bool is_icd10(const char *code, size_t n)
{
	if (n < 3 || n > 7 || !is_upper(code[0]) || !is_digit(code[1]))
		return false;
	for (size_t i = 2; i < n; i++)
		if (!is_upper(code[i]) && !is_digit(code[i]))
			return false;
	return true;
}

/* A letter, two digits, two letters, two digits; whole levels only. */
static bool is_atc(const char *code, size_t n)
{
	if (n != 1 && n != 3 && n != 4 && n != 5 && n != 7)
		return false;
	for (size_t i = 0; i < n; i++)
		if (i == 0 || i == 3 || i == 4 ? !is_upper(code[i])
					       : !is_digit(code[i]))
			return false;
	return true;
}

static bool is_postcode(const char *code, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!is_digit(code[i]))
			return false;
	return n == 7;
}

/* Whole characters of UTF-8. */
static size_t prefix(const struct view *value, uint32_t characters)
{
	size_t at = 0;

	while (at < value->len && characters-- > 0) {
		at++;
		while (at < value->len && (value->at[at] & 0xc0) == 0x80)
			at++;
	}
	return at;
}

/* A code that is coarser than the level stays as it is. */
int do_truncate(struct transform *t, const struct step *step,
		struct view *value, struct fault *fault)
{
	static const size_t atc_levels[] = { 0, 1, 3, 4, 5, 7 };
	enum hierarchy hierarchy = (enum hierarchy)step->action->hierarchy;
	size_t level = step->action->level;
	char code[CODE];
	bool good = false;

	if (hierarchy == HIERARCHY_PREFIX) {
		value->len = prefix(value, step->action->level);
		return 0;
	}
	size_t n = bare_code(value, code);
	if (hierarchy == HIERARCHY_ICD10) {
		good = is_icd10(code, n);
	} else if (hierarchy == HIERARCHY_ATC) {
		good = is_atc(code, n);
		level = atc_levels[level];
	} else {
		good = is_postcode(code, n);
	}
	if (!good)
		return fault_set(fault, FAULT_BAD_CODE);
	return scratch_put(t, code, n < level ? n : level, value, fault);
}

int do_map(struct transform *t, const struct step *step, struct view *value,
	   struct fault *fault)
{
	size_t len;
	const char *to = map_find(&step->map, value->at, value->len, &len);

	if (to) {
		*value = (struct view){ to, len, false };
		return 0;
	}
	if (step->action->missing == MISSING_ERROR)
		return fault_set(fault, FAULT_UNMAPPED);
	if (step->action->missing == MISSING_LABEL) {
		t->tally->labelled++;
		put_label(step, value);
	}
	return 0;
}

/* What was decided about a value; it was counted in the first pass. */
static int decided(struct transform *t, const struct step *step, uint32_t value,
		   struct view *out)
{
	const struct rare *rare = &t->decided[step->rare];
	enum fate fate = (enum fate)rare->fates[value];

	if (fate == FATE_DELETE) {
		t->delete = true;
		return 0;
	}
	t->pending[t->npending++] = (struct shown){ .rare = step->rare,
						    .label = fate == FATE_LABEL,
						    .value = value };
	if (fate == FATE_LABEL) {
		t->tally->labelled++;
		put_label(step, out);
	}
	return 0;
}

int do_rare(struct transform *t, const struct step *step, struct view *value,
	    struct fault *fault)
{
	if (t->pass == PASS_COUNT)
		return rare_count(&t->rares[step->rare], value->at, value->len,
				  t->subject_hash, fault);
	long number = interned_find(&t->decided[step->rare].values, value->at,
				    value->len);
	if (number < 0)
		return fault_set(fault, FAULT_SOURCE_CHANGED);
	if (t->pass == PASS_EXACT) {
		uint64_t pair[2] = { (uint64_t)number, t->subject_hash };

		return spill_add(&t->exact[step->rare], pair, fault);
	}
	return decided(t, step, (uint32_t)number, value);
}
