/*
 * factor - check and make second factors.
 *
 * Runs in sekisho-policy. Codes come from whoever holds a person's key. Which
 * step or code was used is settled by the one statement that uses it up.
 */
#include "policy/factor.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

enum { SALT = 16, MAC = 32, DEVICES = 16 };

const char *factor_word(enum factor factor)
{
	switch (factor) {
	case FACTOR_TOTP:
		return "totp";
	case FACTOR_LIST:
		return "list";
	case FACTOR_NONE:
		break;
	}
	return "none";
}

/* 1: this call used it up; 0: it was used already; -1. */
static int use_up(struct store *store, enum statement statement, int64_t id,
		  uint64_t step, struct err *err)
{
	sqlite3_stmt *s = store_statement(store, statement);

	sqlite3_bind_int64(s, 1, id);
	if (statement == STATEMENT_TOTP_USE)
		sqlite3_bind_int64(s, 2, (int64_t)step);
	if (store_run(store, s, err) < 0)
		return -1;
	return sqlite3_changes(store->db) == 1;
}

static int check_totp(struct store *store, const struct seal *seal,
		      const char *person, const char *code, uint64_t now,
		      struct err *err)
{
	sqlite3_stmt *s = store_statement(store, STATEMENT_TOTP_OF);
	int64_t found = 0;
	uint64_t step = 0;
	int row;

	store_bind_text(s, 1, person);
	while ((row = sqlite3_step(s)) == SQLITE_ROW) {
		uint8_t secret[TOTP_SECRET];
		uint64_t match;

		if (sqlite3_column_bytes(s, 1) != TOTP_SECRET + SEAL_MORE ||
		    seal_open(seal, person, sqlite3_column_blob(s, 1),
			      TOTP_SECRET + SEAL_MORE, secret) < 0)
			continue;
		match = totp_match(secret, code, now,
				   (uint64_t)sqlite3_column_int64(s, 2));
		OPENSSL_cleanse(secret, sizeof secret);
		if (match > 0 && found == 0) {
			found = sqlite3_column_int64(s, 0);
			step = match;
		}
	}
	sqlite3_reset(s);
	if (row != SQLITE_DONE)
		return store_failed(store, err);
	return found ? use_up(store, STATEMENT_TOTP_USE, found, step, err) : 0;
}

static int check_list(struct store *store, const struct seal *seal,
		      const char *person, const char *typed, struct err *err)
{
	sqlite3_stmt *s = store_statement(store, STATEMENT_CODES_OF);
	char code[LIST_CODE_CHARS + 1];
	int64_t found = 0;
	int row;

	if (list_code_read(typed, code) < 0)
		return 0;
	store_bind_text(s, 1, person);
	while ((row = sqlite3_step(s)) == SQLITE_ROW) {
		uint8_t mac[MAC];

		if (sqlite3_column_bytes(s, 1) != SALT ||
		    sqlite3_column_bytes(s, 2) != MAC)
			continue;
		seal_code(seal, sqlite3_column_blob(s, 1), code, mac);
		if (CRYPTO_memcmp(mac, sqlite3_column_blob(s, 2), MAC) == 0)
			found = sqlite3_column_int64(s, 0);
	}
	sqlite3_reset(s);
	if (row != SQLITE_DONE)
		return store_failed(store, err);
	return found ? use_up(store, STATEMENT_CODE_USE, found, 0, err) : 0;
}

int factor_check(struct store *store, const struct seal *seal,
		 const char *person, const char *code, uint64_t now,
		 enum factor *used, struct err *err)
{
	int right = check_totp(store, seal, person, code, now, err);

	*used = right > 0 ? FACTOR_TOTP : FACTOR_NONE;
	if (right == 0) {
		right = check_list(store, seal, person, code, err);
		*used = right > 0 ? FACTOR_LIST : FACTOR_NONE;
	}
	return right < 0 ? -1 : 0;
}

