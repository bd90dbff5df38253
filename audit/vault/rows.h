/*
 * rows - the vault's index: which opening is where, in one SQLite file.
 *
 * Nothing in it is secret: a commitment stands in the log, too. The sealed
 * bytes are elsewhere (sealed.h says why).
 */
#ifndef AUDIT_VAULT_ROWS_H
#define AUDIT_VAULT_ROWS_H

#include <sqlite3.h>

#include "audit/commit.h"
#include "gateway/base/plan.h"

enum { ROWS_AT_ONCE = 1000 };

enum rows_statement {
#define STATEMENT(name, sql) ROWS_##name,
#include "audit/vault/statements.def"
#undef STATEMENT
	ROWS_STATEMENTS
};

struct rows {
	sqlite3 *db;
	sqlite3_stmt *statements[ROWS_STATEMENTS];
};

struct row {
	uint8_t hash[COMMIT_SIZE];
	char field[COMMIT_FIELD], permit[ID_SIZE];
	int64_t time;	/* microseconds since 1970 */
	int64_t erased; /* likewise; 0: it is not */
	uint64_t at, bytes;
};

/* Open the file, made if it is not there. 0 or -1. */
int rows_open(struct rows *rows, const char *path, struct err *err);

/* How far the sealed file is in use. */
int rows_end(struct rows *rows, uint64_t *end, struct err *err);

/* 1: found; 0: there is none; -1. */
int rows_find(struct rows *rows, const uint8_t hash[COMMIT_SIZE],
	      struct row *row, struct err *err);

/* Add all of them, durable. 1; 0: there is no room, and nothing is added;
 * -1. None of them is there already, and none comes twice. */
int rows_add(struct rows *rows, const struct row *row, size_t n,
	     struct err *err);

/*
 * Mark as erased, durable: from now on nobody is shown it. The number that
 * this call marked goes to *marked. 0 or -1.
 */
int rows_erase(struct rows *rows, const uint8_t hash[COMMIT_SIZE], int64_t now,
	       uint64_t *marked, struct err *err);
int rows_erase_permit(struct rows *rows, const char *permit, int64_t now,
		      uint64_t *marked, struct err *err);

/* Marked ones whose bytes are still to be overwritten, at most ROWS_AT_ONCE,
 * with their numbers in the index; then that they are. How many; 0 or -1. */
int rows_unwiped(struct rows *rows, struct row *row, int64_t *number,
		 struct err *err);
int rows_wiped(struct rows *rows, const int64_t *number, size_t n,
	       struct err *err);

#endif
