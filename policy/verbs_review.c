/*
 * verbs_review - what reviewers ask at their consoles, but for votes.
 *
 * Runs in sekisho-policy. Approvers and auditors see requests too; a person
 * who is a member of the permit, or who asked, sees none of it here.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "policy/answers.h"
#include "policy/reviews.h"
#include "policy/verbs.h"

/* --- Lists ------------------------------------------------------------------- */

static int queue_row(struct server *server, const struct peer *peer,
		     int64_t number, struct err *err)
{
	struct result *r = &server->result;
	struct request request;
	struct reviewer reviewer;
	int64_t open = 0;

	if (request_get(&server->store, number, &request, err) < 0)
		return -1;
	if (peer->name.role == ROLE_REVIEWER &&
	    votes_open(&server->store, number, peer->name.person, &open, err) <
		    0)
		return -1;
	if (reviews_standing(server, &peer->name, &request, &reviewer, err) < 0)
		return -1;
	if (may_show(&reviewer) != MAY)
		return 0;
	result_row(r);
	result_number(r, request.number);
	result_text(r, request.permit);
	result_text(r, request_word(request.state));
	result_number(r, request.files);
	result_number(r, open);
	for (size_t i = 0; i < NUMBERS; i++)
		result_number(r, request.by[i]);
	result_number(r, request.submitted);
	return 0;
}

/* The oldest first; those that no longer fit are only counted. */
int verb_queue(struct server *server, struct peer *peer, struct err *err)
{
	struct result *r = &server->result;
	int64_t number = 0;
	int found;

	result_begin(r, RESULT_LIST, TEXT_ANSWER_QUEUE);
	result_column(r, "request", RESULT_NUMBER);
	result_column(r, "permit", RESULT_ID);
	result_column(r, "state", RESULT_STATE);
	result_column(r, "files", RESULT_NUMBER);
	result_column(r, "open", RESULT_NUMBER);
	result_column(r, "block", RESULT_NUMBER);
	result_column(r, "flag", RESULT_NUMBER);
	result_column(r, "info", RESULT_NUMBER);
	result_column(r, "submitted", RESULT_TIME);
	while ((found = request_after(&server->store, REQUEST_REVIEW, number,
				      &number, err)) > 0)
		if (r->cut > 0)
			result_row(r);
		else if (queue_row(server, peer, number, err) < 0)
			return -1;
	return found < 0 ? -1 : 0;
}

int verb_reasons(struct server *server, struct peer *peer, struct err *err)
{
	struct result *r = &server->result;

	(void)err;
	result_begin(r, RESULT_LIST, TEXT_ANSWER_REASONS);
	result_column(r, "reason", RESULT_ID);
	result_column(r, "what", RESULT_TEXT);
	for (enum reason reason = REASON_NONE + 1; reason < REASONS; reason++) {
		result_row(r);
		result_text(r, reason_word(reason));
		result_text(r, text(peer->lang, reason_text(reason)));
	}
	return 0;
}

/* --- One request --------------------------------------------------------------- */

static void describe(struct result *r, const struct request *request)
{
	char cut[16];

	result_begin(r, RESULT_ONE, TEXT_ANSWER_REQUEST_ONE);
	result_column(r, "request", RESULT_NUMBER);
	result_column(r, "permit", RESULT_ID);
	result_column(r, "state", RESULT_STATE);
	result_column(r, "actor", RESULT_ID);
	result_column(r, "purpose", RESULT_TEXT);
	result_column(r, "files", RESULT_NUMBER);
	result_column(r, "submitted", RESULT_TIME);
	result_column(r, "decided", RESULT_TIME);
	result_column(r, "checks", RESULT_NUMBER);
	result_row(r);
	result_number(r, request->number);
	result_text(r, request->permit);
	result_text(r, request_word(request->state));
	result_text(r, request->actor);
	result_text(r, request->purpose);
	result_number(r, request->files);
	result_number(r, request->submitted);
	result_number(r, request->decided);
	result_number(r, request->checks);
	if (request->cut > 0) {
		snprintf(cut, sizeof cut, "%u", request->cut);
		result_note(r, TEXT_REQUEST_CUT, cut, NULL, NULL);
	}
	if (*request->problem)
		result_note(r, TEXT_REQUEST_PROBLEM, request->problem, NULL,
			    NULL);
}

int verb_request(struct server *server, struct peer *peer, struct err *err)
{
	struct reviewed reviewed;
	int loaded =
		reviews_load(server, peer, verb_word(peer, 0), &reviewed, err);

	if (loaded > 0)
		describe(&server->result, &reviewed.request);
	free(reviewed.findings.item);
	return loaded < 0 ? -1 : 0;
}

int verb_show(struct server *server, struct peer *peer, struct err *err)
{
	struct reviewed reviewed;
	int loaded =
		reviews_load(server, peer, verb_word(peer, 0), &reviewed, err);

	if (loaded > 0 && reviews_show(server, peer, &reviewed, err) < 0)
		loaded = -1;
	free(reviewed.findings.item);
	return loaded < 0 ? -1 : 0;
}

int verb_findings(struct server *server, struct peer *peer, struct err *err)
{
	struct reviewed reviewed;
	uint32_t file = (uint32_t)reviews_number(verb_word(peer, 1));
	int loaded =
		reviews_load(server, peer, verb_word(peer, 0), &reviewed, err);

	if (loaded > 0)
		answer_findings(server, TEXT_ANSWER_FINDINGS, &reviewed.files,
				&reviewed.findings, file);
	free(reviewed.findings.item);
	return loaded < 0 ? -1 : 0;
}

