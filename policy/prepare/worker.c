/*
 * worker - the road of a record: history, opt-out, cohort, conditions,
 * actions, result.
 *
 * Runs in sekisho-prepare, in each of its threads.
 */
#include "policy/prepare/worker.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "policy/prepare/need.h"
#include "policy/prepare/types.h"

bool is_row_fault(enum fault_code code)
{
	static const enum fault_code codes[] = {
		FAULT_NO_SUBJECT,	 FAULT_EMPTY_VALUE,
		FAULT_VALUE_NOT_ALLOWED, FAULT_BAD_DATE,
		FAULT_BAD_NUMBER,	 FAULT_NUMBER_RANGE,
		FAULT_BAD_CODE,		 FAULT_UNMAPPED,
		FAULT_NEGATIVE_AGE,	 FAULT_SHIFT_NO_SUBJECT
	};

	for (size_t i = 0; i < ARRAY_LEN(codes); i++)
		if (codes[i] == code)
			return true;
	return false;
}

static int flush_batch(struct worker *w, struct fault *fault)
{
	struct ground *ground = w->ground;
	int done = 0;

	pthread_mutex_lock(&ground->pseudonyms_lock);
	for (uint32_t i = 0; done == 0 && i < w->nbatch; i++)
		done = spill_add(ground->preparation->pseudonyms, w->batch[i],
				 fault);
	pthread_mutex_unlock(&ground->pseudonyms_lock);
	w->nbatch = 0;
	return done;
}

static int keep_pseudonym(void *whose,
			  const uint8_t bytes[static PSEUDONYM_BYTES],
			  struct fault *fault)
{
	struct worker *w = whose;

	memcpy(w->batch[w->nbatch++], bytes, PSEUDONYM_BYTES);
	return w->nbatch == ARRAY_LEN(w->batch) ? flush_batch(w, fault) : 0;
}

static void init_rares(struct worker *w)
{
	const struct ground *ground = w->ground;
	struct transform *t = w->transform;
	uint32_t n = ground->scheme.nrares;

	t->decided = ground->decided;
	t->exact = ground->exact;
	t->tied = ground->tied;
	t->pending = need(n, sizeof *t->pending);
	t->labels = need(n, sizeof *t->labels);
	t->firsts = need(n, sizeof *t->firsts);
	t->tables = need(n, sizeof *t->tables);
	for (uint32_t i = 0; i < n; i++)
		rare_table_init(&t->tables[i], &ground->decided[i],
				&ground->pairs[i],
				RARE_MEMORY / n / ground->preparation->threads);
}

void worker_init(struct worker *w, struct ground *ground, enum pass_kind pass)
{
	const struct scheme *scheme = &ground->scheme;

	*w = (struct worker){ .ground = ground };
	w->transform = need(1, sizeof *w->transform);
	w->transform->scheme = scheme;
	w->transform->history = &ground->history;
	w->transform->pass = pass;
	w->transform->seen = keep_pseudonym;
	w->transform->whose = w;
	w->transform->cache = need(1, pseudonym_cache_size());
	w->transform->shifts = need(SHIFTS, sizeof *w->transform->shifts);
	w->transform->memos = need((size_t)scheme->nmemos * MEMO_SLOTS,
				   sizeof *w->transform->memos);
	w->transform->subject = (struct view){ "", 0, true };
	w->fields = need(scheme->nfields, sizeof *w->fields);
	w->values = need(scheme->ncolumns, sizeof *w->values);
	w->columns = need(scheme->ncolumns, sizeof *w->columns);
	w->classes_cache = need(1, sizeof *w->classes_cache);
	w->block.bytes = need(CSV_BLOCK + CSV_SLACK, 1);
	init_rares(w);
}

static void clear_rares(struct worker *w)
{
	struct transform *t = w->transform;

	for (uint32_t i = 0; i < w->ground->scheme.nrares; i++) {
		rare_table_clear(&t->tables[i]);
		sharers_clear(&t->labels[i]);
		interned_clear(&t->firsts[i]);
	}
	free(t->tables);
	free(t->labels);
	free(t->firsts);
	free(t->pending);
}

