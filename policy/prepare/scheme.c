/*
 * scheme - compare a header with the recipe, and prepare each column's steps.
 *
 * Runs in sekisho-prepare. A column that the recipe does not know stops
 * everything: what nobody decided about does not go out.
 */
#include "policy/prepare/scheme.h"

#include <stdlib.h>
#include <string.h>

#include "policy/prepare/memo.h"
#include "policy/prepare/need.h"

static bool is_named(const struct csv_field *field, const char *name)
{
	return strlen(name) == field->len &&
	       memcmp(field->at, name, field->len) == 0;
}

uint32_t find_field(const struct csv_field *header, uint32_t nfields,
		    const char *name)
{
	uint32_t i = 0;

	while (i < nfields && !is_named(&header[i], name))
		i++;
	return i;
}

static const struct column *find_column(const struct source *source,
					const struct csv_field *field)
{
	for (uint32_t i = 0; i < source->ncolumns; i++)
		if (is_named(field, source->columns[i].name))
			return &source->columns[i];
	return NULL;
}

static int wrong(const struct source *source, enum fault_code code,
		 uint32_t number, const struct csv_field *field,
		 struct fault *fault)
{
	fault_set(fault, code);
	fault->line = 1;
	snprintf(fault->source, sizeof fault->source, "%s", source->name);
	return fault_column(fault, number, field->at, field->len);
}

static int check_header(const struct source *source,
			const struct csv_field *header, uint32_t nfields,
			struct fault *fault)
{
	for (uint32_t i = 0; i < nfields; i++) {
		for (uint32_t k = 0; k < i; k++)
			if (header[i].len == header[k].len &&
			    memcmp(header[i].at, header[k].at, header[i].len) ==
				    0)
				return wrong(source, FAULT_DUPLICATE_COLUMN,
					     i + 1, &header[i], fault);
		if (!find_column(source, &header[i]))
			return wrong(source, FAULT_UNKNOWN_COLUMN, i + 1,
				     &header[i], fault);
	}
	for (uint32_t i = 0; i < source->ncolumns; i++) {
		const char *name = source->columns[i].name;

		if (find_field(header, nfields, name) < nfields)
			continue;
		wrong(source, FAULT_MISSING_COLUMN, 0, &header[0], fault);
		return fault_column(fault, 0, name, strlen(name));
	}
	return 0;
}

/* What a column is made with, while it is made. */
struct making {
	struct scheme *scheme;
	const struct preparation *preparation;
	const struct csv_field *header;
	struct fault *fault;
};

static void make_pseudonym(const struct making *m,
			   const struct scheme_column *column,
			   struct step *step)
{
	const struct scheme *scheme = m->scheme;
	const struct action *action = step->action;

	prf_init(&step->prf, m->preparation->key, PRF_PSEUDONYM,
		 action->domain);
	step->normalize = action->normalize;
	step->nlinks = action->link_key.count;
	step->links = need(step->nlinks, sizeof *step->links);
	for (uint32_t i = 0; i < step->nlinks; i++)
		step->links[i] = find_field(m->header, scheme->nfields,
					    action->link_key.item[i]);
	step->of_subject = scheme->source->has_subject &&
			   column->from == scheme->subject &&
			   action->normalize == 0 && step->nlinks == 0;
}

/* The input's form, cut to what is kept; a form without blanks between would
 * read as a number, so it becomes ISO. */
const char *result_form(const struct action *action)
{
	if (action->out)
		return action->out;
	if (action->keep == KEEP_YEAR)
		return "%Y";
	return strcmp(action->in, "%Y/%-m/%-d") == 0 ? "%Y/%-m"
	       : strcmp(action->in, "%Y/%m/%d") == 0 ? "%Y/%m"
						     : "%Y-%m";
}

