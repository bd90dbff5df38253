/*
 * found - where records stand that answer a query, and reading them there.
 *
 * Places come from an index, which is not trusted: what stands there is read,
 * and must be the record of that index and answer the query.
 */
#ifndef AUDIT_FOUND_H
#define AUDIT_FOUND_H

#include "audit/query.h"

struct found_place {
	uint64_t index, offset; /* offset: in the segment's file */
};

struct found {
	uint64_t total;
	unsigned int n;
	struct found_place places[QUERY_MOST];
};

/* A record that was read; the view points into line. */
struct found_record {
	char line[CANONICAL_MAX + 1]; /* without its LF, with a NUL */
	size_t len;
	struct record_view view;
};

/* Keeps the segment that was read last open. */
struct found_reader {
	int seg; /* the caller's */
	int fd;	 /* -1: none */
	uint64_t first;
};

void found_begin(struct found_reader *reader, int seg);
void found_end(struct found_reader *reader);

/* 0; -1 and err: there is no such record, or it is no answer. */
int found_read(struct found_reader *reader, const struct found_place *place,
	       const struct query *query, struct found_record *record,
	       struct err *err);

#endif
