/*
 * database - read an extract back and insert it.
 *
 * Runs in sekisho-prepare. Names of tables and columns come from the recipe:
 * they are quoted as identifiers; values are bound, never written into SQL.
 */
#include "policy/prepare/database.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/err.h"
#include "gateway/base/own.h"
#include "policy/prepare/input.h"
#include "policy/prepare/need.h"
#include "policy/prepare/transform.h"
#include "policy/prepare/types.h"
#include "policy/prepare/unnamed.h"

static int wrong(sqlite3 *db, struct fault *fault)
{
	const char *why = db ? sqlite3_errmsg(db) : "no memory";

	if (unnamed_errno()) {
		errno = unnamed_errno();
		return fault_sys(fault, "the database");
	}
	return fault_say(fault, FAULT_IO, why);
}

static int run(sqlite3 *db, const char *sql, struct fault *fault)
{
	return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK
		       ? 0
		       : wrong(db, fault);
}

/* SQL is put together from words of ours and identifiers, which are doubled
 * where they hold a quote. */
void database_name(FILE *sql, const char *name)
{
	putc('"', sql);
	for (; *name; name++) {
		if (*name == '"')
			putc('"', sql);
		putc(*name, sql);
	}
	putc('"', sql);
}

/* Run, or (out) prepare, the text that a stream has collected. */
static int finish_sql(sqlite3 *db, FILE *stream, char **text,
		      sqlite3_stmt **out, struct fault *fault)
{
	AUTO_FREE char *sql = NULL;

	need_stream_end(stream);
	sql = *text;
	*text = NULL;
	if (!out)
		return run(db, sql, fault);
	return sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, out,
				  NULL) == SQLITE_OK
		       ? 0
		       : wrong(db, fault);
}

static int make_table(sqlite3 *db, const struct extract *extract,
		      struct fault *fault)
{
	char *text;
	size_t size;
	FILE *sql = need_stream(&text, &size);

	fputs("CREATE TABLE ", sql);
	database_name(sql, extract->source->name);
	for (uint32_t i = 0; i < extract->ncolumns; i++) {
		fputs(i ? "," : "(", sql);
		database_name(sql, extract->columns[i].column->as);
		fprintf(sql, " %s", type_name(extract->columns[i].tally.seen));
	}
	fputs(") STRICT", sql);
	return finish_sql(db, sql, &text, NULL, fault);
}

static int make_insert(sqlite3 *db, const struct extract *extract,
		       sqlite3_stmt **out, struct fault *fault)
{
	char *text;
	size_t size;
	FILE *sql = need_stream(&text, &size);

	fputs("INSERT INTO ", sql);
	database_name(sql, extract->source->name);
	for (uint32_t i = 0; i < extract->ncolumns; i++)
		fputs(i ? ",?" : " VALUES(?", sql);
	fputs(")", sql);
	return finish_sql(db, sql, &text, out, fault);
}

static int make_index(sqlite3 *db, const struct extract *extract,
		      uint32_t column, struct fault *fault)
{
	char *text, name[ID_SIZE + 24];
	size_t size;
	FILE *sql = need_stream(&text, &size);

	snprintf(name, sizeof name, "%s_%u", extract->source->name, column + 1);
	fputs("CREATE INDEX ", sql);
	database_name(sql, name);
	fputs(" ON ", sql);
	database_name(sql, extract->source->name);
	putc('(', sql);
	database_name(sql, extract->columns[column].column->as);
	putc(')', sql);
	return finish_sql(db, sql, &text, NULL, fault);
}

static int64_t integer(const struct csv_field *field)
{
	bool minus = field->at[0] == '-';
	int64_t value = 0;

	for (uint32_t i = minus; i < field->len; i++)
		value = value * 10 + (field->at[i] - '0');
	return minus ? -value : value;
}

/* What type_seen calls a real: at most 15 digits, and zeros before them. They
 * and the power of ten are whole numbers that a double holds exactly, so that
 * one division gives the nearest double, which prints as what was read. */
double database_real(const char *at, size_t len)
{
	bool minus = at[0] == '-';
	int64_t digits = 0;
	double power = 1;
	bool fraction = false;

	for (size_t i = minus; i < len; i++) {
		if (at[i] == '.') {
			fraction = true;
			continue;
		}
		digits = digits * 10 + (at[i] - '0');
		power *= fraction ? 10 : 1;
	}
	return (minus ? -(double)digits : (double)digits) / power;
}

static int bind(sqlite3_stmt *insert, int number,
		const struct result_column *column,
		const struct csv_field *field)
{
	unsigned int seen = column->tally.seen;

	if (seen & SEEN_TEXT || seen == 0)
		return sqlite3_bind_text(insert, number, field->at,
					 (int)field->len, SQLITE_STATIC);
	if (type_seen(field->at, field->len) == SEEN_INTEGER)
		return sqlite3_bind_int64(insert, number, integer(field));
	return sqlite3_bind_double(insert, number,
				   database_real(field->at, field->len));
}

