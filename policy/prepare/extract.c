/*
 * extract - the passes over a source, in order.
 *
 * Runs in sekisho-prepare.
 */
#include "policy/prepare/extract.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/err.h"
#include "gateway/base/own.h"
#include "policy/prepare/need.h"
#include "policy/prepare/pass.h"

struct extracting {
	struct extract *extract;
	const struct preparation *preparation;
	struct ground ground;
	struct pass pass;
	uint64_t sum; /* of the first pass over the source */
	bool sum_known;
};

static int place(const struct extracting *e, struct fault *fault)
{
	snprintf(fault->source, sizeof fault->source, "%s",
		 e->extract->source->name);
	return -1;
}

/* One pass; the bytes must be those of the passes before. */
static int run_pass(struct extracting *e, enum pass_kind kind,
		    struct fault *fault)
{
	pass_clear(&e->pass);
	if (pass_run(&e->pass, &e->ground, kind, e->extract->fd, fault) < 0)
		return -1;
	if (e->sum_known && e->sum != e->pass.sum) {
		fault_set(fault, FAULT_SOURCE_CHANGED);
		return place(e, fault);
	}
	e->sum = e->pass.sum;
	e->sum_known = true;
	e->ground.is_text = true;
	return 0;
}

/* --- Before the passes ---------------------------------------------------- */

static int plan_with(struct extracting *e, const struct csv_field *header,
		     long n, struct fault *fault)
{
	const struct source *source = e->extract->source;
	struct ground *ground = &e->ground;

	if (n > CSV_COLUMNS) {
		fault_set(fault, FAULT_TOO_LONG);
		return place(e, fault);
	}
	if (scheme_make(&ground->scheme, source, e->preparation, header,
			(uint32_t)n, fault) < 0)
		return place(e, fault);
	return rows_make(&ground->rows, source, header, (uint32_t)n, fault) < 0
		       ? place(e, fault)
		       : 0;
}

/* Read the first record of the source and make the scheme that fits it. */
static int read_header(struct extracting *e, struct fault *fault)
{
	AUTO_FREE char *bytes = need(CSV_BLOCK + CSV_SLACK, 1);
	AUTO_FREE struct csv_field *fields = need(CSV_COLUMNS, sizeof *fields);
	struct block block = { .bytes = bytes };
	struct csv csv = { 0 };
	struct input input;
	long n = -1;

	int more = input_open(&input, e->preparation->sources,
			      e->extract->source, false, fault);
	if (more == 0)
		more = input_block(&input, &block, fault);
	if (more == 0)
		fault_set(fault, FAULT_EMPTY_SOURCE);
	if (more > 0 && block_check(&block, &input, fault) == 0) {
		csv.separator = input.separator;
		csv.crlf = input.crlf;
		csv_begin(&csv, block.bytes, block.len, 1);
		n = csv_record(&csv, fields, CSV_COLUMNS, fault);
	}
	input_close(&input);
	return n < 0 ? place(e, fault) : plan_with(e, fields, n, fault);
}

/* The column of the result that a name of the report stands for, or -1. */
static long reported_column(const struct scheme *scheme, const char *name)
{
	for (uint32_t i = 0; i < scheme->ncolumns; i++)
		if (strcmp(scheme->columns[i].column->name, name) == 0)
			return i;
	return -1;
}

static uint32_t find_reported(const struct scheme *scheme,
			      const struct words *names, uint32_t *columns)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < names->count; i++) {
		long column = reported_column(scheme, names->item[i]);

		if (column >= 0 && n < CLASS_COLUMNS)
			columns[n++] = (uint32_t)column;
	}
	return n;
}

static void plan_report(struct extracting *e)
{
	const struct report *report = &e->preparation->recipe->report;
	struct ground *ground = &e->ground;

	ground->nquasi = find_reported(
		&ground->scheme, &report->quasi_identifiers, ground->quasi);
	if (ground->nquasi > 0)
		ground->nsensitive = find_reported(
			&ground->scheme, &report->sensitive, ground->sensitive);
	e->extract->classed = ground->nquasi > 0;
	classes_init(&ground->classes, e->preparation->bundle,
		     ground->nsensitive);
}

