/*
 * rows - see rows.h. SQLite in WAL mode with full syncs and exclusive locking:
 * no shared memory, and no second process while the vault runs.
 */
#include "audit/vault/rows.h"

#include <stdio.h>
#include <string.h>

static const char *const statements[ROWS_STATEMENTS] = {
#define STATEMENT(name, sql) [ROWS_##name] = sql,
#include "audit/vault/statements.def"
#undef STATEMENT
};

static const char schema[] =
	"PRAGMA locking_mode = EXCLUSIVE;"
	"PRAGMA journal_mode = WAL;"
	"PRAGMA synchronous = FULL;"
	"PRAGMA secure_delete = ON;"
	"PRAGMA temp_store = MEMORY;"
	"PRAGMA trusted_schema = OFF;"
	"BEGIN IMMEDIATE;"
	"CREATE TABLE IF NOT EXISTS openings ("
	"  number INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE,"
	"  field TEXT NOT NULL, permit TEXT NOT NULL, time INTEGER NOT NULL,"
	"  at INTEGER NOT NULL, bytes INTEGER NOT NULL,"
	"  erased INTEGER NOT NULL, wiped INTEGER NOT NULL) STRICT;"
	"CREATE INDEX IF NOT EXISTS openings_permit ON openings (permit)"
	"  WHERE erased = 0;"
	"CREATE INDEX IF NOT EXISTS openings_unwiped ON openings (number)"
	"  WHERE erased > 0 AND wiped = 0;"
	"COMMIT";

static int failed(struct rows *rows, struct err *err)
{
	return err_set(err, "the vault's index: %s", sqlite3_errmsg(rows->db));
}

static sqlite3_stmt *statement(struct rows *rows, enum rows_statement which)
{
	sqlite3_stmt *s = rows->statements[which];

	sqlite3_reset(s);
	sqlite3_clear_bindings(s);
	return s;
}

/* Run one that yields nothing. 1; 0: the disk is full; -1. */
static int run(struct rows *rows, sqlite3_stmt *s, struct err *err)
{
	int step = sqlite3_step(s);

	sqlite3_reset(s);
	if (step == SQLITE_DONE || step == SQLITE_ROW)
		return 1;
	failed(rows, err);
	return step == SQLITE_FULL ? 0 : -1;
}

/* The same where a full disk is a failure, too. 0 or -1. */
static int must(struct rows *rows, sqlite3_stmt *s, struct err *err)
{
	return run(rows, s, err) == 1 ? 0 : -1;
}

int rows_open(struct rows *rows, const char *path, struct err *err)
{
	memset(rows, 0, sizeof *rows);
	if (sqlite3_open_v2(path, &rows->db,
			    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
			    NULL) != SQLITE_OK ||
	    sqlite3_exec(rows->db, schema, NULL, NULL, NULL) != SQLITE_OK)
		return failed(rows, err);
	for (size_t i = 0; i < ROWS_STATEMENTS; i++)
		if (sqlite3_prepare_v3(rows->db, statements[i], -1,
				       SQLITE_PREPARE_PERSISTENT,
				       &rows->statements[i], NULL) != SQLITE_OK)
			return failed(rows, err);
	return 0;
}

int rows_end(struct rows *rows, uint64_t *end, struct err *err)
{
	sqlite3_stmt *s = statement(rows, ROWS_END);

	if (sqlite3_step(s) != SQLITE_ROW)
		return failed(rows, err);
	*end = (uint64_t)sqlite3_column_int64(s, 0);
	sqlite3_reset(s);
	return 0;
}

static void bind_hash(sqlite3_stmt *s, const uint8_t hash[COMMIT_SIZE])
{
	sqlite3_bind_blob(s, 1, hash, COMMIT_SIZE, SQLITE_STATIC);
}

static void copy_text(sqlite3_stmt *s, int column, char *out, size_t size)
{
	const unsigned char *text = sqlite3_column_text(s, column);

	snprintf(out, size, "%s", text ? (const char *)text : "");
}

int rows_find(struct rows *rows, const uint8_t hash[COMMIT_SIZE],
	      struct row *row, struct err *err)
{
	sqlite3_stmt *s = statement(rows, ROWS_FIND);

