/*
 * index - see index.h. Runs in sekisho-index and sekishoctl.
 */
#include "audit/search/index.h"

#include <stdio.h>
#include <string.h>

static const char *const statements[INDEX_STATEMENTS] = {
#define STATEMENT(name, sql) [INDEX_##name] = sql,
#include "audit/search/statements.def"
#undef STATEMENT
};

/* In the file's header; "SKI1" */
enum { APPLICATION = 0x534b4931, PATIENCE_MS = 5000 };

/* Before anything is read: so there is no file of shared memory. */
static const char alone[] = "PRAGMA locking_mode = EXCLUSIVE;"
			    "PRAGMA trusted_schema = OFF;";

/* Durable enough for something that is made again when it is lost. */
static const char settings[] = "PRAGMA journal_mode = WAL;"
			       "PRAGMA synchronous = NORMAL;"
			       "PRAGMA temp_store = MEMORY;"
			       "PRAGMA cache_size = -8192;";

static const char schema[] =
	"BEGIN IMMEDIATE;"
	"CREATE TABLE segment (first INTEGER PRIMARY KEY, bytes INTEGER NOT "
	"NULL, last BLOB NOT NULL, least INTEGER NOT NULL, most INTEGER NOT "
	"NULL, seconds BLOB NOT NULL, offsets BLOB NOT NULL) STRICT;"
	"CREATE TABLE posting (term TEXT NOT NULL, first INTEGER NOT NULL, "
	"places BLOB NOT NULL, UNIQUE (term, first)) STRICT;"
	"PRAGMA application_id = 1397442865;"
	"COMMIT;";

static int failed(struct index *index, struct err *err)
{
	return err_set(err, "search index: %s", sqlite3_errmsg(index->db));
}

static int ask_number(struct index *index, const char *sql, int *number,
		      struct err *err)
{
	sqlite3_stmt *ask;

	if (sqlite3_prepare_v2(index->db, sql, -1, &ask, NULL) != SQLITE_OK)
		return failed(index, err);
	int got = sqlite3_step(ask);
	*number = got == SQLITE_ROW ? sqlite3_column_int(ask, 0) : -1;
	sqlite3_finalize(ask);
	return got == SQLITE_ROW ? 0 : failed(index, err);
}

/* An empty file becomes an index; another program's is left alone. */
static int set_up(struct index *index, const char *path, struct err *err)
{
	int application = 0, tables = 0;

	if (sqlite3_exec(index->db, alone, NULL, NULL, NULL) != SQLITE_OK)
		return failed(index, err);
	if (ask_number(index, "PRAGMA application_id", &application, err) < 0 ||
	    ask_number(index, "SELECT count(*) FROM sqlite_schema", &tables,
		       err) < 0)
		return -1;
	if (application != APPLICATION && tables > 0)
		return err_set(err, "%s is no search index; name another file",
			       path);
	if (sqlite3_exec(index->db, settings, NULL, NULL, NULL) != SQLITE_OK ||
	    (tables == 0 &&
	     sqlite3_exec(index->db, schema, NULL, NULL, NULL) != SQLITE_OK))
		return failed(index, err);
	for (int i = 0; i < INDEX_STATEMENTS; i++)
		if (sqlite3_prepare_v3(index->db, statements[i], -1,
				       SQLITE_PREPARE_PERSISTENT,
				       &index->statements[i],
				       NULL) != SQLITE_OK)
			return failed(index, err);
	return 0;
}

int index_open(struct index *index, const char *path, struct err *err)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
		    SQLITE_OPEN_NOFOLLOW;

	*index = (struct index){ .db = NULL };
	if (sqlite3_open_v2(path, &index->db, flags, NULL) != SQLITE_OK) {
		err_set(err, "open %s: %s", path, sqlite3_errmsg(index->db));
		index_close(index);
		return -1;
	}
	sqlite3_busy_timeout(index->db, PATIENCE_MS);
	if (set_up(index, path, err) == 0)
		return 0;
	err_within(err, "%s", path);
	index_close(index);
	return -1;
}

void index_close(struct index *index)
{
	for (int i = 0; i < INDEX_STATEMENTS; i++)
		sqlite3_finalize(index->statements[i]);
	sqlite3_close(index->db);
	*index = (struct index){ .db = NULL };
}

/* A statement that gives no rows, whose values were bound. */
static int run(struct index *index, enum index_statement id, struct err *err)
{
	sqlite3_stmt *statement = index->statements[id];
	int got = sqlite3_step(statement);

	if (got != SQLITE_DONE)
		failed(index, err);
	sqlite3_reset(statement);
	return got == SQLITE_DONE ? 0 : -1;
}

