/*
 * scheme - compare a header with the recipe, and prepare each column's steps.
 *
 * Runs in sekisho-prepare. A column that the recipe does not know stops
 * everything: what nobody decided about does not go out.
 */
#include "policy/prepare/scheme.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/err.h"

static void *memory(size_t count, size_t size)
{
	void *made = calloc(count ? count : 1, size);

	if (!made)
		die("out of memory");
	return made;
}

static bool is_named(const struct csv_field *field, const char *name)
{
	return strlen(name) == field->len &&
	       memcmp(field->at, name, field->len) == 0;
}

/* The field of that name; nfields if there is none. */
static uint32_t find_field(const struct csv_field *header, uint32_t nfields,
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

static void make_step(const struct scheme *scheme,
		      const struct csv_field *header,
		      const struct scheme_column *column, struct step *step,
		      const uint8_t *key)
{
	const struct action *action = step->action;

	if (action->what != DO_pseudonym)
		return;
	prf_init(&step->prf, key, PRF_PSEUDONYM, action->domain);
	step->normalize = action->normalize;
	step->nlinks = action->link_key.count;
	step->links = memory(step->nlinks, sizeof *step->links);
	for (uint32_t i = 0; i < step->nlinks; i++)
		step->links[i] = find_field(header, scheme->nfields,
					    action->link_key.item[i]);
	step->of_subject = scheme->source->has_subject &&
			   column->from == scheme->subject &&
			   action->normalize == 0 && step->nlinks == 0;
}

static void make_column(const struct scheme *scheme,
			struct scheme_column *column,
			const struct csv_field *header, const uint8_t *key)
{
	const struct column *from = column->column;

	column->steps = memory(from->nactions, sizeof *column->steps);
	column->nsteps = from->nactions;
	for (uint32_t a = 0; a < from->nactions; a++) {
		column->steps[a].action = &from->actions[a];
		make_step(scheme, header, column, &column->steps[a], key);
	}
}

int scheme_make(struct scheme *scheme, const struct source *source,
		const struct csv_field *header, uint32_t nfields,
		const uint8_t key[static PRF_KEY], struct fault *fault)
{
	*scheme = (struct scheme){ .source = source, .nfields = nfields };
	if (check_header(source, header, nfields, fault) < 0)
		return -1;
	if (source->has_subject)
		scheme->subject =
			find_field(header, nfields, source->subject.column);
	scheme->columns = memory(nfields, sizeof *scheme->columns);
	for (uint32_t i = 0; i < nfields; i++) {
		const struct column *column = find_column(source, &header[i]);

		if (!column_shown(column))
			continue;
		struct scheme_column *shown =
			&scheme->columns[scheme->ncolumns++];
		shown->column = column;
		shown->from = i;
		make_column(scheme, shown, header, key);
	}
	return 0;
}

void scheme_clear(struct scheme *scheme)
{
	for (uint32_t i = 0; i < scheme->ncolumns; i++) {
		for (uint32_t s = 0; s < scheme->columns[i].nsteps; s++) {
			prf_clear(&scheme->columns[i].steps[s].prf);
			free(scheme->columns[i].steps[s].links);
		}
		free(scheme->columns[i].steps);
	}
	free(scheme->columns);
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