static int insert_record(sqlite3 *db, sqlite3_stmt *insert,
			 const struct extract *extract,
			 const struct csv_field *fields, struct fault *fault)
{
	int code = SQLITE_OK;

	for (uint32_t i = 0; i < extract->ncolumns && code == SQLITE_OK; i++)
		code = is_null(extract->source, fields[i].at, fields[i].len)
			       ? sqlite3_bind_null(insert, (int)i + 1)
			       : bind(insert, (int)i + 1, &extract->columns[i],
				      &fields[i]);
	if (code != SQLITE_OK || sqlite3_step(insert) != SQLITE_DONE ||
	    sqlite3_reset(insert) != SQLITE_OK)
		return wrong(db, fault);
	return 0;
}

/* The file that was written must read back as what was counted. */
static int differs(const struct extract *extract, struct fault *fault)
{
	return fault_say(fault, FAULT_IO, extract->path);
}

static int insert_block(sqlite3 *db, sqlite3_stmt *insert,
			const struct extract *extract, struct csv *csv,
			uint64_t *rows, struct fault *fault)
{
	AUTO_FREE struct csv_field *fields =
		need(extract->ncolumns, sizeof *fields);
	long n;

	while ((n = csv_record(csv, fields, extract->ncolumns, fault)) > 0) {
		if (n != (long)extract->ncolumns)
			return differs(extract, fault);
		if ((*rows)++ > 0 &&
		    insert_record(db, insert, extract, fields, fault) < 0)
			return -1;
	}
	return (int)n;
}

static int insert_all(sqlite3 *db, sqlite3_stmt *insert,
		      const struct extract *extract, struct fault *fault)
{
	AUTO_FREE char *bytes = need(CSV_BLOCK + CSV_SLACK, 1);
	struct block block = { .bytes = bytes };
	struct csv csv = { .separator = ',' };
	struct input input;
	uint64_t rows = 0;

	int more = input_again(&input, extract->fd, extract->path, fault);
	while (more == 0 && (more = input_block(&input, &block, fault)) > 0) {
		csv_begin(&csv, block.bytes, block.len, 1);
		more = disk_go_on(fault) < 0 ? -1
					     : insert_block(db, insert, extract,
							    &csv, &rows, fault);
	}
	input_close(&input);
	if (more < 0)
		return -1;
	return rows == extract->rows.out + 1 ? 0 : differs(extract, fault);
}

static int add_table(sqlite3 *db, const struct extract *extract,
		     struct fault *fault)
{
	sqlite3_stmt *insert = NULL;
	int done = make_table(db, extract, fault);

	if (done == 0)
		done = make_insert(db, extract, &insert, fault);
	if (done == 0)
		done = insert_all(db, insert, extract, fault);
	sqlite3_finalize(insert);
	for (uint32_t i = 0; done == 0 && i < extract->ncolumns; i++)
		if (extract->columns[i].indexed)
			done = make_index(db, extract, i, fault);
	return done;
}

int database_create(struct bundle *bundle, const char *dataset,
		    struct fault *fault)
{
	char path[BUNDLE_PATH];

	snprintf(path, sizeof path, "data/%s.db", dataset);
	return bundle_create(bundle, path, fault);
}

int database_make(const struct bundle *bundle, int fd,
		  const struct extract *extracts, uint32_t n,
		  struct fault *fault)
{
	sqlite3 *db = NULL;
	int done = 0;

	if (unnamed_open(bundle, fd, &db) != SQLITE_OK)
		done = wrong(db, fault);
	if (done == 0)
		done = run(db,
			   "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
			   "PRAGMA locking_mode=EXCLUSIVE;"
			   "PRAGMA temp_store=FILE; PRAGMA cache_size=-8192;"
			   "BEGIN",
			   fault);
	for (uint32_t i = 0; done == 0 && i < n; i++)
		done = add_table(db, &extracts[i], fault);
	if (done == 0)
		done = run(db, "COMMIT", fault);
	if (sqlite3_close(db) != SQLITE_OK && done == 0)
		done = wrong(db, fault);
	return done;
}

int database_rows(const char *path, const char *table, uint64_t *rows,
		  struct fault *fault)
{
	AUTO_FREE char *uri = NULL;
	sqlite3_stmt *count = NULL;
	sqlite3 *db = NULL;
	char *text;
	size_t size;

	uri = need(strlen(path) + 64, 1);
	snprintf(uri, strlen(path) + 64, "file:%s?mode=ro&immutable=1", path);
	FILE *sql = need_stream(&text, &size);
	fputs("SELECT count(*) FROM ", sql);
	database_name(sql, table);
	int code = sqlite3_open_v2(
		uri, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);
	int done = finish_sql(db, sql, &text, &count, fault);
	if (done == 0 && code == SQLITE_OK && sqlite3_step(count) == SQLITE_ROW)
		*rows = (uint64_t)sqlite3_column_int64(count, 0);
	else
		done = fault_say(fault, FAULT_BUNDLE, path);
	sqlite3_finalize(count);
	sqlite3_close(db);
	return done;
}
