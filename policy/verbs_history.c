/*
 * verbs_history - what was decided: of one request, or of late.
 *
 * Runs in sekisho-policy. What somebody else said of a file is shown once the
 * file is decided, and not before: nobody votes after another's example.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/reviews.h"
#include "policy/verbs.h"

enum { LATELY = 200 };

static void columns(struct result *r)
{
	result_begin(r, RESULT_LIST, TEXT_ANSWER_HISTORY);
	result_column(r, "time", RESULT_TIME);
	result_column(r, "event", RESULT_STATE);
	result_column(r, "request", RESULT_NUMBER);
	result_column(r, "file", RESULT_NUMBER);
	result_column(r, "actor", RESULT_ID);
	result_column(r, "vote", RESULT_STATE);
	result_column(r, "reason", RESULT_STATE);
	result_column(r, "remark", RESULT_TEXT);
}

static void row(struct result *r, int64_t time, const char *event,
		int64_t request)
{
	result_row(r);
	result_number(r, time);
	result_text(r, event);
	result_number(r, request);
}

static void put_vote(struct result *r, const struct cast *cast)
{
	row(r, cast->time, "vote", cast->request);
	result_number(r, cast->file);
	result_text(r, cast->actor);
	result_text(r, vote_word(cast->vote));
	result_text(r, cast->reason ? reason_word(cast->reason) : "");
	result_text(r, cast->text);
}

static int put_votes(struct server *server, const struct peer *peer,
		     const struct reviewed *reviewed, struct err *err)
{
	struct casts casts;
	int done =
		votes_of(&server->store, reviewed->request.number, &casts, err);

	for (size_t i = 0; done == 0 && i < casts.count; i++) {
		const struct cast *cast = &casts.item[i];
		bool decided = cast->file >= 1 &&
			       cast->file <= reviewed->files.count &&
			       reviewed->files.file[cast->file - 1].outcome !=
				       VOTE_NONE;

		if (decided || strcmp(cast->person, peer->name.person) == 0)
			put_vote(&server->result, cast);
	}
	free(casts.item);
	return done;
}

static int put_notes(struct server *server, int64_t request, struct err *err)
{
	struct result *r = &server->result;
	struct remark remark;
	int found = 1;

	for (size_t n = 0; found > 0; n++) {
		found = note_at(&server->store, request, n, &remark, err);
		if (found <= 0)
			break;
		row(r, remark.time, "note", request);
		result_text(r, "");
		result_text(r, remark.actor);
		result_text(r, "");
		result_text(r, "");
		result_text(r, remark.text);
	}
	return found;
}

static int of_one(struct server *server, const struct peer *peer,
		  const struct reviewed *reviewed, struct err *err)
{
	const struct request *request = &reviewed->request;
	struct result *r = &server->result;

	columns(r);
	row(r, request->submitted, "submitted", request->number);
	result_text(r, "");
	result_text(r, request->actor);
	if (put_votes(server, peer, reviewed, err) < 0 ||
	    put_notes(server, request->number, err) < 0)
		return -1;
	if (request->decided > 0)
		row(r, request->decided, request_word(request->state),
		    request->number);
	return 0;
}

static int lately(struct server *server, const struct peer *peer,
		  struct err *err)
{
	int64_t number = INT64_MAX;
	int found = 1;

	columns(&server->result);
	for (unsigned int i = 0; i < LATELY && found > 0; i++) {
		struct request request;
		struct reviewer reviewer;

		found = request_before(&server->store, STATEMENT_REQUESTS_OVER,
				       number, NULL, &number, err);
		if (found <= 0)
			break;
		if (request_get(&server->store, number, &request, err) < 0 ||
		    reviews_standing(server, &peer->name, &request, &reviewer,
				     err) < 0)
			return -1;
		if (may_show(&reviewer) == MAY)
			row(&server->result, request.decided,
			    request_word(request.state), number);
	}
	return found < 0 ? -1 : 0;
}

int verb_history(struct server *server, struct peer *peer, struct err *err)
{
	struct reviewed reviewed;
	int loaded;

	if (peer->words->count == 0)
		return lately(server, peer, err);
	loaded = reviews_load(server, peer, peer->words->word[0], &reviewed,
			      err);
	if (loaded > 0 && of_one(server, peer, &reviewed, err) < 0)
		loaded = -1;
	free(reviewed.findings.item);
	return loaded < 0 ? -1 : 0;
}
