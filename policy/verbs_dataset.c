/*
 * verbs_dataset - dataset list, stale and remove; reidentify record.
 *
 * Runs in sekisho-policy. An operator hands in what a custodian signed, and
 * can neither make a mark nor take one back; what they erase is never in use.
 */
#include "policy/verbs_dataset.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "policy/answers.h"
#include "policy/ask.h"
#include "policy/day.h"
#include "policy/sessions.h"
#include "policy/stale_mark.h"
#include "policy/traced.h"
#include "policy/verbs.h"

/* --- What it is ----------------------------------------------------------------- */

static bool named(const struct server *server, const struct delivery *delivery)
{
	const struct policy *policy = server_policy(server);
	const struct dataset *dataset =
		policy ? policy_dataset(policy, delivery->dataset) : NULL;

	return dataset && strcmp(dataset->manifest, delivery->manifest) == 0;
}

static bool over(const struct server *server, const struct delivery *delivery)
{
	const struct policy *policy = server_policy(server);

	return delivery_over(delivery, policy ? policy->site.stale_days : 0,
			     server_time());
}

const char *dataset_word(const struct server *server,
			 const struct delivery *delivery)
{
	if (delivery->removed > 0)
		return "erased";
	if (over(server, delivery))
		return "withdrawn";
	if (named(server, delivery))
		return delivery->stale > 0 ? "being_replaced" : "current";
	return delivery->stale > 0 ? "replaced" : "earlier";
}

const char *dataset_until(const struct server *server,
			  const struct delivery *delivery, char *out)
{
	const struct policy *policy = server_policy(server);

	out[0] = '\0';
	if (!policy || delivery->stale == 0)
		return out;
	return day_text(
		day_at(delivery_until(delivery, policy->site.stale_days),
		       policy->site.utc_offset),
		out);
}

static int64_t mounts(const struct server *server,
		      const struct delivery *delivery)
{
	int64_t n = 0;

	for (size_t i = 0; i < server->nsessions; i++) {
		const struct plan *plan = &server->sessions[i].plan;

		for (uint32_t k = 0; k < plan->ndatasets; k++)
			n += strcmp(plan->datasets[k].name,
				    delivery->dataset) == 0 &&
			     strcmp(plan->datasets[k].manifest,
				    delivery->manifest) == 0;
	}
	return n;
}

size_t datasets_stale(const struct server *server)
{
	size_t n = 0;

	for (size_t i = 0; i < server->deliveries.count; i++) {
		const struct delivery *one = &server->deliveries.item[i];

		n += one->stale > 0 && one->removed == 0 &&
		     (named(server, one) || mounts(server, one) > 0);
	}
	return n;
}

/* --- list ------------------------------------------------------------------------- */

static int list_row(struct server *server, const struct delivery *delivery,
		    struct err *err)
{
	struct result *r = &server->result;
	struct delivery_uses uses;
	char day[DAY_TEXT_SIZE];

	if (delivery_uses(&server->store, delivery, &uses, err) < 0)
		return -1;
	result_row(r);
	result_text(r, delivery->dataset);
	result_text(r, delivery->permit);
	result_text(r, dataset_word(server, delivery));
	result_text(r, delivery->manifest);
	result_number(r, delivery->since);
	result_number(r, delivery->stale);
	result_text(r, dataset_until(server, delivery, day));
	result_number(r, mounts(server, delivery));
	result_number(r, uses.waiting);
	result_number(r, uses.releases);
	return 0;
}

int verb_dataset_list(struct server *server, struct peer *peer, struct err *err)
{
	struct result *r = &server->result;

	(void)peer;
	result_begin(r, RESULT_LIST, TEXT_ANSWER_DELIVERIES);
	result_column(r, "dataset", RESULT_ID);
	result_column(r, "permit", RESULT_ID);
	result_column(r, "state", RESULT_STATE);
	result_column(r, "manifest", RESULT_ID);
	result_column(r, "delivered", RESULT_TIME);
	result_column(r, "stale", RESULT_TIME);
	result_column(r, "until", RESULT_DAY);
	result_column(r, "sessions", RESULT_NUMBER);
	result_column(r, "requests", RESULT_NUMBER);
	result_column(r, "releases", RESULT_NUMBER);
	for (size_t i = 0; i < server->deliveries.count; i++)
		if (list_row(server, &server->deliveries.item[i], err) < 0)
			return -1;
	return 0;
}

/* --- stale ------------------------------------------------------------------------ */

static void name_operator(struct audit_record *record,
			  const struct server *server, const struct peer *peer)
{
	const struct operator* op =
		policy_operator(server_policy(server), peer->uid);

	snprintf(record->actor, sizeof record->actor, "operator-%.40s",
		 op ? op->name : "unknown");
}

