/*
 * search - find the records of a log's folder that answer a query.
 *
 * With an index, or without one by reading everything: both must find the same.
 * The folder may have been tampered with: what is no record is counted, and
 * left to sekisho-verify.
 */
#ifndef AUDIT_SEARCH_SEARCH_H
#define AUDIT_SEARCH_SEARCH_H

#include "audit/found.h"
#include "audit/lines.h"
#include "audit/search/index.h"

struct search {
	int seg; /* the log's folder seg/ */
	bool indexed;
	struct index index;
	uint64_t *firsts; /* of the segments */
	size_t nsegments;
	struct hasher hasher;
	/* what a segment is read with; made once, for it is large */
	struct index_segment segment;
	struct record_view view;
	uint16_t places[SEGMENT_ENTRIES];
	uint64_t nbad; /* lines of the last search that are no records */
};

/*
 * log: the folder, the caller's. path: the index, NULL for none. What of the
 * index does not fit the log is forgotten at once. NULL and err: no memory,
 * not a log's folder, or what index_open() says.
 */
struct search *search_open(int log, const char *path, struct err *err);
void search_close(struct search *search);

/* See which segments there are now. 0 or -1. */
int search_refresh(struct search *search, struct err *err);

/* Put the next whole segment into the index that is not in it. 1: one was; 0:
 * all are; -1. A segment that is not whole or not sound is left out. */
int search_advance(struct search *search, struct err *err);

/* Hand over, in order, where a record stands that answers the query. take
 * returns false to end the search. 0 or -1. */
typedef bool search_take(void *context, const struct found_place *place);
int search_each(struct search *search, const struct query *query,
		search_take *take, void *context, struct err *err);

/* The same into found: the first or the last as asked, and how many there are.
 * 0 or -1. */
int search_find(struct search *search, const struct query *query,
		struct found *found, struct err *err);

#endif