static int read_lists(struct extracting *e, struct fault *fault)
{
	const struct source *source = e->extract->source;
	struct ground *ground = &e->ground;
	struct members_of of = { .source = source,
				 .history = &ground->history,
				 .folder = e->preparation->sources,
				 .bundle = e->preparation->bundle };

	if (history_read(&ground->history, e->preparation->sources, source,
			 e->preparation->bundle, fault) < 0)
		return -1;
	if (source->has_optout &&
	    members_read(&ground->optout, &of, source->optout.file,
			 source->optout.column, fault) < 0) {
		if (fault->code == FAULT_IO)
			fault->code = FAULT_OPTOUT_MISSING;
		return -1;
	}
	if (source->has_cohort &&
	    members_read(&ground->cohort, &of, source->cohort.file,
			 source->cohort.column, fault) < 0)
		return -1;
	return 0;
}

/* --- Rare values ------------------------------------------------------------- */

static void clear_pairs(struct ground *ground)
{
	for (uint32_t i = 0; ground->pairs && i < ground->scheme.nrares; i++)
		rare_pairs_clear(&ground->pairs[i]);
	free(ground->pairs);
	ground->pairs = NULL;
}

/* A pass that counts has nothing from the pass before. */
static void begin_pairs(struct extracting *e)
{
	struct ground *ground = &e->ground;
	uint32_t n = ground->scheme.nrares;

	clear_pairs(ground);
	ground->pairs = need(n, sizeof *ground->pairs);
	for (uint32_t i = 0; i < n; i++)
		rare_pairs_init(&ground->pairs[i], e->preparation->bundle, n);
}

/* Of those that are equally rare, the first in byte order. */
static void fold_first(struct extracting *e, uint32_t rare)
{
	const struct interned *first = NULL;
	uint8_t digest[RARE_DIGEST];

	for (uint32_t w = 0; w < e->pass.nworkers; w++) {
		const struct interned *one =
			&e->pass.workers[w].transform->firsts[rare];

		if (one->count > 0 &&
		    (!first || interned_order(one, first) < 0))
			first = one;
	}
	if (!first)
		return;
	rare_digest(&e->ground.decided[rare], interned_text(first, 0),
		    first->lengths[0], digest);
	rare_fold_to(&e->ground.decided[rare], digest);
}

static int fold_tied(struct extracting *e, struct fault *fault)
{
	struct ground *ground = &e->ground;

	if (run_pass(e, PASS_TIED, fault) < 0)
		return -1;
	for (uint32_t i = 0; i < ground->scheme.nrares; i++)
		if (ground->tied[i].count > 0)
			fold_first(e, i);
	return 0;
}

/* Which is the next rarest? One more pass counts without a bound; and another
 * looks which is first, if several are. */
static int fold(struct extracting *e, const bool *open, struct fault *fault)
{
	struct ground *ground = &e->ground;
	bool tied = false;

	if (run_pass(e, PASS_EXACT, fault) < 0)
		return -1;
	for (uint32_t i = 0; i < ground->scheme.nrares; i++) {
		if (!open[i])
			continue;
		int done = rare_fold(&ground->decided[i], &ground->exact[i],
				     &ground->tied[i], fault);
		if (done < 0)
			return place(e, fault);
		tied |= done == 0;
	}
	return tied ? fold_tied(e, fault) : 0;
}

static int decide_exactly(struct extracting *e, const bool *open,
			  struct fault *fault)
{
	struct ground *ground = &e->ground;
	uint32_t n = ground->scheme.nrares;
	AUTO_FREE struct spill *exact = need(n, sizeof *exact);
	AUTO_FREE struct sorted *tied = need(n, sizeof *tied);

	for (uint32_t i = 0; i < n; i++) {
		spill_init_share(&exact[i], e->preparation->bundle, RARE_PAIR,
				 n);
		tied[i].fd = -1;
	}
	ground->exact = exact;
	ground->tied = tied;
	int done = fold(e, open, fault);
	for (uint32_t i = 0; i < n; i++) {
		spill_clear(&exact[i]);
		sorted_clear(&tied[i]);
	}
	ground->exact = NULL;
	ground->tied = NULL;
	return done;
}

