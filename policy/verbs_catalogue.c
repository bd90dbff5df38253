/*
 * verbs_catalogue - which data somebody sees, and which releases come from
 * data that has been marked stale since.
 *
 * Runs in sekisho-policy. A researcher learns that a dataset is being
 * replaced, never why: one person's opting out is nobody's business.
 */
#include <stdio.h>
#include <string.h>

#include "gateway/base/own.h"
#include "policy/day.h"
#include "policy/reviews.h"
#include "policy/sessions.h"
#include "policy/verbs.h"
#include "policy/verbs_dataset.h"

static const struct permit *own_permit(const struct server *server,
				       const struct peer *peer)
{
	const struct policy *policy = server_policy(server);

	return policy && strcmp(peer->permit, "-") != 0
		       ? policy_permit(policy, peer->permit)
		       : NULL;
}

/* The manifest of a dataset that this person sees: what their session has
 * mounted, else what the next one will. */
static const char *seen(const struct server *server, const struct peer *peer,
			const struct dataset *dataset)
{
	for (size_t i = 0; i < server->nsessions; i++) {
		const struct session *session = &server->sessions[i];

		if (strcmp(session->id, peer->session) != 0)
			continue;
		for (uint32_t k = 0; k < session->plan.ndatasets; k++)
			if (strcmp(session->plan.datasets[k].name,
				   dataset->dataset) == 0)
				return session->plan.datasets[k].manifest;
	}
	return dataset->manifest;
}

/* What is to be said of it at login and in the catalogue, if anything is. */
static void tell(struct server *server, const struct delivery *delivery)
{
	static const struct {
		const char *state;
		enum text_id text;
	} notices[] = { { "being_replaced", TEXT_NOTICE_BEING_REPLACED },
			{ "replaced", TEXT_NOTICE_REPLACED },
			{ "withdrawn", TEXT_NOTICE_WITHDRAWN } };
	const char *state = delivery ? dataset_word(server, delivery) : "";
	char day[DAY_TEXT_SIZE];

	for (size_t i = 0; i < ARRAY_LEN(notices); i++)
		if (strcmp(notices[i].state, state) == 0)
			result_note(&server->result, notices[i].text,
				    delivery->dataset,
				    dataset_until(server, delivery, day), NULL);
}

static void dataset_row(struct server *server, const struct dataset *dataset,
			const char *manifest)
{
	struct result *r = &server->result;
	const struct delivery *delivery = deliveries_find(
		&server->deliveries, dataset->dataset, manifest);
	char day[DAY_TEXT_SIZE];

	result_row(r);
	result_text(r, dataset->dataset);
	result_text(r, delivery ? dataset_word(server, delivery) : "none");
	result_text(r, delivery ? dataset_until(server, delivery, day) : "");
	result_text(r, manifest);
	result_text(r, dataset->title);
	tell(server, delivery);
}

int verb_catalogue(struct server *server, struct peer *peer, struct err *err)
{
	const struct permit *permit = own_permit(server, peer);
	struct result *r = &server->result;

	(void)err;
	result_begin(r, RESULT_LIST, TEXT_ANSWER_DATASETS);
	result_column(r, "dataset", RESULT_ID);
	result_column(r, "state", RESULT_STATE);
	result_column(r, "until", RESULT_DAY);
	result_column(r, "manifest", RESULT_ID);
	result_column(r, "description", RESULT_TEXT);
	for (uint32_t i = 0; permit && i < permit->datasets.count; i++) {
		const struct dataset *dataset =
			policy_dataset(&server->policy, permit->datasets.id[i]);

		if (dataset)
			dataset_row(server, dataset,
				    seen(server, peer, dataset));
	}
	return 0;
}

/* What a shell shows when it begins. */
int verb_welcome(struct server *server, struct peer *peer, struct err *err)
{
	const struct permit *permit = own_permit(server, peer);

	(void)err;
	result_begin_with(&server->result, RESULT_ONE, TEXT_DESK_INSIDE,
			  peer->permit, NULL);
	for (uint32_t i = 0; permit && i < permit->datasets.count; i++) {
		const struct dataset *dataset =
			policy_dataset(&server->policy, permit->datasets.id[i]);

		if (dataset)
			tell(server,
			     deliveries_find(&server->deliveries,
					     dataset->dataset,
					     seen(server, peer, dataset)));
	}
	return 0;
}

/* --- For reviewers --------------------------------------------------------------- */

static int stale_row(struct server *server, const struct peer *peer,
		     int64_t number, int64_t delivery, struct err *err)
{
	struct result *r = &server->result;
	struct request request;
	struct reviewer reviewer;

	if (request_get(&server->store, number, &request, err) < 0 ||
	    reviews_standing(server, &peer->name, &request, &reviewer, err) < 0)
		return -1;
	if (may_show(&reviewer) != MAY)
		return 0;
	for (size_t i = 0; i < server->deliveries.count; i++) {
		const struct delivery *one = &server->deliveries.item[i];

		if (one->number != delivery)
			continue;
		result_row(r);
		result_number(r, request.number);
		result_text(r, request.permit);
		result_text(r, request_word(request.state));
		result_text(r, one->dataset);
		result_number(r, one->stale);
		result_number(r, request.submitted);
		result_number(r, request.released);
		return 0;
	}
	return 0;
}

int verb_stale(struct server *server, struct peer *peer, struct err *err)
{
	struct result *r = &server->result;
	int64_t number = INT64_MAX, delivery;
	int found;

	result_begin(r, RESULT_LIST, TEXT_ANSWER_STALE);
	result_column(r, "request", RESULT_NUMBER);
	result_column(r, "permit", RESULT_ID);
	result_column(r, "state", RESULT_STATE);
	result_column(r, "dataset", RESULT_ID);
	result_column(r, "stale", RESULT_TIME);
	result_column(r, "submitted", RESULT_TIME);
	result_column(r, "released", RESULT_TIME);
	while ((found = delivery_request(&server->store, number, &number,
					 &delivery, err)) > 0)
		if (stale_row(server, peer, number, delivery, err) < 0)
			return -1;
	return found < 0 ? -1 : 0;
}
