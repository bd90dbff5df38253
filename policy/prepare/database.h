/*
 * database - the extracts once more, as tables of one SQLite file.
 */
#ifndef POLICY_PREPARE_DATABASE_H
#define POLICY_PREPARE_DATABASE_H

#include "policy/prepare/extract.h"

/* Write a name as an SQL identifier. */
void database_name(FILE *sql, const char *name);

/* The file data/DATASET.db, empty; its descriptor is the bundle's. */
int database_create(struct bundle *bundle, const char *dataset,
		    struct fault *fault);
/*
 * Fill it from the files of n extracts, which are read again: a table each,
 * strict types, indexed. Rows are counted against the extract.
 */
int database_make(const struct bundle *bundle, int fd,
		  const struct extract *extracts, uint32_t n,
		  struct fault *fault);

/* How many rows a table of an open, read-only database file has. */
int database_rows(const char *path, const char *table, uint64_t *rows,
		  struct fault *fault);

/* The nearest double of a value that types.h sees as a real. */
double database_real(const char *at, size_t len);

#endif