/* --- Opening a file ------------------------------------------------------------- */

static int order_view(struct server *server, struct peer *peer,
		      const struct reviewed *reviewed, uint32_t at,
		      struct err *err)
{
	const struct request_file *file = &reviewed->files.file[at - 1];
	struct view view = { .request = reviewed->request.number, .file = at };
	struct outbox_row row = { .kind = OUTBOX_VIEW };
	struct audit_record record;
	char actor[ID_SIZE], hash[HASH_TEXT_SIZE];

	memcpy(view.person, peer->name.person, sizeof view.person);
	view.order = server_order(server, MSG_ORDER_VIEW);
	if (store_actor(&server->store, view.person, actor, err) < 0 ||
	    view_add(&server->store, &view, server_time(), err) < 0)
		return -1;
	msg_put_u32(&server->order, peer->conn);
	msg_put_u64(&server->order, (uint64_t)view.number);
	msg_put_str(&server->order, file->name);
	msg_put_bytes(&server->order, file->sha256.bytes, HASH_SIZE);
	msg_put_u64(&server->order, file->size);
	audit_begin(&record, "request.view", AUDIT_OK);
	memcpy(record.actor, actor, sizeof record.actor);
	memcpy(record.permit, reviewed->request.permit, sizeof record.permit);
	audit_number(&record, "request", view.request);
	audit_number(&record, "file", at);
	audit_text(&record, "sha256", hash_text(&file->sha256, hash));
	audit_number(&record, "view", view.number);
	audit_number(&record, "order", (int64_t)view.order);
	row.subject = view.number;
	if (outbox_add(server, &row, &record, true, err) < 0)
		return -1;
	peer->ref = row.ref;
	return 0;
}

static void record_refusal(struct server *server, const struct peer *peer,
			   const struct request *request, enum refusal refusal)
{
	struct audit_record record;
	struct err ignored;

	audit_begin(&record, "request.view", AUDIT_DENY);
	if (store_actor(&server->store, peer->name.person, record.actor,
			&ignored) < 0)
		memcpy(record.actor, "-", 2);
	memcpy(record.permit, request->permit, sizeof record.permit);
	audit_number(&record, "request", request->number);
	audit_text(&record, "reason", refusal_word(refusal));
	server_record(server, &record, false);
}

static int view_file(struct server *server, struct peer *peer,
		     const struct reviewed *reviewed, struct err *err)
{
	int64_t at = reviews_number(verb_word(peer, 1));
	enum refusal refusal =
		may_view(&reviewed->reviewer, reviewed->request.state);

	if (refusal == MAY && (at < 1 || at > reviewed->files.count))
		refusal = REFUSED_FILE;
	if (refusal != MAY) {
		record_refusal(server, peer, &reviewed->request, refusal);
		reviews_refuse(server, refusal, NULL, NULL);
		return 0;
	}
	if (store_begin(&server->store, err) < 0 ||
	    outbox_commit(server,
			  order_view(server, peer, reviewed, (uint32_t)at, err),
			  err) < 0)
		return -1;
	peer->waits = WAITS_OUTBOX;
	return 0;
}

int verb_file(struct server *server, struct peer *peer, struct err *err)
{
	struct reviewed reviewed;
	int loaded =
		reviews_load(server, peer, verb_word(peer, 0), &reviewed, err);

	if (loaded == 0 && server->result.exit == RESULT_DENIED)
		record_refusal(server, peer, &reviewed.request,
			       may_show(&reviewed.reviewer));
	if (loaded > 0 && view_file(server, peer, &reviewed, err) < 0)
		loaded = -1;
	free(reviewed.findings.item);
	return loaded < 0 ? -1 : 0;
}

/* --- Notes ------------------------------------------------------------------------ */

static int keep_note(struct server *server, struct peer *peer,
		     const struct request *request, struct err *err)
{
	struct outbox_row row = { .kind = OUTBOX_NOTE,
				  .subject = request->number };
	struct remark remark = { .time = server_time() };
	struct audit_record record;

	snprintf(remark.text, sizeof remark.text, "%s", verb_word(peer, 1));
	if (store_actor(&server->store, peer->name.person, remark.actor, err) <
		    0 ||
	    note_add(&server->store, request->number, &remark, err) < 0)
		return -1;
	audit_begin(&record, "request.note", AUDIT_OK);
	memcpy(record.actor, remark.actor, sizeof record.actor);
	memcpy(record.permit, request->permit, sizeof record.permit);
	audit_number(&record, "request", request->number);
	if (outbox_add(server, &row, &record, false, err) < 0)
		return -1;
	peer->ref = row.ref;
	return 0;
}

int verb_note(struct server *server, struct peer *peer, struct err *err)
{
	struct reviewed reviewed;
	int loaded =
		reviews_load(server, peer, verb_word(peer, 0), &reviewed, err);

	free(reviewed.findings.item);
	if (loaded <= 0)
		return loaded;
	if (strlen(verb_word(peer, 1)) >= WORDS_ABOUT_SIZE) {
		result_error(&server->result, RESULT_WRONG, TEXT_TEXT_LONG,
			     "1000", NULL, NULL);
		return 0;
	}
	if (store_begin(&server->store, err) < 0 ||
	    outbox_commit(server,
			  keep_note(server, peer, &reviewed.request, err),
			  err) < 0)
		return -1;
	peer->waits = WAITS_OUTBOX;
	return 0;
}
