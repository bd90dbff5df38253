/*
 * query - what somebody wants to know of the log, and whether a record
 * answers it.
 *
 * Pure. Words were typed by people; records may come from an enemy.
 */
#ifndef AUDIT_QUERY_H
#define AUDIT_QUERY_H

#include "audit/record.h"

enum query_term {
#define TERM(id, name, option) QUERY_##id,
#include "audit/query.def"
#undef TERM
	QUERY_TERMS
};

enum {
	QUERY_VALUE = 64, /* bytes of a value, NUL included */
	QUERY_MOST = 300, /* records of one answer */
	QUERY_FEW = 20
};

/* Empty, 0 and false: it does not matter. */
struct query {
	char values[QUERY_TERMS][QUERY_VALUE];
	int64_t since, until; /* seconds since 1970; until is outside */
	uint64_t from;	      /* no record before this index */
	unsigned int count;   /* records wanted, at most QUERY_MOST */
	bool last;	      /* the last ones, not the first */
};

/* --- Words ------------------------------------------------------------------ */

enum query_word {
	QUERY_UNKNOWN = 0, /* no option of a query */
	QUERY_TAKEN,
	QUERY_NO_VALUE,
	QUERY_BAD_VALUE,
	QUERY_BAD_TIME,
	QUERY_BAD_COUNT
};

/*
 * Take an option and its value ("" if there is none): an option of
 * query.def, --since, --until and --day with a time, --from with an index,
 * -n and --last with a count. now: seconds since 1970, for relative times.
 */
enum query_word query_option(struct query *query, const char *option,
			     const char *value, int64_t now);

/*
 * A time as people type it, in local time: 2026-11-24, 2026-11-24T10,
 * 2026-11-24T10:00, today, yesterday, now, 3d, 2h or 30m ago. A day that ends
 * something ends with the day. False: none of these.
 */
bool query_time(const char *text, bool ends, int64_t now, int64_t *seconds);

/* Is anything asked for but a number of records? */
bool query_asks(const struct query *query);

/* The query in our vocabulary, for the record of its asking: names of what
 * was asked by, and values that are of our own making (events, numbers). */
void query_vocabulary(const struct query *query, char *out, size_t size);

/* The name of a term, as in query.def. */
const char *query_name(enum query_term term);

/* --- Records ---------------------------------------------------------------- */

/* Hand each term of the record to take; a value is len bytes, still escaped,
 * and "-" is none. */
typedef void query_take(void *context, enum query_term term, const char *value,
			size_t len);
void query_terms(const struct record_view *record, query_take *take,
		 void *context);

/* Does the record, with its index and time, answer the query? */
bool query_matches(const struct query *query, const struct record_view *record);

#endif