int factor_add_totp(struct store *store, const struct seal *seal,
		    const char *person, char *text, struct err *err)
{
	uint8_t secret[TOTP_SECRET], sealed[TOTP_SECRET + SEAL_MORE];
	char actor[ID_SIZE];
	struct factor_count count;

	if (factor_count(store, person, &count, err) < 0 ||
	    store_actor(store, person, actor, err) < 0)
		return -1;
	if (count.devices >= DEVICES)
		return err_set(err, "%s has %d devices already", person,
			       DEVICES);
	if (getrandom(secret, sizeof secret, 0) != sizeof secret)
		die("no random bytes");
	seal_close(seal, person, secret, sizeof secret, sealed);
	base32_write(secret, sizeof secret, text);
	OPENSSL_cleanse(secret, sizeof secret);

	sqlite3_stmt *s = store_statement(store, STATEMENT_TOTP_ADD);
	store_bind_text(s, 1, person);
	sqlite3_bind_blob(s, 2, sealed, sizeof sealed, SQLITE_TRANSIENT);
	sqlite3_bind_int64(s, 3, 0);
	return store_run(store, s, err);
}

static int add_codes(struct store *store, const struct seal *seal,
		     const char *person, unsigned int n,
		     char codes[][LIST_CODE_SIZE], struct err *err)
{
	sqlite3_stmt *s = store_statement(store, STATEMENT_CODES_RESET);

	store_bind_text(s, 1, person);
	if (store_run(store, s, err) < 0)
		return -1;
	for (unsigned int i = 0; i < n; i++) {
		uint8_t salt[SALT], mac[MAC];
		char code[LIST_CODE_CHARS + 1];

		list_code_make(codes[i]);
		if (list_code_read(codes[i], code) < 0 ||
		    getrandom(salt, sizeof salt, 0) != sizeof salt)
			die("no random bytes");
		seal_code(seal, salt, code, mac);
		s = store_statement(store, STATEMENT_CODE_ADD);
		store_bind_text(s, 1, person);
		sqlite3_bind_blob(s, 2, salt, SALT, SQLITE_TRANSIENT);
		sqlite3_bind_blob(s, 3, mac, MAC, SQLITE_TRANSIENT);
		if (store_run(store, s, err) < 0)
			return -1;
	}
	return 0;
}

int factor_add_list(struct store *store, const struct seal *seal,
		    const char *person, unsigned int n,
		    char codes[][LIST_CODE_SIZE], struct err *err)
{
	char actor[ID_SIZE];

	if (n < 1 || n > FACTOR_CODES)
		return err_set(err, "1 to %d codes", FACTOR_CODES);
	if (store_actor(store, person, actor, err) < 0 ||
	    store_begin(store, err) < 0)
		return -1;
	return store_end(store, add_codes(store, seal, person, n, codes, err),
			 err);
}

static int forget(struct store *store, const char *person, struct err *err)
{
	sqlite3_stmt *totp = store_statement(store, STATEMENT_TOTP_RESET);
	sqlite3_stmt *codes = store_statement(store, STATEMENT_CODES_RESET);

	store_bind_text(totp, 1, person);
	store_bind_text(codes, 1, person);
	if (store_run(store, totp, err) < 0)
		return -1;
	return store_run(store, codes, err);
}

int factor_reset(struct store *store, const char *person, struct err *err)
{
	if (store_begin(store, err) < 0)
		return -1;
	return store_end(store, forget(store, person, err), err);
}

static int count_one(struct store *store, enum statement statement,
		     const char *person, int64_t *count, struct err *err)
{
	sqlite3_stmt *s = store_statement(store, statement);
	int row;

	store_bind_text(s, 1, person);
	row = sqlite3_step(s);
	*count = row == SQLITE_ROW ? sqlite3_column_int64(s, 0) : 0;
	sqlite3_reset(s);
	return row == SQLITE_ROW ? 0 : store_failed(store, err);
}

int factor_count(struct store *store, const char *person,
		 struct factor_count *count, struct err *err)
{
	if (count_one(store, STATEMENT_TOTP_COUNT, person, &count->devices,
		      err) < 0)
		return -1;
	return count_one(store, STATEMENT_CODES_COUNT, person, &count->codes,
			 err);
}