void worker_clear(struct worker *w)
{
	clear_rares(w);
	free(w->transform->cache);
	free(w->transform->shifts);
	free(w->transform->memos);
	free(w->transform);
	free(w->fields);
	free(w->values);
	free(w->columns);
	free(w->classes_cache);
	free(w->block.bytes);
	free(w->out);
}

/* --- Result ------------------------------------------------------------------ */

static char *room_for(struct worker *w, size_t len)
{
	if (w->room - w->used < len) {
		w->room = w->room * 2 + len + CSV_BLOCK / 2;
		w->out = need_more(w->out, w->room, 1);
	}
	return w->out + w->used;
}

/* Most fields are short: two moves that overlap, and no call. */
static char *put_bytes(char *to, const char *at, size_t len)
{
	if (len > 32) {
		memcpy(to, at, len);
	} else if (len > 16) {
		memcpy(to, at, 16);
		memcpy(to + len - 16, at + len - 16, 16);
	} else if (len >= 8) {
		memcpy(to, at, 8);
		memcpy(to + len - 8, at + len - 8, 8);
	} else if (len >= 4) {
		memcpy(to, at, 4);
		memcpy(to + len - 4, at + len - 4, 4);
	} else if (len > 0) {
		to[0] = at[0];
		to[len / 2] = at[len / 2];
		to[len - 1] = at[len - 1];
	}
	return to + len;
}

/* Returns where the next field goes. A lone empty field would be an empty
 * line. */
static char *put_field(char *to, const struct view *value, bool alone)
{
	if (value->len == 0 && alone) {
		memcpy(to, "\"\"", 2);
		return to + 2;
	}
	if (!value->clean)
		return to + csv_write(to, value->at, value->len);
	return put_bytes(to, value->at, value->len);
}

static void look_at(const struct source *source, struct column_tally *column,
		    const struct view *value)
{
	if (is_null(source, value->at, value->len))
		column->nothing++;
	else if (!(column->seen & SEEN_TEXT))
		column->seen |= type_seen(value->at, value->len);
}

static void put_record(struct worker *w)
{
	uint32_t n = w->ground->scheme.ncolumns;
	char *to = w->out + w->used;

	for (uint32_t i = 0; i < n; i++) {
		/* quotes, what is between, the line's end */
		size_t most = 2 * w->values[i].len + 4;

		if (w->room - (size_t)(to - w->out) < most) {
			w->used = (size_t)(to - w->out);
			to = room_for(w, most);
		}
		look_at(w->ground->source, &w->columns[i], &w->values[i]);
		if (i > 0)
			*to++ = ',';
		to = put_field(to, &w->values[i], n == 1);
	}
	*to++ = '\n';
	w->used = (size_t)(to - w->out);
}

static uint64_t hash_values(const struct worker *w, const uint32_t *columns,
			    uint32_t n)
{
	uint64_t hash = n;

	for (uint32_t i = 0; i < n; i++) {
		const struct view *value = &w->values[columns[i]];

		hash = (hash << 5 | hash >> 59) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= quick_hash(value->at, value->len);
	}
	return hash;
}

static int count_class(struct worker *w, struct fault *fault)
{
	struct ground *ground = w->ground;
	__attribute__((uninitialized)) uint64_t values[CLASS_COLUMNS];
	/* without a subject each row is one of its own */
	uint64_t subject = ground->source->has_subject
				   ? w->transform->subject_hash
				   : w->transform->row;

	if (ground->nquasi == 0)
		return 0;
	for (uint32_t i = 0; i < ground->nsensitive; i++)
		values[i] = hash_values(w, &ground->sensitive[i], 1);
	return classes_add(&ground->classes, w->classes_cache,
			   hash_values(w, ground->quasi, ground->nquasi),
			   subject, values, fault);
}

/* --- Records ------------------------------------------------------------------- */

/* What the lists say of the record's subject: 0, or -1. */
static int look_up(struct worker *w, struct fault *fault)
{
	struct ground *ground = w->ground;
	const struct view *subject = &w->transform->subject;
	int found;

	w->standing = STANDS_OUT;
	if (ground->optout.any) {
		found = members_have(&ground->optout, subject->at, subject->len,
				     fault);
		if (found != 0)
			return found < 0 ? -1 : 0;
	}
	w->standing = STANDS_IN;
	if (ground->cohort.any) {
		bool include = ground->source->cohort.mode == COHORT_INCLUDE;

		found = members_have(&ground->cohort, subject->at, subject->len,
				     fault);
		if (found < 0)
			return -1;
		if ((found == 1) != include)
			w->standing = STANDS_BESIDE;
	}
	return 0;
}

