/*
 * reviews - who may look, and what they are shown.
 *
 * Runs in sekisho-policy. A reviewer's desk is not trusted: who asks is what
 * the supervisor said of its link, and what that person may is decided again
 * at each act.
 */
#include "policy/reviews.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/answers.h"
#include "policy/ask.h"

int64_t reviews_number(const char *word)
{
	size_t len = strspn(word, "0123456789");

	if (len == 0 || len > 9 || word[len] || word[0] == '0')
		return 0;
	return strtoll(word, NULL, 10);
}

void reviews_refuse(struct server *server, enum refusal refusal,
		    const char *first, const char *second)
{
	result_error(&server->result, RESULT_DENIED, refusal_text(refusal),
		     first, second, NULL);
}

int reviews_standing(struct server *server, const struct login_name *name,
		     const struct request *request, struct reviewer *reviewer,
		     struct err *err)
{
	const struct policy *policy = server_policy(server);
	const struct permit *permit =
		policy ? policy_permit(policy, request->permit) : NULL;
	int was = request_member(&server->store, request->number, name->person,
				 err);
	struct decision decision = decide(policy, &server->suspensions, name,
					  server_today(server));

	*reviewer = (struct reviewer){ 0 };
	if (was < 0)
		return -1;
	reviewer->role =
		decision.verdict == ALLOW && name->role != ROLE_RESEARCHER;
	reviewer->member =
		was || (permit && ids_have(&permit->persons, name->person));
	reviewer->submitter = strcmp(request->person, name->person) == 0;
	return 0;
}

/* May this vote still be counted? */
static int counts(struct server *server, const struct request *request,
		  const struct cast *cast, bool *yes, struct err *err)
{
	struct login_name name = { .role = ROLE_REVIEWER };
	struct reviewer reviewer;

	memcpy(name.person, cast->person, sizeof name.person);
	if (reviews_standing(server, &name, request, &reviewer, err) < 0)
		return -1;
	*yes = may_show(&reviewer) == MAY;
	return 0;
}

/* Casts come by person, each of whom is judged once. */
static int add_up(struct server *server, const struct request *request,
		  const struct casts *casts,
		  struct tally tallies[static REQUEST_FILES], struct err *err)
{
	const struct cast *before = NULL;
	bool yes = false;

	for (size_t i = 0; i < casts->count; i++) {
		const struct cast *cast = &casts->item[i];
		bool same = before && strcmp(before->person, cast->person) == 0;

		if (!same && counts(server, request, cast, &yes, err) < 0)
			return -1;
		before = cast;
		if (yes && cast->file >= 1 && cast->file <= REQUEST_FILES)
			tallies[cast->file - 1].count[cast->vote]++;
	}
	return 0;
}

int reviews_outcomes(struct server *server, const struct request *request,
		     enum vote outcomes[static REQUEST_FILES], struct err *err)
{
	struct tally tallies[REQUEST_FILES] = { 0 };
	struct casts casts;
	int done = votes_of(&server->store, request->number, &casts, err);

	if (done == 0)
		done = add_up(server, request, &casts, tallies, err);
	free(casts.item);
	for (size_t i = 0; i < REQUEST_FILES; i++)
		outcomes[i] =
			decide_file(&tallies[i], server->policy.site.reviewers);
	return done;
}

static int not_found(struct server *server, const char *number)
{
	result_error(&server->result, RESULT_WRONG, TEXT_REQUEST_NONE, number,
		     NULL, NULL);
	return 0;
}

int reviews_load(struct server *server, const struct peer *peer,
		 const char *number, struct reviewed *reviewed, struct err *err)
{
	struct store *store = &server->store;
	int64_t n = reviews_number(number);
	int found = n > 0 ? request_get(store, n, &reviewed->request, err) : 0;

	reviewed->findings = (struct findings){ 0 };
	if (found <= 0)
		return found < 0 ? -1 : not_found(server, number);
	if (reviews_standing(server, &peer->name, &reviewed->request,
			     &reviewed->reviewer, err) < 0)
		return -1;
	enum refusal shown = may_show(&reviewed->reviewer);
	if (shown != MAY) {
		reviews_refuse(server, shown, number, NULL);
		return 0;
	}
	if (request_files(store, n, &reviewed->files, err) < 0 ||
	    findings_get(store, n, &reviewed->findings, err) < 0)
		return -1;
	return 1;
}

static void show_columns(struct result *r)
{
	result_column(r, "file", RESULT_NUMBER);
	result_column(r, "name", RESULT_TEXT);
	result_column(r, "type", RESULT_ID);
	result_column(r, "size", RESULT_NUMBER);
	result_column(r, "sha256", RESULT_ID);
	result_column(r, "state", RESULT_STATE);
	result_column(r, "block", RESULT_NUMBER);
	result_column(r, "flag", RESULT_NUMBER);
	result_column(r, "info", RESULT_NUMBER);
	result_column(r, "viewed", RESULT_STATE);
	result_column(r, "vote", RESULT_STATE);
}

