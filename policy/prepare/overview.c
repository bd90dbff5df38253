/*
 * overview - read a report back.
 *
 * Runs in sekisho-prepare as the custodian. The file is ours, but may have been
 * edited: it is read as strictly as a stranger's.
 */
#include "policy/prepare/overview.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "audit/canonical.h"
#include "gateway/base/own.h"
#include "gateway/base/visible.h"
#include "policy/prepare/need.h"

enum { MOST = 64 * 1024 * 1024, SOURCES = 64, COLUMNS = 4096 };

/* Visible text of a string, cut to size; false: it is not there. */
static bool take_text(const struct canonical *line, const char *key, char *out,
		      size_t size)
{
	const struct canonical_field *field = canonical_find(line, key);

	if (!field || field->kind != CANONICAL_STRING)
		return false;
	AUTO_FREE char *clear = need(field->len + 1, 1);
	long n = canonical_unescape(clear, field->len + 1, field->value,
				    field->len);
	if (n < 0)
		return false;
	visible_text(out, size, clear, (size_t)n);
	return true;
}

static bool take_number(const struct canonical *line, const char *key,
			uint64_t *out)
{
	const struct canonical_field *field = canonical_find(line, key);

	if (!field || field->kind != CANONICAL_INTEGER || field->number < 0)
		return false;
	*out = (uint64_t)field->number;
	return true;
}

static bool take_column(struct overview_column *column,
			const struct canonical *line)
{
	take_text(line, "min", column->least, sizeof column->least);
	take_text(line, "max", column->greatest, sizeof column->greatest);
	return take_text(line, "name", column->name, sizeof column->name) &&
	       take_text(line, "type", column->type, sizeof column->type) &&
	       take_number(line, "nothing", &column->nothing) &&
	       take_number(line, "different", &column->different) &&
	       take_number(line, "bad", &column->bad) &&
	       take_number(line, "labelled", &column->labelled) &&
	       take_number(line, "suspect", &column->suspect) &&
	       take_number(line, "text_shortest", &column->shortest) &&
	       take_number(line, "text_longest", &column->longest);
}

static bool take_classes(struct overview_source *source,
			 const struct canonical *line)
{
	const struct canonical_field *all = canonical_find(line, "k_sizes");
	struct canonical_field item;
	size_t at = 0;
	int n = 0;

	source->classed = all != NULL;
	if (!all)
		return true;
	while (all->kind == CANONICAL_ARRAY && n < CLASS_SIZES &&
	       canonical_next(all, &at, &item)) {
		if (item.kind != CANONICAL_INTEGER || item.number < 0)
			return false;
		source->sizes[n++] = (uint64_t)item.number;
	}
	return n == CLASS_SIZES &&
	       take_number(line, "k_subjects", &source->subjects) &&
	       take_number(line, "k_alone", &source->alone) &&
	       take_number(line, "k_below", &source->below) &&
	       take_number(line, "k_classes", &source->classes) &&
	       take_number(line, "k_least", &source->least_k) &&
	       take_number(line, "k_required", &source->required) &&
	       take_number(line, "l_least", &source->least_l);
}

static bool take_source(struct overview_source *source,
			const struct canonical *line)
{
	return take_text(line, "name", source->name, sizeof source->name) &&
	       take_number(line, "rows", &source->rows) &&
	       take_number(line, "rows_in", &source->rows_in) &&
	       take_number(line, "rows_opted_out", &source->opted_out) &&
	       take_number(line, "rows_quarantined", &source->quarantined) &&
	       take_classes(source, line);
}