/* Is the record's subject one whose rows are wanted? 1, 0 or -1. */
static int subject_wanted(struct worker *w, struct fault *fault)
{
	if (!w->transform->same_subject && look_up(w, fault) < 0)
		return -1;
	w->tally.opted_out += w->standing == STANDS_OUT;
	w->tally.outside_cohort += w->standing == STANDS_BESIDE;
	return w->standing == STANDS_IN;
}

/* All columns, or in a first pass those with a rare. */
static int transform_all(struct worker *w, struct fault *fault)
{
	const struct ground *ground = w->ground;
	const struct scheme *scheme = &ground->scheme;
	bool write = w->transform->pass == PASS_WRITE;
	bool whole = write || ground->preparation->recipe->has_quarantine;

	for (uint32_t i = 0; i < scheme->ncolumns; i++) {
		const struct scheme_column *column = &scheme->columns[i];

		if (!whole && column->last_rare < 0)
			continue;
		if (column->plain) {
			w->values[i] = transform_plain(w->transform, column);
			continue;
		}
		w->transform->tally = &w->columns[i];
		if (transform_column(w->transform, column, whole, &w->values[i],
				     fault) < 0)
			return -1;
	}
	return 0;
}

/* 1: the record is in the result; 0: it was left out; -1. */
static int take_record(struct worker *w, struct fault *fault)
{
	int want;

	w->transform->row = w->block.number << 32 | w->csv.record_line;
	if (transform_record(w->transform, w->fields, fault) < 0)
		return -1;
	want = subject_wanted(w, fault);
	if (want <= 0)
		return want;
	want = rows_want(&w->ground->rows, w->fields, fault);
	if (want <= 0) {
		w->tally.filtered += want == 0;
		return want;
	}
	if (transform_all(w, fault) < 0)
		return -1;
	if (w->transform->delete) {
		w->tally.deleted++;
		return 0;
	}
	if (w->transform->pass != PASS_WRITE)
		return 1;
	transform_done(w->transform);
	if (count_class(w, fault) < 0)
		return -1;
	put_record(w);
	w->tally.out++;
	return 1;
}

static int place(const struct worker *w, struct fault *fault)
{
	snprintf(fault->source, sizeof fault->source, "%s",
		 w->ground->source->name);
	if (fault->line == 0)
		fault->line = w->csv.record_line;
	return -1;
}

static int take_fields(struct worker *w, long n, struct fault *fault)
{
	if (n != (long)w->ground->scheme.nfields) {
		fault_set(fault, FAULT_RAGGED);
		fault->count = (uint64_t)n;
		return place(w, fault);
	}
	w->tally.in++;
	if (take_record(w, fault) >= 0)
		return 0;
	if (!w->ground->preparation->recipe->has_quarantine ||
	    !is_row_fault(fault->code))
		return place(w, fault);
	w->tally.quarantined++;
	return 0;
}

int worker_block(struct worker *w, const struct input *input,
		 struct fault *fault)
{
	uint32_t nfields = w->ground->scheme.nfields;
	const struct block *block = &w->block;
	long n;

	w->used = 0;
	w->sum +=
		quick_hash(block->bytes, block->len) * (2 * block->number + 1);
	if (!w->ground->is_text && block_check(block, input, fault) < 0)
		return -1;
	w->csv.separator = input->separator;
	w->csv.crlf = input->crlf;
	csv_begin(&w->csv, block->bytes, block->len, 1);
	if (block->number == 0 &&
	    csv_record(&w->csv, w->fields, nfields, fault) < 0)
		return place(w, fault);
	while ((n = csv_record(&w->csv, w->fields, nfields, fault)) > 0)
		if (take_fields(w, n, fault) < 0)
			return -1;
	return n < 0 ? place(w, fault) : 0;
}

int worker_end(struct worker *w, struct fault *fault)
{
	for (uint32_t i = 0; i < w->ground->scheme.nrares; i++)
		if (rare_table_flush(&w->transform->tables[i], fault) < 0)
			return -1;
	return flush_batch(w, fault);
}