static void show_file(struct result *r, const struct request_file *file,
		      const uint32_t by[NUMBERS])
{
	char type[16], hash[HASH_TEXT_SIZE];

	result_text(r, file->name);
	result_text(r, answer_type(file->name, type));
	result_number(r, (int64_t)file->size);
	result_text(r, hash_text(&file->sha256, hash));
	result_text(r, answer_outcome(file->outcome));
	for (size_t i = 0; i < NUMBERS; i++)
		result_number(r, by[i]);
}

int reviews_show(struct server *server, const struct peer *peer,
		 const struct reviewed *reviewed, struct err *err)
{
	const struct request *request = &reviewed->request;
	const char *person = peer->name.person;
	struct result *r = &server->result;
	char number[24];

	snprintf(number, sizeof number, "%" PRId64, request->number);
	result_begin_with(r, RESULT_LIST, TEXT_ANSWER_REQUEST, number, NULL);
	show_columns(r);
	for (uint32_t i = 0; i < reviewed->files.count; i++) {
		uint32_t by[NUMBERS];
		enum vote vote;
		int seen = view_seen(&server->store, request->number, i + 1,
				     person, err);

		if (seen < 0 || vote_own(&server->store, request->number, i + 1,
					 person, &vote, err) < 0)
			return -1;
		answer_count(&reviewed->findings, i + 1, by);
		result_row(r);
		result_number(r, (int64_t)i + 1);
		show_file(r, &reviewed->files.file[i], by);
		result_text(r, seen ? "yes" : "no");
		result_text(r, vote_word(vote));
	}
	return 0;
}

/* --- Continuations ------------------------------------------------------------ */

static int answer_view(struct server *server, struct peer *peer, int64_t number,
		       struct err *err)
{
	struct result *r = &server->result;
	struct request_files files = { 0 };
	sqlite3_stmt *s =
		store_bound(&server->store, STATEMENT_VIEW_GET, "i", number);
	int step = sqlite3_step(s);
	int64_t request = sqlite3_column_int64(s, 0);
	int64_t at = sqlite3_column_int64(s, 1);
	char type[16], hash[HASH_TEXT_SIZE];

	if (store_over(&server->store, s, step, err) < 0 ||
	    request_files(&server->store, request, &files, err) < 0)
		return -1;
	if (at < 1 || at > files.count)
		return err_set(err, "state file: a view of no file");
	const struct request_file *file = &files.file[at - 1];
	result_begin(r, RESULT_ONE, TEXT_ANSWER_FILE);
	result_column(r, "view", RESULT_NUMBER);
	result_column(r, "name", RESULT_TEXT);
	result_column(r, "type", RESULT_ID);
	result_column(r, "size", RESULT_NUMBER);
	result_column(r, "sha256", RESULT_ID);
	result_row(r);
	result_number(r, number);
	result_text(r, file->name);
	result_text(r, answer_type(file->name, type));
	result_number(r, (int64_t)file->size);
	result_text(r, hash_text(&file->sha256, hash));
	ask_answer(server, peer);
	return 0;
}

int reviews_viewed(struct server *server, const struct outbox_row *row,
		   struct err *err)
{
	struct peer *peer = answer_waiting(server, row->ref);

	if (view_recorded(&server->store, row->subject, err) < 0)
		return -1;
	return peer ? answer_view(server, peer, row->subject, err) : 0;
}

/* What a vote led to. */
static const enum text_id next_steps[REQUEST_STATES] = {
	[REQUEST_NONE] = TEXT_VOTE_WAITS,
	[REQUEST_CHECKING] = TEXT_VOTE_WAITS,
	[REQUEST_REVIEW] = TEXT_VOTE_WAITS,
	[REQUEST_APPROVED] = TEXT_VOTE_RELEASES,
	[REQUEST_RELEASED] = TEXT_VOTE_RELEASES,
	[REQUEST_EXPIRED] = TEXT_VOTE_RELEASES,
	[REQUEST_RETURNED] = TEXT_VOTE_RETURNED,
	[REQUEST_WITHDRAWN] = TEXT_VOTE_RETURNED,
	[REQUEST_REJECTED] = TEXT_VOTE_REJECTED,
};

int reviews_voted(struct server *server, const struct outbox_row *row,
		  struct err *err)
{
	struct peer *peer = answer_waiting(server, row->ref);
	struct reviewed reviewed;
	char number[24];
	int loaded;

	if (!peer)
		return 0;
	snprintf(number, sizeof number, "%" PRId64, row->subject);
	loaded = reviews_load(server, peer, number, &reviewed, err);
	if (loaded > 0 && reviews_show(server, peer, &reviewed, err) < 0)
		loaded = -1;
	free(reviewed.findings.item);
	if (loaded < 0)
		return -1;
	if (loaded > 0)
		result_note(&server->result, next_steps[reviewed.request.state],
			    number, NULL, NULL);
	ask_answer(server, peer);
	return 0;
}

int reviews_noted(struct server *server, const struct outbox_row *row,
		  struct err *err)
{
	struct peer *peer = answer_waiting(server, row->ref);

	(void)err;
	if (!peer)
		return 0;
	result_begin(&server->result, RESULT_ONE, TEXT_ASK_DONE);
	result_column(&server->result, "request", RESULT_NUMBER);
	result_row(&server->result);
	result_number(&server->result, row->subject);
	ask_answer(server, peer);
	return 0;
}