static void begin_rares(struct extracting *e)
{
	struct ground *ground = &e->ground;
	const struct scheme *scheme = &ground->scheme;

	ground->decided = need(scheme->nrares, sizeof *ground->decided);
	for (uint32_t i = 0; i < scheme->ncolumns; i++) {
		const struct scheme_column *column = &scheme->columns[i];

		if (column->last_rare < 0)
			continue;
		const struct step *step = &column->steps[column->last_rare];
		rare_init(&ground->decided[step->rare], step->action);
	}
	begin_pairs(e);
}

static int decide_rares(struct extracting *e, struct fault *fault)
{
	struct ground *ground = &e->ground;
	uint32_t n = ground->scheme.nrares;
	AUTO_FREE bool *open = need(n, sizeof *open);
	bool any = false;

	if (n == 0)
		return 0;
	begin_rares(e);
	if (run_pass(e, PASS_COUNT, fault) < 0)
		return -1;
	for (uint32_t i = 0; i < n; i++) {
		int done = rare_decide(&ground->decided[i],
				       &ground->pairs[i].spill, fault);

		if (done < 0)
			return place(e, fault);
		open[i] = done == 0;
		any |= open[i];
	}
	begin_pairs(e);
	return any ? decide_exactly(e, open, fault) : 0;
}

/* Was every value that is in the result shared by k? */
static int check_rares(struct extracting *e, struct fault *fault)
{
	const struct ground *ground = &e->ground;
	struct transform *first = e->pass.workers[0].transform;

	for (uint32_t i = 0; i < ground->scheme.nrares; i++) {
		for (uint32_t w = 1; w < e->pass.nworkers; w++)
			sharers_merge(&first->labels[i],
				      ground->decided[i].action->k,
				      &e->pass.workers[w].transform->labels[i]);
		if (rare_check(&ground->decided[i], &ground->pairs[i].spill,
			       &first->labels[i], fault) < 0)
			return place(e, fault);
	}
	return 0;
}

/* --- Result -------------------------------------------------------------------- */

static bool is_indexed(const struct extracting *e, uint32_t number)
{
	const struct words *index = &e->extract->source->index;
	const char *as = e->ground.scheme.columns[number].column->as;

	if (scheme_subject_column(&e->ground.scheme) == (long)number)
		return true;
	for (uint32_t i = 0; i < index->count; i++)
		if (strcmp(index->item[i], as) == 0)
			return true;
	return false;
}

static int put_header(struct extracting *e, struct fault *fault)
{
	const struct scheme *scheme = &e->ground.scheme;
	struct extract *extract = e->extract;
	AUTO_FREE char *line = need(1, 1);
	size_t used = 0;

	extract->fields = scheme->nfields;
	extract->ncolumns = scheme->ncolumns;
	extract->columns = need(scheme->ncolumns, sizeof *extract->columns);
	for (uint32_t i = 0; i < scheme->ncolumns; i++) {
		const struct column *column = scheme->columns[i].column;
		size_t len = strlen(column->as);

		extract->columns[i].column = column;
		extract->columns[i].indexed = is_indexed(e, i);
		line = need_more(line, used + 2 * len + 4, 1);
		if (i > 0)
			line[used++] = ',';
		used += csv_write(line + used, column->as, len);
	}
	line[used++] = '\n';
	return disk_write(extract->fd, line, used, extract->path, fault);
}

static void add_tally(struct tally *to, const struct tally *from)
{
	to->in += from->in;
	to->out += from->out;
	to->opted_out += from->opted_out;
	to->outside_cohort += from->outside_cohort;
	to->filtered += from->filtered;
	to->deleted += from->deleted;
	to->quarantined += from->quarantined;
}

