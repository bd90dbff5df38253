/*
 * dummy - for each column a value that its actions could have made.
 *
 * Runs in sekisho-prepare. The dice are fixed: two dummies of a recipe are
 * equal, and nobody takes one for data.
 */
#include "policy/prepare/dummy.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "policy/prepare/calendar.h"
#include "policy/prepare/database.h"
#include "policy/prepare/manifest.h"
#include "policy/prepare/need.h"
#include "policy/prepare/prf.h"
#include "policy/prepare/scheme.h"
#include "policy/prepare/types.h"

enum { VALUE = 512 };

/* One value that is being invented. */
struct invention {
	const struct recipe *recipe;
	const struct column *column;
	uint64_t *dice;
	uint32_t person; /* whose row it is */
	char *out;	 /* VALUE bytes */
};

static uint32_t dice(const struct invention *v, uint32_t sides)
{
	*v->dice = *v->dice * UINT64_C(6364136223846793005) +
		   UINT64_C(1442695040888963407);
	return (uint32_t)((*v->dice >> 33) % sides);
}

static void invent_date(const struct invention *v, const char *form)
{
	struct date date = date_of_day(
		(int32_t)(14610 + dice(v, 7300))); /* 2010 to 2029 */
	char text[DATE_TEXT];
	size_t n = date_write(date_form_make(form), date, text);

	snprintf(v->out, VALUE, "%.*s", (int)n, text);
}

static void invent_kept_date(const struct invention *v,
			     const struct action *action)
{
	uint32_t year = 2010 + dice(v, 15);

	switch ((enum date_keep)action->keep) {
	case KEEP_QUARTER:
		snprintf(v->out, VALUE, "%u-Q%u", year, 1 + dice(v, 4));
		return;
	case KEEP_WEEK:
		snprintf(v->out, VALUE, "%u-W%02u", year, 1 + dice(v, 52));
		return;
	case KEEP_YEAR:
		invent_date(v, action->out ? action->out : "%Y");
		return;
	case KEEP_MONTH:
	case KEEP_NONE:
		invent_date(v, result_form(action));
		return;
	}
}

static void invent_code(const struct invention *v, enum hierarchy hierarchy,
			uint32_t level)
{
	static const size_t atc[] = { 0, 1, 3, 4, 5, 7 };
	char code[16];

	switch (hierarchy) {
	case HIERARCHY_ATC:
		snprintf(code, sizeof code, "%c%02uA%c%02u",
			 (char)('A' + dice(v, 14)), 1 + dice(v, 16),
			 (char)('A' + dice(v, 8)), 1 + dice(v, 20));
		level = (uint32_t)atc[level];
		break;
	case HIERARCHY_POSTCODE_JP:
		snprintf(code, sizeof code, "%07u", dice(v, 9999999));
		break;
	case HIERARCHY_ICD10:
	case HIERARCHY_PREFIX:
	case HIERARCHY_NONE:
		snprintf(code, sizeof code, "%c%02u%u",
			 (char)('A' + dice(v, 20)), dice(v, 100), dice(v, 10));
		break;
	}
	snprintf(v->out, VALUE, "%.*s", (int)level, code);
}

static void invent_band(const struct invention *v, const struct action *action)
{
	char low[DECIMAL_TEXT], high[DECIMAL_TEXT];
	struct decimal at = action->width;
	const char *label = action->label;
	size_t used = 0;

	at.value *= (int64_t)dice(v, 20);
	decimal_band(at, action->width, low, high);
	while (*label && used + DECIMAL_TEXT < VALUE) {
		bool is_low = strncmp(label, "{lo}", 4) == 0;

		if (!is_low && strncmp(label, "{hi}", 4) != 0) {
			v->out[used++] = *label++;
			continue;
		}
		used += (size_t)snprintf(v->out + used, VALUE - used, "%s",
					 is_low ? low : high);
		label += 4;
	}
	v->out[used] = '\0';
}

/* What a column that is kept might hold, as its code system says. */
static void invent_kept(const struct invention *v, const struct action *action)
{
	const char *system = catalogue_system(&v->recipe->catalogue, v->column);

	if (action->allow.count)
		snprintf(v->out, VALUE, "%s",
			 action->allow.item[dice(v, action->allow.count)]);
	else if (system && strstr(system, "ICD"))
		invent_code(v, HIERARCHY_ICD10, 4);
	else if (system && strstr(system, "ATC"))
		invent_code(v, HIERARCHY_ATC, 5);
	else
		snprintf(v->out, VALUE, "%u", dice(v, 1000));
}

static void invent_pseudonym(const struct invention *v,
			     const struct action *action)
{
	static const uint8_t none[PRF_KEY];
	uint8_t mac[32];
	struct prf prf;
	uint32_t who = v->person;

	prf_init(&prf, none, "dummy|", action->domain);
	prf_value(&prf, &who, sizeof who, mac);
	pseudonym_text(mac, v->out);
	v->out[action->length] = '\0';
}

static void invent_age(const struct invention *v, const struct action *action)
{
	uint32_t age = dice(v, 95), width = action->band;

	if (action->top && age >= action->top)
		snprintf(v->out, VALUE, "%u+", action->top);
	else if (width > 1)
		snprintf(v->out, VALUE, "%u-%u", age - age % width,
			 age - age % width + width - 1);
	else
		snprintf(v->out, VALUE, "%u", age);
}

