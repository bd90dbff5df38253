/*
 * verbs_requests - what a researcher asks: check, submit, withdraw, status.
 *
 * Runs in sekisho-policy. The desk is not trusted: the session is what the
 * supervisor said of its link, and whether the person may work is decided
 * anew. Names and evidence go into text cells alone, which do not leave
 * outside of a screen (gateway/desk/fixed.h).
 */
#include "policy/verbs_requests.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/answers.h"
#include "policy/ask.h"
#include "policy/checks.h"
#include "policy/copies.h"
#include "policy/releases.h"
#include "policy/reviews_store.h"
#include "policy/reviews.h"
#include "policy/sessions.h"
#include "policy/submission.h"
#include "policy/verbs.h"

/* --- check and submit ---------------------------------------------------------- */

/* A check alone keeps no copies. */
static int find_room(struct server *server, const struct permit *permit,
		     bool submits, bool *room, struct err *err)
{
	uint64_t waiting = 0;

	*room = !submits;
	if (!submits || !permit)
		return 0;
	if (request_waiting(&server->store, permit->permit, &waiting, err) < 0)
		return -1;
	*room = waiting < permit->limits.export_waiting;
	return 0;
}

static int standing(struct server *server, const struct peer *peer,
		    bool submits, struct submitter *s, struct err *err)
{
	const struct session *session = sessions_find(server, peer->session);
	struct login_name name = { .role = ROLE_RESEARCHER };
	struct decision decision;

	*s = (struct submitter){ 0 };
	if (!session || session->ending ||
	    strcmp(session->person, peer->name.person) != 0)
		return 0;
	s->in_session = true;
	memcpy(name.person, session->person, sizeof name.person);
	memcpy(name.permit, session->plan.permit, sizeof name.permit);
	decision = decide(server_policy(server), &server->suspensions, &name,
			  server_today(server));
	s->allowed = decision.verdict == ALLOW;
	s->idle = !checks_busy(server, session->person);
	return find_room(server, decision.permit, submits, &s->room, err);
}

static void wrong(struct server *server, enum text_id why, const char *first)
{
	result_error(&server->result, CHECK_WRONG, why, first, NULL, NULL);
}

/* Fill in who asks. */
static void sign(struct server *server, const struct peer *peer,
		 struct request *request)
{
	const struct session *session = sessions_find(server, peer->session);

	memcpy(request->permit, session->plan.permit, sizeof request->permit);
	memcpy(request->person, session->person, sizeof request->person);
	memcpy(request->actor, session->actor, sizeof request->actor);
	memcpy(request->session, session->id, sizeof request->session);
}

static void take(struct server *server, struct peer *peer, struct check *check)
{
	const struct permit *permit;
	struct wrong why;

	sign(server, peer, &check->request);
	permit = policy_permit(server_policy(server), check->request.permit);
	if (submission_read(peer->words, permit->limits.export_files, check,
			    &why) < 0)
		wrong(server, why.why, why.first);
	else if (checks_begin(server, check, peer))
		return;
	else
		wrong(server, TEXT_STORE_AWAY, NULL);
	checks_free(check);
}

static int begin(struct server *server, struct peer *peer, bool submits,
		 struct err *err)
{
	struct submitter submitter;

	if (standing(server, peer, submits, &submitter, err) < 0)
		return -1;
	enum refusal refusal = may_submit(&submitter);
	struct check *check = refusal == MAY ? checks_new(server) : NULL;
	if (refusal != MAY) {
		wrong(server, refusal_text(refusal), NULL);
	} else if (!check) {
		wrong(server, TEXT_REFUSED_BUSY, NULL);
	} else {
		check->submits = submits;
		take(server, peer, check);
	}
	return 0;
}

int verb_check(struct server *server, struct peer *peer, struct err *err)
{
	return begin(server, peer, false, err);
}

int verb_submit(struct server *server, struct peer *peer, struct err *err)
{
	return begin(server, peer, true, err);
}

/* --- withdraw -------------------------------------------------------------------- */

/* 1: the person's own request; 0: there is no such; -1. */
static int own(struct server *server, const struct peer *peer,
	       struct request *request, struct err *err)
{
	int64_t number = reviews_number(verb_word(peer, 0));
	int found =
		number ? request_get(&server->store, number, request, err) : 0;

	if (found < 0)
		return -1;
	/* Another's number looks like none. */
	if (found && strcmp(request->person, peer->name.person) == 0)
		return 1;
	result_error(&server->result, RESULT_WRONG, TEXT_REQUEST_NONE,
		     verb_word(peer, 0), NULL, NULL);
	return 0;
}

static int take_back(struct server *server, struct peer *peer,
		     struct request *request, struct err *err)
{
	struct outbox_row row = { .kind = OUTBOX_WITHDRAW,
				  .subject = request->number };
	struct audit_record record;

	if (request_move(&server->store, request, REQUEST_WITHDRAWN,
			 server_time(), err) < 0)
		return -1;
	audit_begin(&record, "request.withdraw", AUDIT_OK);
	memcpy(record.actor, request->actor, sizeof record.actor);
	memcpy(record.permit, request->permit, sizeof record.permit);
	audit_number(&record, "request", request->number);
	if (outbox_add(server, &row, &record, false, err) < 0)
		return -1;
	peer->ref = row.ref;
	return 0;
}

int verb_withdraw(struct server *server, struct peer *peer, struct err *err)
{
	struct request request;
	int found = own(server, peer, &request, err);
	enum refusal refusal;

	if (found <= 0)
		return found;
	refusal = may_withdraw(true, request.state);
	if (refusal != MAY) {
		reviews_refuse(server, refusal, request_word(request.state),
			       NULL);
		return 0;
	}
	if (store_begin(&server->store, err) < 0 ||
	    outbox_commit(server, take_back(server, peer, &request, err), err) <
		    0)
		return -1;
	peer->waits = WAITS_OUTBOX;
	return 0;
}

