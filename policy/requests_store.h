/*
 * requests_store - requests, their files and findings in the state file.
 *
 * Functions that change something run inside a transaction of the caller
 * (store_begin, store_end), together with the record that says it (outbox.h).
 * They return 0, or -1 with a sentence: policy then ends.
 */
#ifndef POLICY_REQUESTS_STORE_H
#define POLICY_REQUESTS_STORE_H

#include "policy/airlock/request.h"
#include "policy/store.h"

enum {
	REQUEST_FILES = 100,	 /* of one request */
	REQUEST_NAMES = 8192,	 /* bytes of all their names */
	FILE_NAME_SIZE = 121,	 /* NUL included */
	FINDINGS = 5000,	 /* kept of one check */
	CODE_SIZE = 32,		 /* of a finding, NUL included */
	WORDS_ABOUT_SIZE = 1001, /* purpose, note, text of a vote */
	PROBLEM_ABOUT_SIZE = 400
};

struct request_file {
	char name[FILE_NAME_SIZE];
	struct hash sha256;
	uint64_t size;
	enum vote outcome; /* what the votes decided */
};

struct request_files {
	uint32_t count;
	struct request_file file[REQUEST_FILES]; /* number 1 first */
};

/* In the order of MSG_FINDING's numbers. */
enum severity_number { NUMBER_BLOCK = 0, NUMBER_FLAG, NUMBER_INFO, NUMBERS };

struct finding {
	uint32_t file; /* from 1; 0: all of them */
	char code[CODE_SIZE];
	uint8_t severity;
	uint32_t row, column;
	uint64_t first, second;
};

struct findings {
	uint32_t count, cut; /* cut: found, and not kept */
	uint32_t by[NUMBERS];
	struct finding *item; /* malloc'd */
};

struct request {
	int64_t number;
	char permit[ID_SIZE], person[ID_SIZE], actor[ID_SIZE];
	char session[ID_SIZE];
	enum request_state state;
	char purpose[WORDS_ABOUT_SIZE];
	int64_t submitted, decided, released; /* 0: not yet */
	uint32_t files, checks;		      /* checks made before it */
	uint32_t by[NUMBERS], cut;
	char problem[PROBLEM_ABOUT_SIZE]; /* why it is not released */
};

/*
 * A new request in state checking, with its files. request->number is set;
 * permit, person, actor, session, purpose and submitted are taken from it.
 */
int request_add(struct store *store, struct request *request,
		const struct request_files *files, struct err *err);
/* One who could work on its files when they were submitted. */
int request_member_add(struct store *store, int64_t number, const char *person,
		       struct err *err);
/* 1: this person could; 0; -1. */
int request_member(struct store *store, int64_t number, const char *person,
		   struct err *err);
/* 1: found; 0: there is none; -1. */
int request_get(struct store *store, int64_t number, struct request *request,
		struct err *err);
int request_files(struct store *store, int64_t number,
		  struct request_files *files, struct err *err);

/* Bytes of the permit's files that wait for a decision or a release. 0, -1 */
int request_waiting(struct store *store, const char *permit, uint64_t *bytes,
		    struct err *err);

/* A file that left under a permit, or is about to. */
struct earlier {
	uint32_t request;
	struct request_file file;
};

/* The newest of them, at most so many. earlier: the caller's. */
int request_earlier(struct store *store, const char *permit,
		    struct earlier *earlier, uint32_t most, uint32_t *count,
		    struct err *err);

/* One step of request.def; another one, or a request that is in another
 * state, is a bug and -1. now: seconds since 1970. */
int request_move(struct store *store, struct request *request,
		 enum request_state to, int64_t now, struct err *err);
int request_problem(struct store *store, int64_t number, const char *problem,
		    struct err *err);
int request_decide_file(struct store *store, int64_t number, uint32_t file,
			enum vote outcome, struct err *err);

int findings_keep(struct store *store, int64_t number,
		  const struct findings *findings, struct err *err);
/* The caller frees item. */
int findings_get(struct store *store, int64_t number, struct findings *findings,
		 struct err *err);
/* Add one in memory; over FINDINGS it is only counted. */
void findings_add(struct findings *findings, const struct finding *finding);

/*
 * Walk through requests: the next number after (or, for lists of the newest
 * first, before) one. 1 and *next; 0: no more; -1.
 */
int request_after(struct store *store, enum request_state state, int64_t after,
		  int64_t *next, struct err *err);
/* statement: one of REQUESTS_OF (of person), REQUESTS_OVER, REQUESTS_ALL. */
int request_before(struct store *store, enum statement statement,
		   int64_t before, const char *person, int64_t *next,
		   struct err *err);
/* How many stand before it in review, itself included; 0: not in review. */
int request_place(struct store *store, const struct request *request,
		  int64_t *place, struct err *err);

/* The number that a statement without arguments, or with one, yields;
 * *number is 0 if there is no row. */
int store_number(struct store *store, enum statement statement,
		 int64_t argument, int64_t *number, struct err *err);

/* Does a request stand on this copy? 1, 0, or -1. */
int file_is_kept(struct store *store, const struct hash *sha256,
		 struct err *err);

/* --- Short forms for statements -------------------------------------------- */

/* Bind by form, one letter an argument: i int64_t, t text, h struct hash. */
sqlite3_stmt *store_bound(struct store *store, enum statement statement,
			  const char *form, ...);
/* The same, run to its end. 0 or -1. */
int store_do(struct store *store, struct err *err, enum statement statement,
	     const char *form, ...);
/* Reset; 0 if the last step was a row or the end, else -1. */
int store_over(struct store *store, sqlite3_stmt *statement, int step,
	       struct err *err);
/* A column as text in out. */
void store_column(sqlite3_stmt *statement, int column, char *out, size_t size);

#endif