static void apply(const struct invention *v, const struct action *action)
{
	switch (action->what) {
	case DO_keep:
		if (!*v->out || action->allow.count)
			invent_kept(v, action);
		break;
	case DO_pseudonym:
		invent_pseudonym(v, action);
		break;
	case DO_date:
		invent_kept_date(v, action);
		break;
	case DO_shift:
		invent_date(v, action->in);
		break;
	case DO_age:
		invent_age(v, action);
		break;
	case DO_band:
		invent_band(v, action);
		break;
	case DO_round: {
		struct decimal at = action->to;

		at.value *= (int64_t)dice(v, 40);
		decimal_round(at, action->to, v->out);
		break;
	}
	case DO_top:
	case DO_bottom:
		if (dice(v, 12) == 0)
			snprintf(v->out, VALUE, "%s", action->label);
		else if (!*v->out)
			snprintf(v->out, VALUE, "%u", 80 + dice(v, 90));
		break;
	case DO_truncate:
		invent_code(v, (enum hierarchy)action->hierarchy,
			    action->level);
		break;
	case DO_rare:
		if (dice(v, 10) == 0)
			snprintf(v->out, VALUE, "%s", action->label);
		else if (!*v->out)
			snprintf(v->out, VALUE, "value%u", dice(v, 5));
		break;
	case DO_map:
		snprintf(v->out, VALUE, "value%u", dice(v, 5));
		break;
	case DO_text:
		snprintf(v->out, VALUE, "text");
		break;
	case DO_NOTHING:
	case DO_drop:
	case DOS:
		break;
	}
}

static void put_quoted(FILE *out, const char *value)
{
	char quoted[2 * VALUE + 4] = "";
	size_t n = csv_write(quoted, value, strlen(value));

	fwrite(quoted, 1, n, out);
}

static void put_row(FILE *out, struct extract *extract, struct invention *v)
{
	char value[VALUE];

	v->out = value;
	for (uint32_t i = 0; i < extract->ncolumns; i++) {
		struct result_column *column = &extract->columns[i];

		value[0] = '\0';
		v->column = column->column;
		for (uint32_t a = 0; a < v->column->nactions; a++)
			apply(v, &v->column->actions[a]);
		column->tally.seen |= type_seen(value, strlen(value));
		if (i > 0)
			putc(',', out);
		put_quoted(out, value);
	}
	putc('\n', out);
}

static void put_names(FILE *out, const struct extract *extract)
{
	for (uint32_t i = 0; i < extract->ncolumns; i++) {
		const char *as = extract->columns[i].column->as;

		if (i > 0)
			putc(',', out);
		put_quoted(out, as);
	}
	putc('\n', out);
}

static int make_table(struct bundle *bundle, const struct recipe *recipe,
		      const struct source *source, struct extract *extract,
		      struct fault *fault)
{
	uint64_t state = 20260401;
	struct invention v = { .recipe = recipe, .dice = &state };
	AUTO_FREE char *text = NULL;
	size_t len;
	FILE *out = need_stream(&text, &len);

	*extract = (struct extract){ .source = source };
	extract->columns = need(source->ncolumns, sizeof *extract->columns);
	for (uint32_t i = 0; i < source->ncolumns; i++)
		if (column_shown(&source->columns[i]))
			extract->columns[extract->ncolumns++].column =
				&source->columns[i];
	put_names(out, extract);
	for (uint32_t row = 0; row < DUMMY_ROWS; row++) {
		v.person = row % (DUMMY_ROWS / 4);
		put_row(out, extract, &v);
	}
	need_stream_end(out);
	extract->rows.out = DUMMY_ROWS;
	snprintf(extract->path, sizeof extract->path, "data/%s.csv",
		 source->name);
	extract->fd = bundle_create(bundle, extract->path, fault);
	return extract->fd < 0 ? -1
			       : disk_write(extract->fd, text, len,
					    extract->path, fault);
}

int dummy_make(struct bundle *bundle, const struct recipe *recipe,
	       const char *note, struct fault *fault)
{
	AUTO_FREE struct extract *extracts =
		need(recipe->nsources, sizeof *extracts);
	AUTO_FREE char *catalogue = NULL;
	size_t len;
	int done = 0;

	for (uint32_t i = 0; done == 0 && i < recipe->nsources; i++)
		done = make_table(bundle, recipe, &recipe->sources[i],
				  &extracts[i], fault);
	if (done == 0) {
		int fd = database_create(bundle, recipe->dataset, fault);

		done = fd < 0 ? -1
			      : database_make(bundle, fd, extracts,
					      recipe->nsources, fault);
	}
	if (done == 0) {
		catalogue = catalogue_text(recipe, extracts, &len);
		done = bundle_put(bundle, "data/catalogue.json", catalogue, len,
				  fault);
	}
	for (uint32_t i = 0; i < recipe->nsources; i++)
		extract_clear(&extracts[i]);
	return done < 0 ? -1
			: bundle_put(bundle, "data/README", note, strlen(note),
				     fault);
}