static void begin_record(struct audit_record *record,
			 const struct server *server, const struct peer *peer,
			 const char *event, const struct delivery *delivery)
{
	audit_begin(record, event, AUDIT_OK);
	name_operator(record, server, peer);
	memcpy(record->permit, delivery->permit, sizeof record->permit);
	audit_text(record, "dataset", delivery->dataset);
	audit_text(record, "manifest", delivery->manifest);
}

/* The mark of the words, or false and the answer says what is wrong. */
static bool take_mark(struct server *server, const struct peer *peer,
		      struct delivery *delivery)
{
	const struct policy *policy = server_policy(server);
	const struct dataset *dataset;
	struct stale_mark mark;

	if (stale_mark_read(verb_word(peer, 0), &mark) < 0) {
		verb_refuse(server, TEXT_STALE_NO_MARK, NULL, NULL);
		return false;
	}
	*delivery = (struct delivery){ 0 };
	memcpy(delivery->dataset, mark.dataset, sizeof delivery->dataset);
	memcpy(delivery->permit, mark.permit, sizeof delivery->permit);
	memcpy(delivery->manifest, mark.manifest, sizeof delivery->manifest);
	dataset = policy_dataset(policy, mark.dataset);
	if (!dataset || strcmp(dataset->permit, mark.permit) != 0)
		verb_refuse(server, TEXT_STALE_OTHER, mark.dataset,
			    mark.permit);
	else if (!dataset->custodian[0])
		verb_refuse(server, TEXT_STALE_NO_KEY, mark.dataset, NULL);
	else if (!stale_mark_signed(verb_word(peer, 0), verb_word(peer, 1),
				    dataset->custodian))
		verb_refuse(server, TEXT_STALE_SIGNATURE, mark.dataset, NULL);
	else
		return true;
	return false;
}

static int keep_mark(struct server *server, struct peer *peer,
		     const struct delivery *delivery, struct err *err)
{
	struct outbox_row row = { .kind = OUTBOX_STALE };
	struct delivery_uses uses;
	struct audit_record record;

	if (delivery_mark(&server->store, delivery, server_time(), &row.subject,
			  err) < 0 ||
	    delivery_uses(&server->store, delivery, &uses, err) < 0)
		return -1;
	begin_record(&record, server, peer, "dataset.stale", delivery);
	audit_number(&record, "sessions", mounts(server, delivery));
	audit_number(&record, "requests", uses.waiting);
	audit_number(&record, "releases", uses.releases);
	audit_number(&record, "days", server->policy.site.stale_days);
	if (outbox_add(server, &row, &record, false, err) < 0)
		return -1;
	peer->ref = row.ref;
	return 0;
}

int verb_dataset_stale(struct server *server, struct peer *peer,
		       struct err *err)
{
	const struct delivery *known;
	struct delivery delivery;

	if (!take_mark(server, peer, &delivery))
		return 0;
	known = deliveries_find(&server->deliveries, delivery.dataset,
				delivery.manifest);
	if (known && known->marked > 0) {
		verb_refuse(server, TEXT_STALE_ALREADY, delivery.dataset, NULL);
		return 0;
	}
	if (store_begin(&server->store, err) < 0 ||
	    outbox_commit(server, keep_mark(server, peer, &delivery, err),
			  err) < 0 ||
	    deliveries_load(&server->store, &server->deliveries, err) < 0)
		return -1;
	peer->waits = WAITS_OUTBOX;
	return 0;
}

static const struct delivery *by_number(const struct server *server,
					int64_t number)
{
	for (size_t i = 0; i < server->deliveries.count; i++)
		if (server->deliveries.item[i].number == number)
			return &server->deliveries.item[i];
	return NULL;
}

int datasets_marked(struct server *server, const struct outbox_row *row,
		    struct err *err)
{
	struct peer *peer = answer_waiting(server, row->ref);
	const struct delivery *delivery;
	char day[DAY_TEXT_SIZE];

	if (delivery_marked(&server->store, row->subject, err) < 0 ||
	    deliveries_load(&server->store, &server->deliveries, err) < 0)
		return -1;
	sessions_check(server);
	delivery = by_number(server, row->subject);
	if (!peer || !delivery)
		return 0;
	verb_done(server);
	if (over(server, delivery))
		result_note(&server->result, TEXT_STALE_NOW, delivery->dataset,
			    NULL, NULL);
	else
		result_note(&server->result, TEXT_STALE_UNTIL,
			    delivery->dataset,
			    dataset_until(server, delivery, day), NULL);
	ask_answer(server, peer);
	return 0;
}

/* --- reidentify record --------------------------------------------------------------- */

