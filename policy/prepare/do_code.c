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

/* --- Rare ------------------------------------------------------------------ */

/* What is kept of a value: its fate, and its number in the table, and 1. */
enum { FATE_BITS = 2 };

static uint32_t kept_fate(const struct transform *t)
{
	return t->number ? *t->number & ((1u << FATE_BITS) - 1) : FATE_UNKNOWN;
}

static int fate_of(struct transform *t, const struct step *step,
		   const struct view *value, enum fate *fate,
		   struct fault *fault)
{
	*fate = (enum fate)kept_fate(t);
	if (*fate != FATE_UNKNOWN)
		return 0;
	if (rare_fate(&t->decided[step->rare], value->at, value->len, fate,
		      fault) < 0)
		return -1;
	if (t->number)
		*t->number |= *fate;
	return 0;
}

/* The numbers of a table are void: forget them all, of every column. */
static void forget_numbers(struct transform *t)
{
	for (size_t i = 0; i < (size_t)t->scheme->nmemos * MEMO_SLOTS; i++)
		t->memos[i].number = 0;
}

static int number_of(struct transform *t, const struct step *step,
		     const struct view *value, uint32_t *number,
		     struct fault *fault)
{
	uint32_t fate = kept_fate(t);
	bool anew;

	if (t->number && *t->number >> FATE_BITS > 0) {
		*number = (*t->number >> FATE_BITS) - 1;
		return 0;
	}
	if (rare_table_number(&t->tables[step->rare], value->at, value->len,
			      number, &anew, fault) < 0)
		return -1;
	if (anew)
		forget_numbers(t);
	if (t->number)
		*t->number = (*number + 1) << FATE_BITS | fate;
	return 0;
}

static uint64_t whom_to_count(const struct transform *t,
			      const struct step *step)
{
	return step->action->count == COUNT_ROWS ? t->row : t->subject_hash;
}

static int count(struct transform *t, const struct step *step,
		 struct view *value, struct fault *fault)
{
	uint32_t number;

	if (number_of(t, step, value, &number, fault) < 0)
		return -1;
	rare_table_count(&t->tables[step->rare], number,
			 whom_to_count(t, step));
	return 0;
}

/* Of those that stay: a pair for fold to count. */
static int count_exactly(struct transform *t, const struct step *step,
			 struct view *value, struct fault *fault)
{
	uint64_t subject = whom_to_count(t, step);
	uint8_t pair[RARE_PAIR];
	enum fate fate;

	if (fate_of(t, step, value, &fate, fault) < 0)
		return -1;
	if (fate != FATE_KEEP)
		return 0;
	rare_digest(&t->decided[step->rare], value->at, value->len, pair);
	memcpy(pair + RARE_DIGEST, &subject, sizeof subject);
	return spill_add(&t->exact[step->rare], pair, fault);
}

static bool is_earlier(const struct view *value, const struct interned *first)
{
	size_t len = first->count ? first->lengths[0] : 0;
	size_t both = len < value->len ? len : value->len;
	int order = first->count
			    ? memcmp(value->at, interned_text(first, 0), both)
			    : -1;

	return order < 0 || (order == 0 && value->len < len);
}

/* Keep the first of those that are equally rare. */
static int find_first(struct transform *t, const struct step *step,
		      struct view *value, struct fault *fault)
{
	const struct sorted *tied = &t->tied[step->rare];
	struct interned *first = &t->firsts[step->rare];
	uint8_t digest[RARE_DIGEST];
	uint64_t number;

	if (tied->count == 0 || !is_earlier(value, first))
		return 0;
	rare_digest(&t->decided[step->rare], value->at, value->len, digest);
	int found = sorted_find(tied, digest, &number, NULL, fault);
	if (found > 0) {
		interned_clear(first);
		interned_add(first, value->at, value->len);
	}
	return found < 0 ? -1 : 0;
}

/* What was decided about a value; it was counted in the first pass. */
static int decided(struct transform *t, const struct step *step,
		   struct view *value, struct fault *fault)
{
	struct shown *shown = &t->pending[t->npending];
	enum fate fate;

	if (fate_of(t, step, value, &fate, fault) < 0)
		return -1;
	if (fate == FATE_DELETE) {
		t->delete = true;
		return 0;
	}
	*shown = (struct shown){ .rare = step->rare,
				 .label = fate == FATE_LABEL,
				 .subject = whom_to_count(t, step) };
	if (fate == FATE_LABEL) {
		t->tally->labelled++;
		put_label(step, value);
	} else if (number_of(t, step, value, &shown->value, fault) < 0) {
		return -1;
	}
	t->npending++;
	return 0;
}

int do_rare(struct transform *t, const struct step *step, struct view *value,
	    struct fault *fault)
{
	switch (t->pass) {
	case PASS_COUNT:
		return count(t, step, value, fault);
	case PASS_EXACT:
		return count_exactly(t, step, value, fault);
	case PASS_TIED:
		return find_first(t, step, value, fault);
	case PASS_WRITE:
	case PASS_NONE:
		break;
	}
	return decided(t, step, value, fault);
}