int requests_withdrawn(struct server *server, const struct outbox_row *row,
		       struct err *err)
{
	struct peer *peer = answer_waiting(server, row->ref);
	struct result *r = &server->result;
	struct request_files files;

	if (request_files(&server->store, row->subject, &files, err) < 0)
		return -1;
	copies_drop_all(server, &files);
	if (!peer)
		return 0;
	verb_done(server);
	result_column(r, "request", RESULT_NUMBER);
	result_column(r, "state", RESULT_STATE);
	result_row(r);
	result_number(r, row->subject);
	result_text(r, request_word(REQUEST_WITHDRAWN));
	ask_answer(server, peer);
	return 0;
}

/* --- status ------------------------------------------------------------------------ */

static int status_row(struct server *server, int64_t number, struct err *err)
{
	struct result *r = &server->result;
	struct request request;
	int64_t place;

	if (request_get(&server->store, number, &request, err) < 0 ||
	    request_place(&server->store, &request, &place, err) < 0)
		return -1;
	result_row(r);
	result_number(r, request.number);
	result_text(r, request_word(request.state));
	result_number(r, request.files);
	for (size_t i = 0; i < NUMBERS; i++)
		result_number(r, request.by[i]);
	result_number(r, request.submitted);
	result_number(r, request.decided);
	if (place > 0)
		result_number(r, place - 1);
	return 0;
}

static int status_all(struct server *server, const struct peer *peer,
		      struct err *err)
{
	struct result *r = &server->result;
	int64_t number = INT64_MAX;
	int found;

	result_begin(r, RESULT_LIST, TEXT_ANSWER_REQUESTS);
	result_column(r, "request", RESULT_NUMBER);
	result_column(r, "state", RESULT_STATE);
	result_column(r, "files", RESULT_NUMBER);
	result_column(r, "block", RESULT_NUMBER);
	result_column(r, "flag", RESULT_NUMBER);
	result_column(r, "info", RESULT_NUMBER);
	result_column(r, "submitted", RESULT_TIME);
	result_column(r, "decided", RESULT_TIME);
	result_column(r, "ahead", RESULT_NUMBER);
	while ((found = request_before(&server->store, STATEMENT_REQUESTS_OF,
				       number, peer->name.person, &number,
				       err)) > 0)
		if (r->cut > 0)
			result_row(r);
		else if (status_row(server, number, err) < 0)
			return -1;
	return found < 0 ? -1 : 0;
}

/* Why a decided file was not let out, as its reviewers said. */
static const struct cast *why_not(const struct casts *casts, uint32_t file,
				  enum vote outcome)
{
	for (size_t i = 0; i < casts->count; i++)
		if (casts->item[i].file == file &&
		    casts->item[i].vote == outcome && outcome != VOTE_APPROVE)
			return &casts->item[i];
	return NULL;
}

/* All of one request that its own person sees. */
struct mine {
	const struct request *request;
	struct request_files files;
	struct casts casts;
	struct findings findings;
};

static void file_row(struct result *r, const struct mine *mine, uint32_t at)
{
	const struct request_file *file = &mine->files.file[at - 1];
	const struct cast *why = why_not(&mine->casts, at, file->outcome);
	uint32_t by[NUMBERS];

	answer_count(&mine->findings, at, by);
	result_row(r);
	result_number(r, mine->request->number);
	result_number(r, at);
	result_text(r, file->name);
	result_text(r, answer_outcome(file->outcome));
	for (size_t i = 0; i < NUMBERS; i++)
		result_number(r, by[i]);
	result_text(r, why && why->reason ? reason_word(why->reason) : "");
	result_text(r, why ? why->text : "");
}

static int status_one(struct server *server, const struct request *request,
		      struct err *err)
{
	struct result *r = &server->result;
	struct mine mine = { .request = request };
	char number[24];
	int done = 0;

	if (request_files(&server->store, request->number, &mine.files, err) <
		    0 ||
	    votes_of(&server->store, request->number, &mine.casts, err) < 0 ||
	    findings_get(&server->store, request->number, &mine.findings, err) <
		    0)
		done = -1;
	snprintf(number, sizeof number, "%" PRId64, request->number);
	result_begin_with(r, RESULT_LIST, TEXT_ANSWER_REQUEST, number, NULL);
	result_column(r, "request", RESULT_NUMBER);
	result_column(r, "file", RESULT_NUMBER);
	result_column(r, "name", RESULT_TEXT);
	result_column(r, "state", RESULT_STATE);
	result_column(r, "block", RESULT_NUMBER);
	result_column(r, "flag", RESULT_NUMBER);
	result_column(r, "info", RESULT_NUMBER);
	result_column(r, "reason", RESULT_STATE);
	result_column(r, "remark", RESULT_TEXT);
	for (uint32_t i = 1; done == 0 && i <= mine.files.count; i++)
		file_row(r, &mine, i);
	int waits = done == 0 ? releases_wait(server, request, err) : 0;
	if (waits > 0)
		result_note(r, TEXT_REQUEST_COSIGN, NULL, NULL, NULL);
	else if (waits < 0)
		done = -1;
	free(mine.casts.item);
	free(mine.findings.item);
	return done;
}

int verb_request_status(struct server *server, struct peer *peer,
			struct err *err)
{
	struct request request;
	int found;

	if (peer->words->count == 0)
		return status_all(server, peer, err);
	found = own(server, peer, &request, err);
	return found > 0 ? status_one(server, &request, err) : found;
}