static int keep_traced(struct server *server, struct peer *peer,
		       const struct traced *traced, struct err *err)
{
	struct outbox_row row = { .kind = OUTBOX_TRACED };
	struct audit_record record;

	audit_begin(&record, "key.reidentify", AUDIT_OK);
	name_operator(&record, server, peer);
	memcpy(record.permit, traced->permit, sizeof record.permit);
	audit_text(&record, "request", traced->request);
	audit_number(&record, "line", traced->line);
	audit_text(&record, "journal", traced->journal);
	audit_text(&record, "asked", traced->asked);
	audit_text(&record, "approved", traced->approved);
	audit_number(&record, "pseudonyms", traced->pseudonyms);
	audit_number(&record, "met", traced->met);
	audit_number(&record, "ids", traced->ids);
	audit_text(&record, "case", traced->case_hash);
	if (outbox_add(server, &row, &record, false, err) < 0)
		return -1;
	peer->ref = row.ref;
	return 0;
}

int verb_reidentify_record(struct server *server, struct peer *peer,
			   struct err *err)
{
	struct traced traced;

	if (traced_read(verb_word(peer, 0), &traced) < 0) {
		verb_refuse(server, TEXT_TRACED_WRONG, NULL, NULL);
		return 0;
	}
	if (store_begin(&server->store, err) < 0 ||
	    outbox_commit(server, keep_traced(server, peer, &traced, err),
			  err) < 0)
		return -1;
	peer->waits = WAITS_OUTBOX;
	return 0;
}

/* --- remove ------------------------------------------------------------------------ */

static bool is_compared(const struct server *server, const char *permit)
{
	for (size_t i = 0; i < server->road.nchecks; i++)
		if (strcmp(server->road.checks[i]->request.permit, permit) == 0)
			return true;
	return false;
}

/* The delivery of the words, if it may go; else NULL and the answer says why
 * not. */
static const struct delivery *removable(struct server *server,
					const struct peer *peer)
{
	const struct delivery *delivery = deliveries_find(
		&server->deliveries, verb_word(peer, 0), verb_word(peer, 1));
	char number[24];

	if (!delivery || delivery->removed > 0) {
		verb_refuse(server, TEXT_REMOVE_NONE, verb_word(peer, 0),
			    verb_word(peer, 1));
		return NULL;
	}
	snprintf(number, sizeof number, "%" PRId64, mounts(server, delivery));
	if (named(server, delivery) && !over(server, delivery))
		verb_refuse(server, TEXT_REMOVE_NAMED, delivery->dataset, NULL);
	else if (mounts(server, delivery) > 0)
		verb_refuse(server, TEXT_REMOVE_MOUNTED, number, NULL);
	else if (delivery->removing || is_compared(server, delivery->permit))
		verb_refuse(server, TEXT_REMOVE_BUSY, NULL, NULL);
	else
		return delivery;
	return NULL;
}

static int order_removal(struct server *server, struct peer *peer,
			 const struct delivery *delivery, struct err *err)
{
	struct outbox_row row = { .kind = OUTBOX_REMOVE,
				  .subject = delivery->number };
	uint64_t order = server_order(server, MSG_ORDER_REMOVE);
	struct audit_record record;

	msg_put_str(&server->order, delivery->dataset);
	msg_put_str(&server->order, delivery->manifest);
	begin_record(&record, server, peer, "dataset.remove", delivery);
	audit_number(&record, "order", (int64_t)order);
	if (outbox_add(server, &row, &record, true, err) < 0)
		return -1;
	peer->ref = row.ref;
	return delivery_remove(&server->store, delivery->number, order, row.ref,
			       err);
}

int verb_dataset_remove(struct server *server, struct peer *peer,
			struct err *err)
{
	const struct delivery *delivery = removable(server, peer);

	if (!delivery)
		return 0;
	if (store_begin(&server->store, err) < 0 ||
	    outbox_commit(server, order_removal(server, peer, delivery, err),
			  err) < 0 ||
	    deliveries_load(&server->store, &server->deliveries, err) < 0)
		return -1;
	peer->waits = WAITS_OUTBOX;
	return 0;
}

/* The row of an order that lasts goes when the order was answered. */
int datasets_order_done(struct server *server, uint64_t order, bool ok,
			const char *why, struct err *err)
{
	uint32_t ref;
	int found = delivery_order(&server->store, order, &ref, err);

	if (found <= 0)
		return found;
	if (store_begin(&server->store, err) < 0)
		return -1;
	int done = outbox_remove(server, ref, err);
	if (done == 0)
		done = delivery_removed(&server->store, order,
					ok ? server_time() : 0, err);
	if (outbox_commit(server, done, err) < 0 ||
	    deliveries_load(&server->store, &server->deliveries, err) < 0)
		return -1;
	struct peer *peer = answer_waiting(server, ref);
	if (!peer)
		return 1;
	verb_done(server);
	if (!ok)
		result_error(&server->result, RESULT_FAILED, TEXT_REMOVE_FAILED,
			     why, NULL, NULL);
	ask_answer(server, peer);
	return 1;
}