static bool take_sources(struct overview *overview,
			 const struct canonical *line)
{
	static struct canonical one;
	const struct canonical_field *all = canonical_find(line, "sources");
	struct canonical_field item;
	size_t at = 0;

	if (!all || all->kind != CANONICAL_ARRAY)
		return false;
	while (canonical_next(all, &at, &item)) {
		uint32_t n = overview->nsources;

		if (n == SOURCES || item.kind != CANONICAL_OBJECT ||
		    canonical_scan_upto(&one, item.value, item.len, MOST) < 0)
			return false;
		overview->sources = need_more(overview->sources, n + 1,
					      sizeof *overview->sources);
		memset(&overview->sources[n], 0, sizeof *overview->sources);
		overview->nsources++;
		if (!take_source(&overview->sources[n], &one))
			return false;
	}
	return true;
}

/* The source that a column says it is of. */
static struct overview_source *source_of(const struct overview *overview,
					 const struct canonical *column)
{
	char name[OVERVIEW_NAME];

	if (!take_text(column, "source", name, sizeof name))
		return NULL;
	for (uint32_t i = 0; i < overview->nsources; i++)
		if (strcmp(overview->sources[i].name, name) == 0)
			return &overview->sources[i];
	return NULL;
}

static bool add_column(const struct overview *overview,
		       const struct canonical *one)
{
	struct overview_source *source = source_of(overview, one);

	if (!source || source->ncolumns == COLUMNS)
		return false;
	uint32_t n = source->ncolumns++;
	source->columns =
		need_more(source->columns, n + 1, sizeof *source->columns);
	memset(&source->columns[n], 0, sizeof *source->columns);
	return take_column(&source->columns[n], one);
}

static bool take_columns(const struct overview *overview,
			 const struct canonical *line)
{
	static struct canonical one;
	const struct canonical_field *all = canonical_find(line, "columns");
	struct canonical_field item;
	size_t at = 0;

	if (!all || all->kind != CANONICAL_ARRAY)
		return false;
	while (canonical_next(all, &at, &item))
		if (item.kind != CANONICAL_OBJECT ||
		    canonical_scan_upto(&one, item.value, item.len, MOST) < 0 ||
		    !add_column(overview, &one))
			return false;
	return true;
}

int overview_read(struct overview *overview, const char *path,
		  struct fault *fault)
{
	static struct canonical line;
	size_t len;
	AUTO_FREE char *bytes = NULL;

	memset(overview, 0, sizeof *overview);
	bytes = (char *)disk_read(AT_FDCWD, path, MOST, &len, fault);
	if (!bytes)
		return -1;
	if (len == 0 || bytes[len - 1] != '\n' ||
	    canonical_scan_upto(&line, bytes, len - 1, MOST) < 0 ||
	    !take_text(&line, "dataset", overview->dataset,
		       sizeof overview->dataset) ||
	    !take_text(&line, "permit", overview->permit,
		       sizeof overview->permit) ||
	    !take_sources(overview, &line) || !take_columns(overview, &line))
		return fault_say(fault, FAULT_IO, "not a report of run");
	return 0;
}

void overview_clear(struct overview *overview)
{
	for (uint32_t i = 0; i < overview->nsources; i++)
		free(overview->sources[i].columns);
	free(overview->sources);
	overview->sources = NULL;
	overview->nsources = 0;
}

const char *overview_share(uint64_t part, uint64_t whole, char out[static 32])
{
	uint64_t tenths =
		whole ? (uint64_t)((unsigned __int128)part * 1000 / whole) : 0;

	if (whole == 0)
		snprintf(out, 32, "-");
	else if (part > 0 && tenths == 0)
		snprintf(out, 32, "<0.1%%");
	else
		snprintf(out, 32, "%" PRIu64 ".%u%%", tenths / 10,
			 (unsigned int)(tenths % 10));
	return out;
}

const char *overview_sizes(int group, char out[static 48])
{
	uint64_t first = class_size(group);

	if (group == CLASS_SIZES - 1)
		snprintf(out, 48, "%" PRIu64 "+", first);
	else if (class_size(group + 1) == first + 1)
		snprintf(out, 48, "%" PRIu64, first);
	else
		snprintf(out, 48, "%" PRIu64 "-%" PRIu64, first,
			 class_size(group + 1) - 1);
	return out;
}
