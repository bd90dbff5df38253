/*
 * do_number - bands, rounding and caps, in decimals.
 */
#include <string.h>

#include "policy/prepare/doers.h"
#include "policy/prepare/normalize.h"

/* Full-width digits are digits too. */
static enum fault_code
read_number(struct transform *t, const struct view *value, struct decimal *out)
{
	struct view spelled = *value;
	enum fault_code code = decimal_read(value->at, value->len, out);
	struct fault fault;

	if (code != FAULT_BAD_NUMBER)
		return code;
	if (scratch_spell(t, NORMALIZE_NFKC, &spelled, &fault) < 0)
		return code;
	return decimal_read(spelled.at, spelled.len, out);
}

/* The label with {lo} and {hi} filled in. */
static int fill_label(struct transform *t, const struct step *step,
		      const char *low, const char *high, struct view *value,
		      struct fault *fault)
{
	const char *label = step->action->label;
	size_t lens[] = { strlen(low), strlen(high) };
	char *out = scratch_take(t, step->label_len * (1 + DECIMAL_TEXT));
	char *to = out;

	if (!out)
		return fault_set(fault, FAULT_TOO_LONG);
	while (*label) {
		bool is_low = strncmp(label, "{lo}", 4) == 0;

		if (!is_low && strncmp(label, "{hi}", 4) != 0) {
			*to++ = *label++;
			continue;
		}
		memcpy(to, is_low ? low : high, lens[!is_low]);
		to += lens[!is_low];
		label += 4;
	}
	*value = (struct view){ out, (size_t)(to - out), step->label_clean };
	return 0;
}

int do_band(struct transform *t, const struct step *step, struct view *value,
	    struct fault *fault)
{
	char low[DECIMAL_TEXT], high[DECIMAL_TEXT];
	struct decimal number;
	enum fault_code code = read_number(t, value, &number);

	if (code != FAULT_NONE)
		return bad_value(t, step, code, value, fault);
	decimal_band(number, step->action->width, low, high);
	return fill_label(t, step, low, high, value, fault);
}

int do_round(struct transform *t, const struct step *step, struct view *value,
	     struct fault *fault)
{
	char text[DECIMAL_TEXT];
	struct decimal number;
	enum fault_code code = read_number(t, value, &number);

	if (code != FAULT_NONE)
		return bad_value(t, step, code, value, fault);
	return scratch_put(t, text,
			   decimal_round(number, step->action->to, text), value,
			   fault);
}

void put_label(const struct step *step, struct view *value)
{
	*value = (struct view){ step->action->label, step->label_len,
				step->label_clean };
}

/* sign: 1, above the bound; -1, below it. */
static int cap(struct transform *t, const struct step *step,
	       struct decimal bound, int sign, struct view *value,
	       struct fault *fault)
{
	struct decimal number;
	enum fault_code code = read_number(t, value, &number);

	if (code != FAULT_NONE)
		return bad_value(t, step, code, value, fault);
	if (decimal_compare(number, bound) * sign > 0) {
		t->tally->labelled++;
		put_label(step, value);
	}
	return 0;
}

int do_top(struct transform *t, const struct step *step, struct view *value,
	   struct fault *fault)
{
	return cap(t, step, step->action->gt, 1, value, fault);
}

int do_bottom(struct transform *t, const struct step *step, struct view *value,
	      struct fault *fault)
{
	return cap(t, step, step->action->lt, -1, value, fault);
}
