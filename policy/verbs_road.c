/*
 * verbs_road - what operators ask about the export road.
 *
 * Runs in sekisho-policy. An operator sees how requests stand, never names or
 * words of people, and can have a release tried again; decide one they cannot.
 */
#include <stdio.h>

#include "policy/releases.h"
#include "policy/reviews.h"
#include "policy/verbs.h"

static void columns(struct result *r, enum result_shape shape,
		    enum text_id title)
{
	result_begin(r, shape, title);
	result_column(r, "request", RESULT_NUMBER);
	result_column(r, "permit", RESULT_ID);
	result_column(r, "actor", RESULT_ID);
	result_column(r, "state", RESULT_STATE);
	result_column(r, "files", RESULT_NUMBER);
	result_column(r, "block", RESULT_NUMBER);
	result_column(r, "flag", RESULT_NUMBER);
	result_column(r, "info", RESULT_NUMBER);
	result_column(r, "submitted", RESULT_TIME);
	result_column(r, "decided", RESULT_TIME);
	result_column(r, "problem", RESULT_TEXT);
}

static void row(struct result *r, const struct request *request)
{
	result_row(r);
	result_number(r, request->number);
	result_text(r, request->permit);
	result_text(r, request->actor);
	result_text(r, request_word(request->state));
	result_number(r, request->files);
	for (size_t i = 0; i < NUMBERS; i++)
		result_number(r, request->by[i]);
	result_number(r, request->submitted);
	result_number(r, request->decided);
	result_text(r, request->problem);
}

int verb_request_list(struct server *server, struct peer *peer, struct err *err)
{
	struct result *r = &server->result;
	int64_t number = INT64_MAX;
	int found;

	(void)peer;
	columns(r, RESULT_LIST, TEXT_ANSWER_REQUESTS);
	while ((found = request_before(&server->store, STATEMENT_REQUESTS_ALL,
				       number, NULL, &number, err)) > 0) {
		struct request request;

		if (r->cut > 0) {
			result_row(r);
			continue;
		}
		if (request_get(&server->store, number, &request, err) < 0)
			return -1;
		row(r, &request);
	}
	return found < 0 ? -1 : 0;
}

/* 1: found; 0: the answer says that there is none; -1. */
static int find(struct server *server, const struct peer *peer,
		struct request *request, struct err *err)
{
	const char *word = peer->words->word[0];
	int64_t number = reviews_number(word);
	int found =
		number ? request_get(&server->store, number, request, err) : 0;

	if (found == 0)
		result_error(&server->result, RESULT_WRONG, TEXT_REQUEST_NONE,
			     word, NULL, NULL);
	return found;
}

int verb_request_show(struct server *server, struct peer *peer, struct err *err)
{
	struct request request;
	int found = find(server, peer, &request, err);

	if (found <= 0)
		return found;
	columns(&server->result, RESULT_ONE, TEXT_ANSWER_REQUEST_ONE);
	row(&server->result, &request);
	int waits = releases_wait(server, &request, err);
	if (waits > 0)
		result_note(&server->result, TEXT_STATUS_COSIGN,
			    peer->words->word[0], NULL, NULL);
	return waits < 0 ? -1 : 0;
}

int verb_request_retry(struct server *server, struct peer *peer,
		       struct err *err)
{
	struct request request;
	int found = find(server, peer, &request, err), open;

	if (found <= 0)
		return found;
	open = releases_under_way(server, request.number, err);
	if (open < 0)
		return -1;
	if (request.state != REQUEST_APPROVED || open > 0) {
		reviews_refuse(server, REFUSED_STATE,
			       request_word(request.state), NULL);
		return 0;
	}
	if (store_begin(&server->store, err) < 0 ||
	    outbox_commit(server,
			  releases_open(server, &request, &peer->ref, err),
			  err) < 0)
		return -1;
	if (peer->ref > 0)
		peer->waits = WAITS_OUTBOX;
	else
		result_error(&server->result, RESULT_FAILED,
			     TEXT_REQUEST_PROBLEM, "too long for one release",
			     NULL, NULL);
	return 0;
}
