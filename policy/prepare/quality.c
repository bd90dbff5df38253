#include "policy/prepare/quality.h"

#include <sqlite3.h>
#include <string.h>

#include "gateway/base/own.h"
#include "policy/prepare/database.h"
#include "policy/prepare/need.h"
#include "policy/prepare/put.h"
#include "policy/prepare/types.h"
#include "policy/prepare/unnamed.h"

static void put_value(FILE *out, unsigned int *n, const char *key,
		      sqlite3_stmt *row, int column)
{
	const char *text = (const char *)sqlite3_column_text(row, column);

	if (text)
		put_text(out, n, key, text);
}

/* SELECT count(DISTINCT "c"), max("c"), min("c") FROM "t" */
static sqlite3_stmt *select_column(sqlite3 *db, const char *table,
				   const char *column)
{
	sqlite3_stmt *row = NULL;
	AUTO_FREE char *text = NULL;
	size_t len;
	FILE *sql = need_stream(&text, &len);

	fputs("SELECT count(DISTINCT ", sql);
	database_name(sql, column);
	fputs("),max(", sql);
	database_name(sql, column);
	fputs("),min(", sql);
	database_name(sql, column);
	fputs(") FROM ", sql);
	database_name(sql, table);
	need_stream_end(sql);
	if (sqlite3_prepare_v2(db, text, -1, &row, NULL) != SQLITE_OK ||
	    sqlite3_step(row) != SQLITE_ROW) {
		sqlite3_finalize(row);
		row = NULL;
	}
	return row;
}

static int put_column(FILE *out, sqlite3 *db, const struct extract *e,
		      const struct result_column *column)
{
	const struct column_tally *tally = &column->tally;
	sqlite3_stmt *row =
		select_column(db, e->source->name, column->column->as);
	unsigned int n = 0;

	if (!row)
		return -1;
	putc('{', out);
	put_number(out, &n, "bad", tally->bad);
	put_number(out, &n, "different",
		   (uint64_t)sqlite3_column_int64(row, 0));
	put_number(out, &n, "labelled", tally->labelled);
	put_value(out, &n, "max", row, 1);
	put_value(out, &n, "min", row, 2);
	put_text(out, &n, "name", column->column->as);
	put_number(out, &n, "nothing", tally->nothing);
	put_number(out, &n, "suspect", tally->suspect);
	put_text(out, &n, "type", type_name(tally->seen));
	putc('}', out);
	sqlite3_finalize(row);
	return 0;
}

static int put_source(FILE *out, sqlite3 *db, const struct extract *e)
{
	unsigned int n = 0;

	putc('{', out);
	put_key(out, &n, "columns");
	putc('[', out);
	for (uint32_t i = 0; i < e->ncolumns; i++) {
		fputs(i ? "," : "", out);
		if (put_column(out, db, e, &e->columns[i]) < 0)
			return -1;
	}
	putc(']', out);
	put_text(out, &n, "name", e->source->name);
	put_number(out, &n, "rows", e->rows.out);
	putc('}', out);
	return 0;
}

int quality_print(FILE *out, const struct bundle *bundle, int database,
		  const struct extract *extracts, uint32_t n,
		  struct fault *fault)
{
	sqlite3 *db = NULL;
	int done = unnamed_open(bundle, database, &db) == SQLITE_OK ? 0 : -1;

	fputs("{\"sources\":[", out);
	for (uint32_t i = 0; done == 0 && i < n; i++) {
		fputs(i ? "," : "", out);
		done = put_source(out, db, &extracts[i]);
	}
	fputs("]}\n", out);
	if (done < 0)
		fault_say(fault, FAULT_IO, db ? sqlite3_errmsg(db) : "memory");
	sqlite3_close(db);
	return done;
}
