/*
 * do_date - cut, shift, and age of dates.
 */
#include <stdio.h>
#include <string.h>

#include "policy/prepare/calendar.h"
#include "policy/prepare/doers.h"

static size_t write_kept(const struct step *step, struct date date, char *out)
{
	int year, week;

	switch ((enum date_keep)step->action->keep) {
	case KEEP_QUARTER:
		return (size_t)snprintf(out, DATE_TEXT, "%04d-Q%d", date.year,
					(date.month + 2) / 3);
	case KEEP_WEEK:
		date_iso_week(date, &year, &week);
		return (size_t)snprintf(out, DATE_TEXT, "%04d-W%02d", year,
					week);
	case KEEP_YEAR:
	case KEEP_MONTH:
	case KEEP_NONE:
		break;
	}
	return date_write(step->out, date, out);
}

int do_date(struct transform *t, const struct step *step, struct view *value,
	    struct fault *fault)
{
	char text[DATE_TEXT];
	struct date date;

	if (!date_read(step->in, value->at, value->len, &date))
		return bad_value(t, step, FAULT_BAD_DATE, value, fault);
	return scratch_put(t, text, write_kept(step, date, text), value, fault);
}

/* What a subject's offset is made from. */
static void shift_mac(struct transform *t, uint8_t out[static 8])
{
	const struct view *subject = &t->subject;
	struct cached_shift *slot = &t->shifts[t->subject_hash & (SHIFTS - 1)];
	uint8_t mac[32];

	if (slot->len == subject->len &&
	    is_same(slot->subject, subject->at, subject->len)) {
		memcpy(out, slot->mac, sizeof slot->mac);
		return;
	}
	prf_value(&t->scheme->shift, subject->at, subject->len, mac);
	memcpy(out, mac, sizeof slot->mac);
	if (subject->len <= SHIFT_SUBJECT) {
		slot->len = (uint8_t)subject->len;
		memcpy(slot->subject, subject->at, subject->len);
		memcpy(slot->mac, mac, sizeof slot->mac);
	}
}

/* The subject's offset in days, the same in all columns and sources. */
static int32_t offset_of(struct transform *t, const struct step *step)
{
	const struct action *action = step->action;
	uint8_t mac[8];

	if (t->shift_step == step)
		return t->shift_days;
	shift_mac(t, mac);
	t->shift_days = action->unit == UNIT_WEEK
				? 7 * shift_offset(mac, action->max_days / 7)
				: shift_offset(mac, action->max_days);
	t->shift_step = step;
	return t->shift_days;
}

int do_shift(struct transform *t, const struct step *step, struct view *value,
	     struct fault *fault)
{
	char text[DATE_TEXT];
	struct date date;

	if (t->subject.len == 0)
		return fault_set(fault, FAULT_SHIFT_NO_SUBJECT);
	if (!date_read(step->in, value->at, value->len, &date))
		return bad_value(t, step, FAULT_BAD_DATE, value, fault);
	date = date_add(date, offset_of(t, step));
	size_t n = date_write(step->in, date, text);
	if (n == 0)
		return bad_value(t, step, FAULT_BAD_DATE, value, fault);
	return scratch_put(t, text, n, value, fault);
}

int do_age(struct transform *t, const struct step *step, struct view *value,
	   struct fault *fault)
{
	const struct action *action = step->action;
	char text[DATE_TEXT];
	struct date born;
	int n;

	if (!date_read(step->in, value->at, value->len, &born))
		return bad_value(t, step, FAULT_BAD_DATE, value, fault);
	int age = date_years(born, date_of_day(action->at));
	if (age < 0)
		return bad_value(t, step, FAULT_NEGATIVE_AGE, value, fault);
	int width = (int)action->band;
	if (action->top && age >= (int)action->top)
		n = snprintf(text, sizeof text, "%u+", action->top);
	else if (width > 1)
		n = snprintf(text, sizeof text, "%d-%d", age - age % width,
			     age - age % width + width - 1);
	else
		n = snprintf(text, sizeof text, "%d", age);
	return scratch_put(t, text, (size_t)n, value, fault);
}
