/*
 * verbs_vote - a vote: judged, counted and put on record in one transaction.
 *
 * Runs in sekisho-policy. Everything that could forbid it is asked again
 * here: the role of today, the permit's members, who asked, earlier votes,
 * the view on record, the state. What does not count is on record as denied.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/copies.h"
#include "policy/releases.h"
#include "policy/reviews.h"
#include "policy/verbs.h"

/* One vote command while it is judged. */
struct voting {
	struct peer *peer;
	struct request request;
	struct request_files files;
	struct cast cast; /* file is the one at hand */
	bool all;
	uint32_t counted;     /* files it was cast on */
	enum refusal refused; /* MAY: nothing forbids it */
	uint32_t ref;
};

static void begin_record(struct audit_record *record, const struct voting *v,
			 const char *event, enum audit_result result)
{
	audit_begin(record, event, result);
	memcpy(record->actor, v->cast.actor, sizeof record->actor);
	memcpy(record->permit, v->request.permit, sizeof record->permit);
	audit_number(record, "request", v->request.number);
}

/* May it be cast on this file? */
static int judge(struct server *server, struct voting *v, uint32_t file,
		 enum refusal *refusal, struct err *err)
{
	struct store *store = &server->store;
	struct ballot ballot = {
		.state = v->request.state,
		.file = file >= 1 && file <= v->files.count,
		.vote = v->cast.vote,
		.reason = v->cast.reason,
	};
	enum vote own = VOTE_NONE;

	if (reviews_standing(server, &v->peer->name, &v->request,
			     &ballot.reviewer, err) < 0)
		return -1;
	if (ballot.file) {
		int seen = view_seen(store, v->request.number, file,
				     v->cast.person, err);

		if (seen < 0 || vote_own(store, v->request.number, file,
					 v->cast.person, &own, err) < 0)
			return -1;
		ballot.seen = seen > 0;
		ballot.voted = own != VOTE_NONE;
		ballot.decided = v->files.file[file - 1].outcome != VOTE_NONE;
	}
	*refusal = may_vote(&ballot);
	return 0;
}

static int count(struct server *server, struct voting *v, uint32_t file,
		 struct err *err)
{
	struct outbox_row row = { .kind = OUTBOX_VOTE,
				  .subject = v->request.number };
	struct audit_record record;

	if (vote_add(&server->store, &v->cast, err) < 0)
		return -1;
	begin_record(&record, v, "request.vote", AUDIT_OK);
	audit_number(&record, "file", file);
	audit_text(&record, "vote", vote_word(v->cast.vote));
	audit_text(&record, "reason", reason_word(v->cast.reason));
	if (outbox_add(server, &row, &record, false, err) < 0)
		return -1;
	v->ref = row.ref;
	v->counted++;
	return 0;
}

/* On one file, or on each that the person can still vote on. What forbids it
 * on one of them forbids all. */
static int cast_all(struct server *server, struct voting *v, uint32_t only,
		    struct err *err)
{
	uint32_t from = v->all ? 1 : only;
	uint32_t to = v->all ? v->files.count : only;

	v->refused = REFUSED_DECIDED;
	for (uint32_t file = from; file <= to; file++) {
		enum refusal refusal;

		v->cast.file = file;
		if (judge(server, v, file, &refusal, err) < 0)
			return -1;
		if (v->all &&
		    (refusal == REFUSED_TWICE || refusal == REFUSED_DECIDED)) {
			v->refused = v->counted ? MAY : refusal;
			continue;
		}
		v->refused = refusal;
		if (refusal != MAY)
			return 0;
		if (count(server, v, file, err) < 0)
			return -1;
	}
	return 0;
}

static int record_decision(struct server *server, const struct voting *v,
			   enum outbox_kind kind, const char *event,
			   struct err *err)
{
	struct outbox_row row = { .kind = kind, .subject = v->request.number };
	struct audit_record record;
	uint32_t approved = 0;

	for (uint32_t i = 0; i < v->files.count; i++)
		approved += v->files.file[i].outcome == VOTE_APPROVE;
	begin_record(&record, v, event, AUDIT_OK);
	if (kind == OUTBOX_APPROVE)
		audit_number(&record, "files", approved);
	else
		audit_text(&record, "reason", reason_word(v->cast.reason));
	return outbox_add(server, &row, &record, false, err);
}

/* What the votes make of the request. */
static int decide_it(struct server *server, struct voting *v, struct err *err)
{
	static const struct {
		enum outbox_kind kind;
		const char *event;
	} acts[REQUEST_STATES] = {
		[REQUEST_APPROVED] = { OUTBOX_APPROVE, "request.approve" },
		[REQUEST_RETURNED] = { OUTBOX_RETURN, "request.return" },
		[REQUEST_REJECTED] = { OUTBOX_REJECT, "request.reject" },
	};
	enum vote outcomes[REQUEST_FILES];
	enum request_state to;
	uint32_t ref;

	for (uint32_t i = 0; i < v->files.count; i++)
		outcomes[i] = v->files.file[i].outcome;
	to = decide_request(outcomes, v->files.count);
	if (to == REQUEST_REVIEW)
		return 0;
	if (request_move(&server->store, &v->request, to, server_time(), err) <
		    0 ||
	    record_decision(server, v, acts[to].kind, acts[to].event, err) < 0)
		return -1;
	if (to == REQUEST_APPROVED)
		return releases_open(server, &v->request, &ref, err);
	copies_drop_all(server, &v->files);
	return 0;
}

