/*
 * store - what policy must remember: one SQLite file.
 *
 * Every change is one transaction and is on the disk when the function
 * returns. Functions return -1 with a sentence if the file fails; policy then
 * ends, for it must not decide on what it cannot remember.
 */
#ifndef POLICY_STORE_H
#define POLICY_STORE_H

#include <sqlite3.h>

#include "policy/closure.h"
#include "policy/decide.h"
#include "policy/seal.h"

enum statement {
#define STATEMENT(name, sql) STATEMENT_##name,
#include "policy/statements.def"
#undef STATEMENT
	STATEMENTS
};

struct store {
	sqlite3 *db;
	sqlite3_stmt *statements[STATEMENTS];
};

/* Open the file (made if it is not there) and bring it to this version's
 * schema. The caller calls store_close in any case. */
int store_open(struct store *store, const char *path, struct err *err);
void store_close(struct store *store);

/* Raise the policy epoch and return it: no epoch is used twice. */
int store_epoch(struct store *store, uint64_t *epoch, struct err *err);

/* The random id of a person in records, made when it is first asked for.
 * actor: ID_SIZE bytes. */
int store_actor(struct store *store, const char *person, char *actor,
		struct err *err);

/* The files of the policy in force, for a start with a broken folder. */
int store_keep(struct store *store, const struct closure *closure,
	       struct err *err);
int store_kept(struct store *store, struct closure *closure, struct err *err);

/* Suspensions and closed permits; the caller frees item. */
int store_suspensions(struct store *store, struct suspensions *suspensions,
		      struct err *err);
int store_suspend(struct store *store, enum suspended_kind kind, const char *id,
		  const char *reason, struct err *err);
/* 1: lifted; 0: was not suspended; -1. */
int store_lift(struct store *store, enum suspended_kind kind, const char *id,
	       struct err *err);

/* --- For factor.c: statements, one at a time ----------------------------- */

sqlite3_stmt *store_statement(struct store *store, enum statement statement);
void store_bind_text(sqlite3_stmt *statement, int at, const char *text);
/* Run a statement that yields no row, and reset it. 0 or -1. */
int store_run(struct store *store, sqlite3_stmt *statement, struct err *err);
int store_begin(struct store *store, struct err *err);
/* Commit if ok is 0, else roll back. ok, or -1 if the commit failed. */
int store_end(struct store *store, int ok, struct err *err);
/* -1 with SQLite's reason. */
int store_failed(struct store *store, struct err *err);

#endif
