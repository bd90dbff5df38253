/*
 * reviews_store - views, votes and notes of reviewers in the state file.
 *
 * As in requests_store.h, what changes something runs in a transaction of the
 * caller.
 */
#ifndef POLICY_REVIEWS_STORE_H
#define POLICY_REVIEWS_STORE_H

#include "policy/requests_store.h"

/* A reviewer opens a file. order is the number of the order that shows it. */
struct view {
	int64_t number; /* set by view_add */
	int64_t request;
	uint32_t file;
	char person[ID_SIZE];
	uint64_t order;
};

int view_add(struct store *store, struct view *view, int64_t now,
	     struct err *err);
int view_recorded(struct store *store, int64_t number, struct err *err);
/* 1: an order of a view, which failed if ok is false; 0: of none; -1. */
int view_done(struct store *store, uint64_t order, bool ok, struct err *err);
/* Views that an earlier life asked for: nobody saw them. */
int views_broken(struct store *store, struct err *err);
/* Is this person's view of the file on record, and was it shown? 1, 0, -1. */
int view_seen(struct store *store, int64_t request, uint32_t file,
	      const char *person, struct err *err);

struct cast {
	int64_t request;
	uint32_t file;
	char person[ID_SIZE], actor[ID_SIZE];
	enum vote vote;
	enum reason reason;
	char text[WORDS_ABOUT_SIZE];
	int64_t time;
};

struct casts {
	size_t count;
	struct cast *item; /* malloc'd; by actor, vote and file */
};

int vote_add(struct store *store, const struct cast *cast, struct err *err);
/* The caller frees item. */
int votes_of(struct store *store, int64_t request, struct casts *casts,
	     struct err *err);
/* VOTE_NONE: none yet. */
int vote_own(struct store *store, int64_t request, uint32_t file,
	     const char *person, enum vote *vote, struct err *err);

/* Files of a request on which the person can still vote. */
int votes_open(struct store *store, int64_t request, const char *person,
	       int64_t *open, struct err *err);

struct remark {
	char actor[ID_SIZE];
	char text[WORDS_ABOUT_SIZE];
	int64_t time;
};

int note_add(struct store *store, int64_t request, const struct remark *remark,
	     struct err *err);
/* The n-th note of a request, from 0. 1; 0: no more; -1. */
int note_at(struct store *store, int64_t request, size_t n,
	    struct remark *remark, struct err *err);

#endif