/*
 * Look at all votes as they count now. A file is decided anew when decides,
 * after the vote; before it, one that no longer is decided is open again.
 */
static int recount(struct server *server, struct voting *v, bool decides,
		   struct err *err)
{
	enum vote outcomes[REQUEST_FILES];

	if (reviews_outcomes(server, &v->request, outcomes, err) < 0)
		return -1;
	for (uint32_t i = 0; i < v->files.count; i++) {
		enum vote *outcome = &v->files.file[i].outcome;

		if (*outcome == outcomes[i] ||
		    (!decides && outcomes[i] != VOTE_NONE))
			continue;
		*outcome = outcomes[i];
		if (request_decide_file(&server->store, v->request.number,
					i + 1, *outcome, err) < 0)
			return -1;
	}
	return 0;
}

/* 0: counted; 1: refused, nothing changes; -1. */
static int vote(struct server *server, struct voting *v, uint32_t only,
		struct err *err)
{
	if (request_files(&server->store, v->request.number, &v->files, err) <
		    0 ||
	    recount(server, v, false, err) < 0 ||
	    cast_all(server, v, only, err) < 0)
		return -1;
	if (v->refused != MAY)
		return 1;
	return recount(server, v, true, err) < 0 ? -1
						 : decide_it(server, v, err);
}

static void refuse(struct server *server, const struct voting *v)
{
	struct audit_record record;
	char file[16], number[24];

	begin_record(&record, v, "request.vote", AUDIT_DENY);
	audit_number(&record, "file", v->cast.file);
	audit_text(&record, "vote", vote_word(v->cast.vote));
	audit_text(&record, "reason", refusal_word(v->refused));
	server_record(server, &record, false);
	snprintf(file, sizeof file, "%u", v->cast.file);
	snprintf(number, sizeof number, "%" PRId64, v->request.number);
	reviews_refuse(server, v->refused, file, number);
}

/* N approve|return|reject FILE#|all REASON TEXT; false: an answer says what
 * is wrong with the words. */
static bool read_words(struct server *server, struct voting *v, uint32_t *only)
{
	const struct peer *peer = v->peer;
	const char *reason = verb_word(peer, 3);

	*only = (uint32_t)reviews_number(verb_word(peer, 2));
	v->all = strcmp(verb_word(peer, 2), "all") == 0;
	v->cast.vote = vote_of_word(verb_word(peer, 1));
	v->cast.reason = reason_of_word(reason);
	v->cast.time = server_time();
	memcpy(v->cast.person, peer->name.person, sizeof v->cast.person);
	if (v->cast.vote == VOTE_NONE || (*only == 0 && !v->all))
		result_error(&server->result, RESULT_WRONG, TEXT_ASK_USAGE,
			     "vote",
			     "REQUEST approve|return|reject FILE|all REASON "
			     "TEXT",
			     NULL);
	else if (*reason && v->cast.reason == REASON_NONE)
		result_error(&server->result, RESULT_WRONG, TEXT_REASON_UNKNOWN,
			     reason, NULL, NULL);
	else if (strlen(verb_word(peer, 4)) >= sizeof v->cast.text)
		result_error(&server->result, RESULT_WRONG, TEXT_TEXT_LONG,
			     "1000", NULL, NULL);
	else
		return true;
	return false;
}

int verb_vote(struct server *server, struct peer *peer, struct err *err)
{
	struct voting v = { .peer = peer, .refused = REFUSED_NOBODY };
	int64_t number = reviews_number(verb_word(peer, 0));
	uint32_t only;
	int found, ok;

	if (!read_words(server, &v, &only))
		return 0;
	snprintf(v.cast.text, sizeof v.cast.text, "%s", verb_word(peer, 4));
	found = number ? request_get(&server->store, number, &v.request, err)
		       : 0;
	if (found <= 0) {
		result_error(&server->result, RESULT_WRONG, TEXT_REQUEST_NONE,
			     verb_word(peer, 0), NULL, NULL);
		return found;
	}
	v.cast.request = number;
	v.cast.file = only;
	if (store_actor(&server->store, v.cast.person, v.cast.actor, err) < 0 ||
	    store_begin(&server->store, err) < 0)
		return -1;
	ok = outbox_commit(server, vote(server, &v, only, err), err);
	if (ok > 0)
		refuse(server, &v);
	if (ok == 0) {
		peer->ref = v.ref;
		peer->waits = WAITS_OUTBOX;
	}
	return ok < 0 ? -1 : 0;
}
