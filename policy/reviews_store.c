/*
 * reviews_store - rows of reviewers.
 *
 * Runs in sekisho-policy.
 */
#include "policy/reviews_store.h"

#include <stdlib.h>
#include <string.h>

int view_add(struct store *store, struct view *view, int64_t now,
	     struct err *err)
{
	sqlite3_stmt *s = store_bound(store, STATEMENT_VIEW_ADD, "iitii",
				      view->request, (int64_t)view->file,
				      view->person, (int64_t)view->order, now);
	int step = sqlite3_step(s);

	view->number = step == SQLITE_ROW ? sqlite3_column_int64(s, 0) : 0;
	while (step == SQLITE_ROW)
		step = sqlite3_step(s);
	return store_over(store, s, step, err);
}

int view_recorded(struct store *store, int64_t number, struct err *err)
{
	return store_do(store, err, STATEMENT_VIEW_RECORDED, "i", number);
}

int view_done(struct store *store, uint64_t order, bool ok, struct err *err)
{
	int64_t is_view;

	if (store_number(store, STATEMENT_VIEW_ORDER, (int64_t)order, &is_view,
			 err) < 0)
		return -1;
	if (is_view && !ok &&
	    store_do(store, err, STATEMENT_VIEW_FAILED, "i", (int64_t)order) <
		    0)
		return -1;
	return is_view != 0;
}

int views_broken(struct store *store, struct err *err)
{
	return store_do(store, err, STATEMENT_VIEWS_BROKEN, "");
}

int view_seen(struct store *store, int64_t request, uint32_t file,
	      const char *person, struct err *err)
{
	sqlite3_stmt *s = store_bound(store, STATEMENT_VIEW_SEEN, "iit",
				      request, (int64_t)file, person);
	int step = sqlite3_step(s);

	if (store_over(store, s, step, err) < 0)
		return -1;
	return step == SQLITE_ROW;
}

int vote_add(struct store *store, const struct cast *cast, struct err *err)
{
	return store_do(store, err, STATEMENT_VOTE_ADD, "iittttti",
			cast->request, (int64_t)cast->file, cast->person,
			cast->actor, vote_word(cast->vote),
			reason_word(cast->reason), cast->text, cast->time);
}

static void read_cast(sqlite3_stmt *s, int64_t request, struct cast *cast)
{
	char word[ID_SIZE];

	memset(cast, 0, sizeof *cast);
	cast->request = request;
	cast->file = (uint32_t)sqlite3_column_int64(s, 0);
	store_column(s, 1, cast->actor, sizeof cast->actor);
	store_column(s, 2, word, sizeof word);
	cast->vote = vote_of_word(word);
	store_column(s, 3, word, sizeof word);
	cast->reason = reason_of_word(word);
	store_column(s, 4, cast->text, sizeof cast->text);
	cast->time = sqlite3_column_int64(s, 5);
	store_column(s, 6, cast->person, sizeof cast->person);
}

int votes_of(struct store *store, int64_t request, struct casts *casts,
	     struct err *err)
{
	sqlite3_stmt *s = store_bound(store, STATEMENT_VOTES_OF, "i", request);
	int step;

	*casts = (struct casts){ 0 };
	while ((step = sqlite3_step(s)) == SQLITE_ROW) {
		struct cast *grown = reallocarray(casts->item, casts->count + 1,
						  sizeof *grown);

		if (!grown)
			die("out of memory");
		casts->item = grown;
		read_cast(s, request, &grown[casts->count++]);
	}
	return store_over(store, s, step, err);
}

int vote_own(struct store *store, int64_t request, uint32_t file,
	     const char *person, enum vote *vote, struct err *err)
{
	sqlite3_stmt *s = store_bound(store, STATEMENT_VOTE_OWN, "iit", request,
				      (int64_t)file, person);
	int step = sqlite3_step(s);
	char word[ID_SIZE] = "none";

	if (step == SQLITE_ROW)
		store_column(s, 0, word, sizeof word);
	*vote = vote_of_word(word);
	return store_over(store, s, step, err);
}

int votes_open(struct store *store, int64_t request, const char *person,
	       int64_t *open, struct err *err)
{
	sqlite3_stmt *s =
		store_bound(store, STATEMENT_FILES_OPEN, "it", request, person);
	int step = sqlite3_step(s);

	*open = step == SQLITE_ROW ? sqlite3_column_int64(s, 0) : 0;
	return store_over(store, s, step, err);
}

int note_add(struct store *store, int64_t request, const struct remark *remark,
	     struct err *err)
{
	return store_do(store, err, STATEMENT_NOTE_ADD, "itti", request,
			remark->actor, remark->text, remark->time);
}

int note_at(struct store *store, int64_t request, size_t n,
	    struct remark *remark, struct err *err)
{
	sqlite3_stmt *s = store_bound(store, STATEMENT_NOTES_OF, "ii", request,
				      (int64_t)n);
	int step = sqlite3_step(s);

	if (step == SQLITE_ROW) {
		store_column(s, 0, remark->actor, sizeof remark->actor);
		store_column(s, 1, remark->text, sizeof remark->text);
		remark->time = sqlite3_column_int64(s, 2);
	}
	if (store_over(store, s, step, err) < 0)
		return -1;
	return step == SQLITE_ROW;
}