static int add_all(struct index *index, const struct index_segment *segment,
		   const struct terms *terms, struct err *err)
{
	sqlite3_stmt *add = index->statements[INDEX_ADD_SEGMENT];
	sqlite3_stmt *posting = index->statements[INDEX_ADD_POSTING];

	sqlite3_bind_int64(add, 1, (int64_t)segment->first);
	sqlite3_bind_int64(add, 2, (int64_t)segment->bytes);
	sqlite3_bind_blob(add, 3, &segment->last, sizeof segment->last,
			  SQLITE_STATIC);
	sqlite3_bind_int64(add, 4, segment->least);
	sqlite3_bind_int64(add, 5, segment->most);
	sqlite3_bind_blob(add, 6, segment->seconds, sizeof segment->seconds,
			  SQLITE_STATIC);
	sqlite3_bind_blob(add, 7, segment->offsets, sizeof segment->offsets,
			  SQLITE_STATIC);
	if (run(index, INDEX_ADD_SEGMENT, err) < 0)
		return -1;
	for (uint32_t i = 0; i < terms->n; i++) {
		const struct terms_one *one = &terms->all[i];

		sqlite3_bind_text(posting, 1, one->key, -1, SQLITE_STATIC);
		sqlite3_bind_int64(posting, 2, (int64_t)segment->first);
		sqlite3_bind_blob(posting, 3, one->places,
				  (int)(one->n * sizeof *one->places),
				  SQLITE_STATIC);
		if (run(index, INDEX_ADD_POSTING, err) < 0)
			return -1;
	}
	return 0;
}

int index_add(struct index *index, const struct index_segment *segment,
	      const struct terms *terms, struct err *err)
{
	struct err ignored;

	if (run(index, INDEX_BEGIN, err) < 0)
		return -1;
	if (add_all(index, segment, terms, err) == 0)
		return run(index, INDEX_COMMIT, err);
	run(index, INDEX_ROLLBACK, &ignored);
	return -1;
}

int index_forget(struct index *index, uint64_t first, struct err *err)
{
	struct err ignored;

	if (run(index, INDEX_BEGIN, err) < 0)
		return -1;
	sqlite3_bind_int64(index->statements[INDEX_FORGET_SEGMENTS], 1,
			   (int64_t)first);
	sqlite3_bind_int64(index->statements[INDEX_FORGET_POSTINGS], 1,
			   (int64_t)first);
	if (run(index, INDEX_FORGET_SEGMENTS, err) == 0 &&
	    run(index, INDEX_FORGET_POSTINGS, err) == 0)
		return run(index, INDEX_COMMIT, err);
	run(index, INDEX_ROLLBACK, &ignored);
	return -1;
}

/* Step to the one row. 1, 0 or -1; to be reset by the caller. */
static int row(struct index *index, sqlite3_stmt *statement, struct err *err)
{
	int got = sqlite3_step(statement);

	if (got == SQLITE_ROW || got == SQLITE_DONE)
		return got == SQLITE_ROW;
	return failed(index, err);
}

/* A blob of exactly so many bytes, copied. */
static bool take_blob(sqlite3_stmt *row, int column, void *into, size_t size)
{
	const void *blob = sqlite3_column_blob(row, column);

	if (!blob || sqlite3_column_bytes(row, column) != (int)size)
		return false;
	memcpy(into, blob, size);
	return true;
}

int index_has(struct index *index, uint64_t first, uint32_t times[static 2],
	      struct err *err)
{
	sqlite3_stmt *ask = index->statements[INDEX_HAS_SEGMENT];

	sqlite3_bind_int64(ask, 1, (int64_t)first);
	int got = row(index, ask, err);
	if (got > 0) {
		times[0] = (uint32_t)sqlite3_column_int64(ask, 0);
		times[1] = (uint32_t)sqlite3_column_int64(ask, 1);
	}
	sqlite3_reset(ask);
	return got;
}

int index_read(struct index *index, uint64_t first,
	       struct index_segment *segment, struct err *err)
{
	sqlite3_stmt *ask = index->statements[INDEX_SEGMENT];

	sqlite3_bind_int64(ask, 1, (int64_t)first);
	int got = row(index, ask, err);
	if (got > 0) {
		segment->first = first;
		segment->bytes = (uint64_t)sqlite3_column_int64(ask, 0);
		segment->least = (uint32_t)sqlite3_column_int64(ask, 2);
		segment->most = (uint32_t)sqlite3_column_int64(ask, 3);
		if (!take_blob(ask, 1, &segment->last, sizeof segment->last) ||
		    !take_blob(ask, 4, segment->seconds,
			       sizeof segment->seconds) ||
		    !take_blob(ask, 5, segment->offsets,
			       sizeof segment->offsets))
			got = err_set(err, "search index: a damaged segment");
	}
	sqlite3_reset(ask);
	return got;
}

/* Those that are in both, in place. */
static uint32_t intersect(uint16_t *places, uint32_t n, const uint8_t *others,
			  uint32_t nothers)
{
	uint32_t kept = 0;

	for (uint32_t i = 0, j = 0; i < n && j < nothers;) {
		uint16_t other;

		memcpy(&other, others + j * sizeof other, sizeof other);
		if (places[i] == other) {
			places[kept++] = places[i++];
			j++;
		} else if (places[i] < other) {
			i++;
		} else {
			j++;
		}
	}
	return kept;
}

int index_narrow(struct index *index, uint64_t first, const char *key,
		 uint16_t *places, uint32_t *n, struct err *err)
{
	sqlite3_stmt *ask = index->statements[INDEX_POSTING];

	sqlite3_bind_text(ask, 1, key, -1, SQLITE_STATIC);
	sqlite3_bind_int64(ask, 2, (int64_t)first);
	int got = row(index, ask, err);
	if (got > 0) {
		const void *blob = sqlite3_column_blob(ask, 0);
		int bytes = sqlite3_column_bytes(ask, 0);

		*n = blob ? intersect(places, *n, blob,
				      (uint32_t)bytes / sizeof *places)
			  : 0;
	} else {
		*n = 0;
	}
	sqlite3_reset(ask);
	return got < 0 ? -1 : 0;
}
