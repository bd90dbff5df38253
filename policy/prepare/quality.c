#include "policy/prepare/quality.h"

#include <inttypes.h>
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

/* SELECT count(DISTINCT "c"), max("c"), min("c"), max(length("c")),
 * min(length("c")) FROM "t" */
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
	fputs("),max(length(", sql);
	database_name(sql, column);
	fputs(")),min(length(", sql);
	database_name(sql, column);
	fputs(")) FROM ", sql);
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
	put_text(out, &n, "source", e->source->name);
	put_number(out, &n, "suspect", tally->suspect);
	put_number(out, &n, "text_longest",
		   (uint64_t)sqlite3_column_int64(row, 3));
	put_number(out, &n, "text_shortest",
		   (uint64_t)sqlite3_column_int64(row, 4));
	put_text(out, &n, "type", type_name(tally->seen));
	putc('}', out);
	sqlite3_finalize(row);
	return 0;
}

static void put_classes(FILE *out, unsigned int *n,
			const struct classes_result *result, uint32_t k)
{
	put_number(out, n, "k_alone", result->alone);
	put_number(out, n, "k_below", result->below);
	put_number(out, n, "k_classes", result->classes);
	put_number(out, n, "k_least", result->least_k);
	put_number(out, n, "k_required", k);
	put_key(out, n, "k_sizes");
	for (int i = 0; i < CLASS_SIZES; i++)
		fprintf(out, "%c%" PRIu64, i ? ',' : '[', result->sizes[i]);
	putc(']', out);
	put_number(out, n, "k_subjects", result->subjects);
	put_number(out, n, "l_least", result->least_l);
}

static void put_source(FILE *out, const struct extract *e, uint32_t k)
{
	unsigned int n = 0;

	putc('{', out);
	if (e->classed)
		put_classes(out, &n, &e->classes, k);
	put_text(out, &n, "name", e->source->name);
	put_number(out, &n, "rows", e->rows.out);
	put_number(out, &n, "rows_in", e->rows.in);
	put_number(out, &n, "rows_opted_out", e->rows.opted_out);
	put_number(out, &n, "rows_quarantined", e->rows.quarantined);
	putc('}', out);
}

/* Of all sources, in their order. */
static int put_columns(FILE *out, sqlite3 *db, const struct quality *quality)
{
	bool any = false;

	for (uint32_t i = 0; i < quality->recipe->nsources; i++) {
		const struct extract *e = &quality->extracts[i];

		for (uint32_t k = 0; k < e->ncolumns; k++) {
			fputs(any ? "," : "", out);
			any = true;
			if (put_column(out, db, e, &e->columns[k]) < 0)
				return -1;
		}
	}
	return 0;
}

int quality_print(FILE *out, const struct quality *quality, struct fault *fault)
{
	const struct recipe *recipe = quality->recipe;
	sqlite3 *db = NULL;
	unsigned int n = 0;
	int done = unnamed_open(quality->bundle, quality->database, &db) ==
				   SQLITE_OK
			   ? 0
			   : -1;

	putc('{', out);
	put_key(out, &n, "columns");
	putc('[', out);
	if (done == 0)
		done = put_columns(out, db, quality);
	putc(']', out);
	put_text(out, &n, "dataset", recipe->dataset);
	put_text(out, &n, "permit", recipe->permit);
	put_key(out, &n, "sources");
	putc('[', out);
	for (uint32_t i = 0; i < recipe->nsources; i++) {
		fputs(i ? "," : "", out);
		put_source(out, &quality->extracts[i], recipe->require.k);
	}
	fputs("]}\n", out);
	if (done < 0)
		fault_say(fault, FAULT_IO, db ? sqlite3_errmsg(db) : "memory");
	sqlite3_close(db);
	return done;
}