static int make_step(const struct making *m, struct scheme_column *column,
		     uint32_t number)
{
	struct step *step = &column->steps[number];
	const struct action *action = step->action;

	if (action->in)
		step->in = date_form_make(action->in);
	if (action->label) {
		step->label_len = strlen(action->label);
		step->label_clean =
			!csv_must_quote(action->label, step->label_len);
	}
	switch (action->what) {
	case DO_pseudonym:
		make_pseudonym(m, column, step);
		break;
	case DO_date:
		step->out = date_form_make(result_form(action));
		break;
	case DO_shift:
		m->scheme->shifts = true;
		break;
	case DO_map:
		return map_read(&step->map, m->preparation->sources,
				m->scheme->source, action->file, m->fault);
	case DO_rare:
		step->rare = m->scheme->nrares++;
		column->last_rare = number;
		break;
	case DO_NOTHING:
	case DO_keep:
	case DO_drop:
	case DO_age:
	case DO_band:
	case DO_round:
	case DO_top:
	case DO_bottom:
	case DO_truncate:
	case DO_text:
	case DOS:
		break;
	}
	return 0;
}

/* Does an action look at nothing but the value before it? */
static bool is_pure(enum do_what what)
{
	static const bool pure[DOS] = {
		[DO_date] = true,     [DO_age] = true, [DO_band] = true,
		[DO_round] = true,    [DO_top] = true, [DO_bottom] = true,
		[DO_truncate] = true, [DO_map] = true
	};

	return pure[what];
}

/* A rare that comes first has its memo too: of the value's number. */
static void make_memo(struct scheme *scheme, struct scheme_column *column)
{
	column->memo = -1;
	while (column->pure < column->nsteps &&
	       is_pure(column->steps[column->pure].what))
		column->pure++;
	if ((column->pure > 0 || column->last_rare == 0) &&
	    scheme->nmemos < MEMO_COLUMNS)
		column->memo = (int)scheme->nmemos++;
}

static int make_column(const struct making *m, struct scheme_column *column)
{
	const struct column *from = column->column;

	column->steps = need(from->nactions, sizeof *column->steps);
	column->nsteps = from->nactions;
	column->last_rare = -1;
	for (uint32_t a = 0; a < from->nactions; a++) {
		const struct action *action = &from->actions[a];

		column->steps[a].action = action;
		column->steps[a].what = action->what;
		column->steps[a].plain =
			action->what == DO_keep && action->allow.count == 0;
	}
	for (uint32_t a = 0; a < from->nactions; a++)
		if (make_step(m, column, a) < 0)
			return -1;
	column->plain = column->nsteps == 1 && column->steps[0].plain;
	make_memo(m->scheme, column);
	return 0;
}

int scheme_make(struct scheme *scheme, const struct source *source,
		const struct preparation *preparation,
		const struct csv_field *header, uint32_t nfields,
		struct fault *fault)
{
	struct making m = { scheme, preparation, header, fault };

	*scheme = (struct scheme){ .source = source,
				   .nfields = nfields,
				   .commas = source->separator == ',' };
	if (check_header(source, header, nfields, fault) < 0)
		return -1;
	if (source->has_subject) {
		scheme->subject =
			find_field(header, nfields, source->subject.column);
		prf_init(&scheme->shift, preparation->key, PRF_SHIFT,
			 source->subject.domain);
	}
	scheme->columns = need(nfields, sizeof *scheme->columns);
	for (uint32_t i = 0; i < nfields; i++) {
		const struct column *column = find_column(source, &header[i]);

		if (!column_shown(column))
			continue;
		struct scheme_column *shown =
			&scheme->columns[scheme->ncolumns++];
		shown->column = column;
		shown->from = i;
		if (make_column(&m, shown) < 0)
			return -1;
	}
	return 0;
}

void scheme_clear(struct scheme *scheme)
{
	for (uint32_t i = 0; i < scheme->ncolumns; i++) {
		for (uint32_t s = 0; s < scheme->columns[i].nsteps; s++) {
			prf_clear(&scheme->columns[i].steps[s].prf);
			free(scheme->columns[i].steps[s].links);
			map_clear(&scheme->columns[i].steps[s].map);
		}
		free(scheme->columns[i].steps);
	}
	free(scheme->columns);
	prf_clear(&scheme->shift);
	scheme->columns = NULL;
	scheme->ncolumns = 0;
}

long scheme_subject_column(const struct scheme *scheme)
{
	for (uint32_t i = 0; i < scheme->ncolumns; i++)
		if (scheme->source->has_subject &&
		    scheme->columns[i].from == scheme->subject)
			return i;
	return -1;
}
