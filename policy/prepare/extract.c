/*
 * extract - read a source block by block and write what the scheme makes of it.
 *
 * Runs in sekisho-prepare.
 */
#include "policy/prepare/extract.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/err.h"
#include "gateway/base/own.h"
#include "policy/prepare/transform.h"
#include "policy/prepare/types.h"

/* Written when this much has come together; one field more always fits. */
enum { OUT = 1024 * 1024, OUT_ROOM = OUT + 2 * SCRATCH + 4 };

struct extracting {
	struct extract *extract;
	const struct preparation *preparation;
	struct input input;
	struct scheme scheme;
	struct csv csv;
	char *block, *out;
	size_t used;
	struct csv_field *fields;
	struct transform *transform;
};

/* Say where in the source a fault is. */
static int place(const struct extracting *e, struct fault *fault)
{
	snprintf(fault->source, sizeof fault->source, "%s",
		 e->extract->source->name);
	if (fault->line == 0)
		fault->line = e->csv.record_line;
	return -1;
}

static int seen_pseudonym(void *whose,
			  const uint8_t bytes[static PSEUDONYM_BYTES],
			  struct fault *fault)
{
	return spill_add(whose, bytes, fault);
}

static int flush(struct extracting *e, struct fault *fault)
{
	size_t used = e->used;

	e->used = 0;
	return disk_write(e->extract->fd, e->out, used, e->extract->path,
			  fault);
}

/* A lone empty field would be an empty line. */
static void put_field(struct extracting *e, const char *at, size_t len,
		      bool alone)
{
	char *to = e->out + e->used;

	if (len == 0 && alone) {
		memcpy(to, "\"\"", 2);
		e->used += 2;
		return;
	}
	e->used += csv_write(to, at, len);
}

static int put_record(struct extracting *e, struct fault *fault)
{
	const struct source *source = e->extract->source;

	if (transform_record(e->transform, e->fields, fault) < 0)
		return place(e, fault);
	for (uint32_t i = 0; i < e->scheme.ncolumns; i++) {
		struct result_column *column = &e->extract->columns[i];
		struct view value;

		if (transform_column(e->transform, &e->scheme.columns[i],
				     &value, fault) < 0)
			return place(e, fault);
		if (!(column->seen & SEEN_TEXT) &&
		    !is_null(source, value.at, value.len))
			column->seen |= type_seen(value.at, value.len);
		if (e->used > OUT && flush(e, fault) < 0)
			return -1;
		if (i > 0)
			e->out[e->used++] = ',';
		put_field(e, value.at, value.len, e->scheme.ncolumns == 1);
	}
	e->out[e->used++] = '\n';
	e->extract->rows_out++;
	return 0;
}

static int put_records(struct extracting *e, struct fault *fault)
{
	for (;;) {
		long n = csv_record(&e->csv, e->fields, e->scheme.nfields,
				    fault);

		if (n < 0)
			return place(e, fault);
		if (n == 0)
			return 0;
		if (n != (long)e->scheme.nfields) {
			fault_set(fault, FAULT_RAGGED);
			fault->count = (uint64_t)n;
			return place(e, fault);
		}
		e->extract->rows_in++;
		if (put_record(e, fault) < 0)
			return -1;
	}
}

static bool is_indexed(const struct extracting *e, uint32_t number)
{
	const struct words *index = &e->extract->source->index;
	const char *as = e->scheme.columns[number].column->as;

	if (scheme_subject_column(&e->scheme) == (long)number)
		return true;
	for (uint32_t i = 0; i < index->count; i++)
		if (strcmp(index->item[i], as) == 0)
			return true;
	return false;
}

static void put_header(struct extracting *e)
{
	struct extract *extract = e->extract;

	extract->fields = e->scheme.nfields;
	extract->ncolumns = e->scheme.ncolumns;
	extract->columns =
		calloc(extract->ncolumns + 1, sizeof *extract->columns);
	if (!extract->columns)
		die("out of memory");
	for (uint32_t i = 0; i < extract->ncolumns; i++) {
		const struct column *column = e->scheme.columns[i].column;

		extract->columns[i] =
			(struct result_column){ .column = column,
						.indexed = is_indexed(e, i) };
		if (i > 0)
			e->out[e->used++] = ',';
		put_field(e, column->as, strlen(column->as), false);
	}
	e->out[e->used++] = '\n';
}

/* The first record of the first block. */
static int take_header(struct extracting *e, struct fault *fault)
{
	e->csv.crlf = e->input.crlf;
	long n = csv_record(&e->csv, e->fields, CSV_COLUMNS, fault);

	if (n < 0)
		return place(e, fault);
	if (n > CSV_COLUMNS) {
		fault_set(fault, FAULT_TOO_LONG);
		return place(e, fault);
	}
	if (scheme_make(&e->scheme, e->extract->source, e->fields, (uint32_t)n,
			e->preparation->key, fault) < 0)
		return -1;
	put_header(e);
	return 0;
}

static int extract_blocks(struct extracting *e, struct fault *fault)
{
	struct block block = { .bytes = e->block };
	int more;

	while ((more = input_block(&e->input, &block, fault)) > 0) {
		if (disk_go_on(fault) < 0 ||
		    block_check(&block, &e->input, fault) < 0)
			return -1;
		csv_begin(&e->csv, block.bytes, block.len, block.line);
		if (block.number == 0 && take_header(e, fault) < 0)
			return -1;
		if (put_records(e, fault) < 0)
			return -1;
	}
	if (more == 0 && e->input.number == 0) {
		fault_set(fault, FAULT_EMPTY_SOURCE);
		return place(e, fault);
	}
	return more < 0 ? -1 : flush(e, fault);
}

static int extract_all(struct extracting *e, struct fault *fault)
{
	struct extract *extract = e->extract;

	if (input_open(&e->input, e->preparation->sources, extract->source,
		       true, fault) < 0)
		return -1;
	e->csv.separator = e->input.separator;
	snprintf(extract->path, sizeof extract->path, "data/%s.csv",
		 extract->source->name);
	extract->fd =
		bundle_create(e->preparation->bundle, extract->path, fault);
	if (extract->fd < 0 || extract_blocks(e, fault) < 0 ||
	    input_settled(&e->input, fault) < 0)
		return -1;
	extract->bytes = e->input.bytes;
	input_hash(&e->input, extract->hash);
	return 0;
}

int extract_source(struct extract *extract, const struct source *source,
		   const struct preparation *preparation, struct fault *fault)
{
	struct extracting e = { .extract = extract,
				.preparation = preparation,
				.input = { .fd = -1, .convert = (iconv_t)-1 } };

	*extract = (struct extract){ .source = source, .fd = -1 };
	e.block = malloc(CSV_BLOCK + CSV_SLACK);
	e.out = malloc(OUT_ROOM);
	e.fields = calloc(CSV_COLUMNS, sizeof *e.fields);
	e.transform = malloc(sizeof *e.transform);
	if (!e.block || !e.out || !e.fields || !e.transform)
		die("out of memory");
	e.transform->scheme = &e.scheme;
	e.transform->seen = seen_pseudonym;
	e.transform->whose = preparation->pseudonyms;
	int done = extract_all(&e, fault);
	scheme_clear(&e.scheme);
	input_close(&e.input);
	free(e.block);
	free(e.out);
	free(e.fields);
	free(e.transform);
	return done;
}

void extract_clear(struct extract *extract)
{
	free(extract->columns);
	extract->columns = NULL;
}
