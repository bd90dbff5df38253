/*
 * index - where the entries with a term are, in a SQLite file that can be
 * thrown away at any time.
 *
 * Only whole segments are in it: they never change, so nor do their rows. The
 * newest entries are few and are read where they stand. Nothing here is
 * trusted: what is found is read again from the log before it is shown, so an
 * index that lies can hide something, and nothing else.
 */
#ifndef AUDIT_SEARCH_INDEX_H
#define AUDIT_SEARCH_INDEX_H

#include <sqlite3.h>

#include "audit/search/terms.h"

enum index_statement {
#define STATEMENT(name, sql) INDEX_##name,
#include "audit/search/statements.def"
#undef STATEMENT
	INDEX_STATEMENTS
};

struct index {
	sqlite3 *db;
	sqlite3_stmt *statements[INDEX_STATEMENTS];
};

/* One segment as it is in the index. */
struct index_segment {
	uint64_t first, bytes;
	struct hash last;     /* leaf hash of its last entry */
	uint32_t least, most; /* seconds since 1970 */
	uint32_t seconds[SEGMENT_ENTRIES], offsets[SEGMENT_ENTRIES];
};

/*
 * Open the file, or make it. 0; -1 and err: it cannot be made, is damaged or in
 * use, or is something else; then it is left alone.
 */
int index_open(struct index *index, const char *path, struct err *err);
void index_close(struct index *index);

/* Keep a segment and its terms, at once or not at all. 0 or -1. */
int index_add(struct index *index, const struct index_segment *segment,
	      const struct terms *terms, struct err *err);

/* Forget this segment and all behind it. 0 or -1. */
int index_forget(struct index *index, uint64_t first, struct err *err);

/* Is a segment there, and between which times? 1, 0, or -1. */
int index_has(struct index *index, uint64_t first, uint32_t times[static 2],
	      struct err *err);

/* Read a segment. 1: it is there; 0; -1: damaged. */
int index_read(struct index *index, uint64_t first,
	       struct index_segment *segment, struct err *err);

/*
 * Keep of the n places (ascending) those with a term. 0; -1: damaged.
 */
int index_narrow(struct index *index, uint64_t first, const char *key,
		 uint16_t *places, uint32_t *n, struct err *err);

#endif
