/*
 * transform - what the actions of a recipe make of one record.
 *
 * A worker of a pass has one: room for a record's values, what it counts, and
 * what it saw lately. Nothing of it is shared between threads but the scheme,
 * who is a member, and what was decided about rare values.
 */
#ifndef POLICY_PREPARE_TRANSFORM_H
#define POLICY_PREPARE_TRANSFORM_H

#include <string.h>

#include "policy/prepare/history.h"
#include "policy/prepare/memo.h"
#include "policy/prepare/rare_table.h"
#include "policy/prepare/scheme.h"

struct view {
	const char *at;
	size_t len;
	bool clean; /* known to need no quotes */
};

enum { SCRATCH = 512 * 1024 };

/* What a pass over a source is for. */
enum pass_kind {
	PASS_NONE = 0,
	PASS_COUNT, /* how many share each value of rare columns */
	PASS_EXACT, /* the same without a bound, for fold */
	PASS_TIED,  /* which of equally rare values is first, for fold */
	PASS_WRITE
};

/* What happened in a column. */
struct column_tally {
	uint64_t nothing;  /* values that were null */
	uint64_t bad;	   /* became null because they were bad */
	uint64_t labelled; /* top, bottom, rare, map's label */
	uint64_t suspect;  /* free text that looks like an identifier */
	unsigned int seen; /* types.h */
};

/* Hears of each pseudonym that is made, as its bits. 0 or -1. */
typedef int pseudonym_seen(void *whose,
			   const uint8_t bytes[static PSEUDONYM_BYTES],
			   struct fault *fault);

struct cached_pseudonym;

/* The shift of subjects that a worker met lately. */
enum { SHIFTS = 16384, SHIFT_SUBJECT = 23 };

/* A subject of the record before, as it stands in the source, and what came of
 * it: rows of one subject often follow one another. */
enum { LAST_SUBJECT = 64 };

struct last_subject {
	uint32_t raw_len; /* 0: not known */
	uint32_t len;
	char raw[LAST_SUBJECT], text[LAST_SUBJECT];
};

struct cached_shift {
	uint8_t len; /* 0: none */
	char subject[SHIFT_SUBJECT];
	uint8_t mac[8];
};

/* A rare value or label that counts once the record is known to go on. */
struct shown {
	uint32_t rare;
	bool label;
	uint32_t value;	  /* number, if it is not the label */
	uint64_t subject; /* or row */
};

struct transform {
	const struct scheme *scheme;
	const struct history *history;
	enum pass_kind pass;
	const struct csv_field *fields;
	struct view subject; /* normalised; empty: the source has none */
	uint64_t subject_hash;
	bool same_subject; /* as of the record before */
	struct last_subject last;
	bool delete; /* the record is to be left out */
	pseudonym_seen *seen;
	void *whose;
	uint64_t row; /* a number that no other record has, for rare */
	/* Of each rare of the source: what is decided, and what this worker
	 * counts of values and (PASS_WRITE) of the label. */
	const struct rare *decided;
	struct rare_table *tables;
	struct sharers *labels;
	struct spill *exact;	   /* PASS_EXACT: pairs */
	const struct sorted *tied; /* PASS_TIED: which values */
	struct interned *firsts;   /* and the first of them, if any */
	struct shown *pending;	   /* one for each rare */
	uint32_t npending;
	struct column_tally *tally; /* of the column at work */
	struct cached_pseudonym *cache;
	struct cached_shift *shifts;
	struct memo *memos; /* MEMO_SLOTS for each column that has one */
	/* What rare knows of the value at work, 0: nothing; NULL: nowhere to
	 * keep it. */
	uint32_t *number;
	/* What two steps made of the subject last, if they did. */
	const struct step *shift_step, *id_step;
	int32_t shift_days;
	char id[PSEUDONYM_TEXT];
	size_t used;
	char oldest[HISTORY_NUMBER];
	char scratch[SCRATCH];
};

/* Begin a record: finds its subject. 0, or -1 and the code. */
int transform_record(struct transform *t, const struct csv_field *fields,
		     struct fault *fault);
/* What stands in a column of the result; valid until the next record. A fault
 * has code and column; line and source are the caller's to add. t->delete says
 * whether the record goes on. PASS_WRITE: whole; else up to the last rare, or
 * (whole) to the end. */
int transform_column(struct transform *t, const struct scheme_column *column,
		     bool whole, struct view *value, struct fault *fault);

/* The same of a column that keeps every value. */
static inline struct view transform_plain(const struct transform *t,
					  const struct scheme_column *column)
{
	const struct csv_field *field = &t->fields[column->from];

	return (struct view){ field->at, field->len,
			      !field->quoted && t->scheme->commas };
}

/* The record went on: what it shows of rare values counts. */
void transform_done(struct transform *t);

/* Bytes of a worker's cache of pseudonyms. */
size_t pseudonym_cache_size(void);

/* Is this value one of the words? */
static inline bool is_word(const struct words *words, const char *at,
			   size_t len)
{
	if (!(words->have >> (len < 63 ? len : 63) & 1))
		return false;
	for (uint32_t i = 0; i < words->count; i++)
		if (words->lengths[i] == len &&
		    memcmp(words->item[i], at, len) == 0)
			return true;
	return false;
}

/* Is this value one that the source calls nothing? */
static inline bool is_null(const struct source *source, const char *at,
			   size_t len)
{
	return is_word(&source->null, at, len);
}

#endif