	bind_hash(s, hash);
	int step = sqlite3_step(s);
	if (step == SQLITE_ROW) {
		memcpy(row->hash, hash, COMMIT_SIZE);
		copy_text(s, 1, row->field, sizeof row->field);
		copy_text(s, 2, row->permit, sizeof row->permit);
		row->time = sqlite3_column_int64(s, 3);
		row->at = (uint64_t)sqlite3_column_int64(s, 4);
		row->bytes = (uint64_t)sqlite3_column_int64(s, 5);
		row->erased = sqlite3_column_int64(s, 6);
	}
	sqlite3_reset(s);
	if (step == SQLITE_ROW)
		return 1;
	return step == SQLITE_DONE ? 0 : failed(rows, err);
}

static int add_one(struct rows *rows, const struct row *row, struct err *err)
{
	sqlite3_stmt *s = statement(rows, ROWS_ADD);

	bind_hash(s, row->hash);
	sqlite3_bind_text(s, 2, row->field, -1, SQLITE_STATIC);
	sqlite3_bind_text(s, 3, row->permit, -1, SQLITE_STATIC);
	sqlite3_bind_int64(s, 4, row->time);
	sqlite3_bind_int64(s, 5, (int64_t)row->at);
	sqlite3_bind_int64(s, 6, (int64_t)row->bytes);
	return run(rows, s, err);
}

/* End the transaction as done says; done, unless the end of it fails. */
static int end(struct rows *rows, int done, struct err *err)
{
	struct err ignored;

	if (done == 1)
		done = run(rows, statement(rows, ROWS_COMMIT), err);
	/* SQLite has rolled back itself, perhaps. */
	if (done != 1 && !sqlite3_get_autocommit(rows->db) &&
	    must(rows, statement(rows, ROWS_ROLLBACK), &ignored) < 0)
		return -1;
	return done;
}

int rows_add(struct rows *rows, const struct row *row, size_t n,
	     struct err *err)
{
	int done = run(rows, statement(rows, ROWS_BEGIN), err);

	for (size_t i = 0; i < n && done == 1; i++)
		done = add_one(rows, &row[i], err);
	return end(rows, done, err);
}

int rows_erase(struct rows *rows, const uint8_t hash[COMMIT_SIZE], int64_t now,
	       uint64_t *marked, struct err *err)
{
	sqlite3_stmt *s = statement(rows, ROWS_ERASE);

	bind_hash(s, hash);
	sqlite3_bind_int64(s, 2, now);
	if (must(rows, s, err) < 0)
		return -1;
	*marked = (uint64_t)sqlite3_changes64(rows->db);
	return 0;
}

int rows_erase_permit(struct rows *rows, const char *permit, int64_t now,
		      uint64_t *marked, struct err *err)
{
	sqlite3_stmt *s = statement(rows, ROWS_ERASE_PERMIT);

	sqlite3_bind_text(s, 1, permit, -1, SQLITE_STATIC);
	sqlite3_bind_int64(s, 2, now);
	if (must(rows, s, err) < 0)
		return -1;
	*marked = (uint64_t)sqlite3_changes64(rows->db);
	return 0;
}

int rows_unwiped(struct rows *rows, struct row *row, int64_t *number,
		 struct err *err)
{
	sqlite3_stmt *s = statement(rows, ROWS_UNWIPED);
	int n = 0, step;

	while ((step = sqlite3_step(s)) == SQLITE_ROW && n < ROWS_AT_ONCE) {
		number[n] = sqlite3_column_int64(s, 0);
		row[n].at = (uint64_t)sqlite3_column_int64(s, 1);
		row[n].bytes = (uint64_t)sqlite3_column_int64(s, 2);
		n++;
	}
	sqlite3_reset(s);
	return step == SQLITE_DONE || step == SQLITE_ROW ? n
							 : failed(rows, err);
}

int rows_wiped(struct rows *rows, const int64_t *number, size_t n,
	       struct err *err)
{
	int done = run(rows, statement(rows, ROWS_BEGIN), err);

	for (size_t i = 0; i < n && done == 1; i++) {
		sqlite3_stmt *s = statement(rows, ROWS_WIPED);

		sqlite3_bind_int64(s, 1, number[i]);
		done = run(rows, s, err);
	}
	return end(rows, done, err) == 1 ? 0 : -1;
}
