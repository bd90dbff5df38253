#include "policy/prepare/list.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "policy/prepare/disk.h"
#include "policy/prepare/need.h"
#include "policy/prepare/scheme.h"

struct listing {
	const struct list *list;
	struct input input;
	struct csv csv;
	struct csv_field *fields;
	uint32_t nfields, wanted[LIST_COLUMNS];
};

/* The file is named in the detail, since the source's name stands for more
 * than one file. */
static int place(const struct listing *l, struct fault *fault)
{
	snprintf(fault->source, sizeof fault->source, "%s",
		 l->list->source->name);
	if (!fault->detail[0])
		snprintf(fault->detail, sizeof fault->detail, "%s",
			 l->list->path);
	if (fault->line == 0)
		fault->line = l->csv.record_line;
	return -1;
}

static int take_header(struct listing *l, long n, struct fault *fault)
{
	const struct list *list = l->list;

	if (n > CSV_COLUMNS)
		return fault_set(fault, FAULT_TOO_LONG);
	l->nfields = (uint32_t)n;
	for (uint32_t i = 0; i < list->ncolumns; i++) {
		const char *name = list->columns[i];

		l->wanted[i] = find_field(l->fields, l->nfields, name);
		if (l->wanted[i] == l->nfields) {
			fault_set(fault, FAULT_MISSING_COLUMN);
			return fault_column(fault, 0, name, strlen(name));
		}
	}
	if (list->exactly && l->nfields != list->ncolumns)
		return fault_set(fault, FAULT_UNKNOWN_COLUMN);
	return 0;
}

static int take_row(struct listing *l, long n, struct fault *fault)
{
	struct csv_field wanted[LIST_COLUMNS];

	if (n != (long)l->nfields) {
		fault_set(fault, FAULT_RAGGED);
		fault->count = (uint64_t)n;
		return -1;
	}
	for (uint32_t i = 0; i < l->list->ncolumns; i++)
		wanted[i] = l->fields[l->wanted[i]];
	return l->list->row(l->list->whose, wanted, fault);
}

static int take_block(struct listing *l, struct block *block,
		      struct fault *fault)
{
	long n;

	if (block_check(block, &l->input, fault) < 0) {
		fault->line += l->csv.line;
		return -1;
	}
	csv_begin(&l->csv, block->bytes, block->len, l->csv.line + 1);
	l->csv.crlf = l->input.crlf;
	while ((n = csv_record(&l->csv, l->fields, CSV_COLUMNS, fault)) > 0)
		if ((l->nfields == 0 ? take_header(l, n, fault)
				     : take_row(l, n, fault)) < 0)
			return -1;
	l->csv.line--; /* lines that were read */
	return (int)n;
}

int list_read(const struct list *list, struct fault *fault)
{
	struct source source = *list->source;
	struct listing l = { .list = list };
	AUTO_FREE char *bytes = need(CSV_BLOCK + CSV_SLACK, 1);
	AUTO_FREE struct csv_field *fields = need(CSV_COLUMNS, sizeof *fields);
	struct block block = { .bytes = bytes };

	source.path = list->path;
	l.fields = fields;
	int more = input_open(&l.input, list->folder, &source, false, fault);
	l.csv.separator = l.input.separator;
	while (more == 0 && (more = input_block(&l.input, &block, fault)) > 0)
		more = take_block(&l, &block, fault);
	if (more == 0 && l.nfields == 0)
		more = fault_set(fault, FAULT_EMPTY_SOURCE);
	input_close(&l.input);
	return more < 0 ? place(&l, fault) : 0;
}
