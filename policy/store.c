/*
 * store - SQLite in WAL mode with full syncs, one connection, no sharing.
 *
 * Runs in sekisho-policy. Exclusive locking keeps the index of the log in
 * memory: no shared-memory file, and no second process can change anything
 * while policy runs.
 */
#include "policy/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "gateway/base/own.h"

static const char *const statements[STATEMENTS] = {
#define STATEMENT(name, sql) [STATEMENT_##name] = sql,
#include "policy/statements.def"
#undef STATEMENT
};

static const struct {
	int version;
	const char *sql;
} migrations[] = {
#define MIGRATION(version, sql) { version, sql },
#include "policy/schema.def"
#undef MIGRATION
};

static const char settings[] = "PRAGMA locking_mode = EXCLUSIVE;"
			       "PRAGMA journal_mode = WAL;"
			       "PRAGMA synchronous = FULL;"
			       "PRAGMA foreign_keys = ON;"
			       "PRAGMA secure_delete = ON;"
			       "PRAGMA temp_store = MEMORY;"
			       "PRAGMA trusted_schema = OFF;";

int store_failed(struct store *store, struct err *err)
{
	return err_set(err, "state file: %s", sqlite3_errmsg(store->db));
}

static int execute(struct store *store, const char *sql, struct err *err)
{
	if (sqlite3_exec(store->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return store_failed(store, err);
	return 0;
}

static int get_version(struct store *store, int *version, struct err *err)
{
	sqlite3_stmt *ask;

	if (sqlite3_prepare_v2(store->db, "PRAGMA user_version", -1, &ask,
			       NULL) != SQLITE_OK)
		return store_failed(store, err);
	*version = sqlite3_step(ask) == SQLITE_ROW ? sqlite3_column_int(ask, 0)
						   : -1;
	sqlite3_finalize(ask);
	return *version < 0 ? store_failed(store, err) : 0;
}

static int migrate(struct store *store, struct err *err)
{
	const int newest = migrations[ARRAY_LEN(migrations) - 1].version;
	int version = -1;

	if (get_version(store, &version, err) < 0)
		return -1;
	if (version > newest)
		return err_set(err,
			       "state file has version %d, this program knows "
			       "%d; install the newer one",
			       version, newest);
	for (size_t i = 0; i < ARRAY_LEN(migrations); i++) {
		char mark[64];

		if (migrations[i].version <= version)
			continue;
		snprintf(mark, sizeof mark, "PRAGMA user_version = %d; COMMIT",
			 migrations[i].version);
		if (execute(store, "BEGIN IMMEDIATE", err) < 0 ||
		    execute(store, migrations[i].sql, err) < 0 ||
		    execute(store, mark, err) < 0)
			return -1;
	}
	return 0;
}

int store_open(struct store *store, const char *path, struct err *err)
{
	memset(store, 0, sizeof *store);
	if (sqlite3_open_v2(path, &store->db,
			    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
			    NULL) != SQLITE_OK)
		return store_failed(store, err);
	if (execute(store, settings, err) < 0 || migrate(store, err) < 0)
		return -1;
	for (size_t i = 0; i < STATEMENTS; i++)
		if (sqlite3_prepare_v3(store->db, statements[i], -1,
				       SQLITE_PREPARE_PERSISTENT,
				       &store->statements[i],
				       NULL) != SQLITE_OK)
			return store_failed(store, err);
	return 0;
}

void store_close(struct store *store)
{
	for (size_t i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(store->statements[i]);
	sqlite3_close(store->db);
	memset(store, 0, sizeof *store);
}

sqlite3_stmt *store_statement(struct store *store, enum statement statement)
{
	sqlite3_stmt *s = store->statements[statement];

	sqlite3_reset(s);
	sqlite3_clear_bindings(s);
	return s;
}

void store_bind_text(sqlite3_stmt *statement, int at, const char *text)
{
	sqlite3_bind_text(statement, at, text, -1, SQLITE_TRANSIENT);
}

int store_run(struct store *store, sqlite3_stmt *statement, struct err *err)
{
	int step = sqlite3_step(statement);

	sqlite3_reset(statement);
	if (step != SQLITE_DONE && step != SQLITE_ROW)
		return store_failed(store, err);
	return 0;
}

int store_begin(struct store *store, struct err *err)
{
	return store_run(store, store_statement(store, STATEMENT_BEGIN), err);
}

int store_end(struct store *store, int ok, struct err *err)
{
	struct err ignored;

	if (ok == 0)
		ok = store_run(store, store_statement(store, STATEMENT_COMMIT),
			       err);
	if (ok != 0)
		store_run(store, store_statement(store, STATEMENT_ROLLBACK),
			  &ignored);
	return ok;
}

int store_epoch(struct store *store, uint64_t *epoch, struct err *err)
{
	sqlite3_stmt *s = store_statement(store, STATEMENT_EPOCH_RAISE);
	int row = sqlite3_step(s);

	if (row == SQLITE_ROW) {
		*epoch = (uint64_t)sqlite3_column_int64(s, 0);
		row = sqlite3_step(s);
	}
	sqlite3_reset(s);
	return row == SQLITE_DONE ? 0 : store_failed(store, err);
}

static void random_actor(char *actor)
{
	uint8_t bytes[8];

	if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
		die("no random bytes");
	snprintf(actor, ID_SIZE, "p%02x%02x%02x%02x%02x%02x%02x%02x", bytes[0],
		 bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6],
		 bytes[7]);
}

int store_actor(struct store *store, const char *person, char *actor,
		struct err *err)
{
	sqlite3_stmt *s = store_statement(store, STATEMENT_ACTOR_FIND);
	int row;

	store_bind_text(s, 1, person);
	row = sqlite3_step(s);
	if (row == SQLITE_ROW)
		snprintf(actor, ID_SIZE, "%s",
			 (const char *)sqlite3_column_text(s, 0));
	sqlite3_reset(s);
	if (row == SQLITE_ROW)
		return 0;
	if (row != SQLITE_DONE)
		return store_failed(store, err);
	random_actor(actor);
	s = store_statement(store, STATEMENT_ACTOR_ADD);
	store_bind_text(s, 1, person);
	store_bind_text(s, 2, actor);
	return store_run(store, s, err);
}

static int keep_all(struct store *store, const struct closure *closure,
		    struct err *err)
{
	sqlite3_stmt *s = store_statement(store, STATEMENT_APPLIED_CLEAR);

	if (store_run(store, s, err) < 0)
		return -1;
	for (size_t i = 0; i < closure->count; i++) {
		const struct closure_file *file = &closure->files[i];

		s = store_statement(store, STATEMENT_APPLIED_ADD);
		store_bind_text(s, 1, file->name);
		sqlite3_bind_blob(s, 2, file->bytes, (int)file->len,
				  SQLITE_TRANSIENT);
		if (store_run(store, s, err) < 0)
			return -1;
	}
	return 0;
}

int store_keep(struct store *store, const struct closure *closure,
	       struct err *err)
{
	if (store_begin(store, err) < 0)
		return -1;
	return store_end(store, keep_all(store, closure, err), err);
}

int store_kept(struct store *store, struct closure *closure, struct err *err)
{
	sqlite3_stmt *s = store_statement(store, STATEMENT_APPLIED_ALL);
	int row;

	*closure = (struct closure){ 0 };
	while ((row = sqlite3_step(s)) == SQLITE_ROW)
		if (closure_add(closure,
				(const char *)sqlite3_column_text(s, 0),
				sqlite3_column_blob(s, 1),
				(size_t)sqlite3_column_bytes(s, 1)) < 0)
			break;
	sqlite3_reset(s);
	return row == SQLITE_DONE ? 0 : store_failed(store, err);
}

int store_suspensions(struct store *store, struct suspensions *suspensions,
		      struct err *err)
{
	sqlite3_stmt *s = store_statement(store, STATEMENT_SUSPENDED_ALL);
	int row;

	*suspensions = (struct suspensions){ 0 };
	while ((row = sqlite3_step(s)) == SQLITE_ROW) {
		struct suspended *grown =
			reallocarray(suspensions->item, suspensions->count + 1,
				     sizeof *grown);

		if (!grown)
			die("out of memory");
		suspensions->item = grown;
		grown += suspensions->count++;
		grown->kind = (enum suspended_kind)sqlite3_column_int(s, 0);
		grown->closed = sqlite3_column_int(s, 2) != 0;
		snprintf(grown->id, sizeof grown->id, "%s",
			 (const char *)sqlite3_column_text(s, 1));
	}
	sqlite3_reset(s);
	return row == SQLITE_DONE ? 0 : store_failed(store, err);
}

int store_suspend(struct store *store, enum suspended_kind kind, const char *id,
		  const char *reason, struct err *err)
{
	sqlite3_stmt *s = store_statement(store, STATEMENT_SUSPENDED_ADD);

	sqlite3_bind_int(s, 1, (int)kind);
	store_bind_text(s, 2, id);
	store_bind_text(s, 3, reason);
	return store_run(store, s, err);
}

int store_lift(struct store *store, enum suspended_kind kind, const char *id,
	       struct err *err)
{
	sqlite3_stmt *s = store_statement(store, STATEMENT_SUSPENDED_LIFT);

	sqlite3_bind_int(s, 1, (int)kind);
	store_bind_text(s, 2, id);
	if (store_run(store, s, err) < 0)
		return -1;
	return sqlite3_changes(store->db) > 0;
}