static void collect(struct extracting *e)
{
	struct extract *extract = e->extract;

	for (uint32_t w = 0; w < e->pass.nworkers; w++) {
		const struct worker *worker = &e->pass.workers[w];

		add_tally(&extract->rows, &worker->tally);
		for (uint32_t i = 0; i < extract->ncolumns; i++) {
			struct column_tally *to = &extract->columns[i].tally;
			const struct column_tally *from = &worker->columns[i];

			to->nothing += from->nothing;
			to->bad += from->bad;
			to->labelled += from->labelled;
			to->suspect += from->suspect;
			to->seen |= from->seen;
		}
	}
	extract->bytes = e->pass.input.bytes;
	extract->bom = e->pass.input.bom;
	input_hash(&e->pass.input, extract->hash);
	extract->optouts_listed = e->ground.optout.sorted.count;
	extract->optouts_met = members_met(&e->ground.optout);
}

/* Not more bad rows than the recipe bears. */
static int check_quarantine(const struct extracting *e, struct fault *fault)
{
	const struct recipe *recipe = e->preparation->recipe;
	const struct tally *rows = &e->extract->rows;
	struct decimal share = recipe->quarantine.max_share;
	unsigned __int128 bad = rows->quarantined, most = rows->in;

	if (!recipe->has_quarantine || bad == 0)
		return 0;
	for (unsigned int i = 0; i < share.scale; i++)
		bad *= 10;
	most *= (uint64_t)share.value;
	if (rows->quarantined <= recipe->quarantine.max_rows && bad <= most)
		return 0;
	fault_set(fault, FAULT_QUARANTINE_FULL);
	fault->count = rows->quarantined;
	return place(e, fault);
}

static int check_classes(struct extracting *e, struct fault *fault)
{
	const struct require *require = &e->preparation->recipe->require;
	struct classes_result *result = &e->extract->classes;

	if (!e->extract->classed)
		return 0;
	if (classes_count(&e->ground.classes, require->k, result, fault) < 0)
		return -1;
	if (result->classes == 0 ||
	    (result->least_k >= require->k &&
	     (e->ground.nsensitive == 0 || result->least_l >= require->l)))
		return 0;
	fault_set(fault, FAULT_K);
	fault->count = result->below;
	return place(e, fault);
}

static int extract_all(struct extracting *e, struct fault *fault)
{
	struct extract *extract = e->extract;

	if (read_header(e, fault) < 0 || read_lists(e, fault) < 0)
		return -1;
	plan_report(e);
	if (decide_rares(e, fault) < 0)
		return -1;
	snprintf(extract->path, sizeof extract->path, "data/%s.csv",
		 extract->source->name);
	extract->fd =
		bundle_create(e->preparation->bundle, extract->path, fault);
	if (extract->fd < 0 || put_header(e, fault) < 0 ||
	    run_pass(e, PASS_WRITE, fault) < 0)
		return -1;
	collect(e);
	if (check_quarantine(e, fault) < 0 || check_rares(e, fault) < 0)
		return -1;
	return check_classes(e, fault);
}

int extract_source(struct extract *extract, const struct source *source,
		   const struct preparation *preparation, struct fault *fault)
{
	struct extracting *e = need(1, sizeof *e);
	struct ground *ground = &e->ground;

	*extract = (struct extract){ .source = source, .fd = -1 };
	e->extract = extract;
	e->preparation = preparation;
	ground->preparation = preparation;
	ground->source = source;
	ground->history = (struct history){ .texts = -1, .pairs.fd = -1 };
	ground->optout.sorted.fd = ground->cohort.sorted.fd = -1;
	pthread_mutex_init(&ground->pseudonyms_lock, NULL);
	int done = extract_all(e, fault);
	pass_clear(&e->pass);
	for (uint32_t i = 0; ground->decided && i < ground->scheme.nrares; i++)
		rare_clear(&ground->decided[i]);
	free(ground->decided);
	clear_pairs(ground);
	classes_clear(&ground->classes);
	members_clear(&ground->optout);
	members_clear(&ground->cohort);
	history_clear(&ground->history);
	rows_clear(&ground->rows);
	scheme_clear(&ground->scheme);
	pthread_mutex_destroy(&ground->pseudonyms_lock);
	free(e);
	return done;
}

void extract_clear(struct extract *extract)
{
	free(extract->columns);
	extract->columns = NULL;
}
