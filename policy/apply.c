/*
 * apply - from text in a folder to the policy in force.
 *
 * Runs in sekisho-policy. The folder may hold anything: what is wrong with it
 * changes nothing but the answer and the log.
 */
#include "policy/apply.h"

#include <string.h>

#include "policy/ask.h"
#include "policy/checks.h"
#include "policy/closing.h"
#include "policy/releases.h"
#include "policy/reviews_store.h"
#include "policy/sessions.h"

static void put_site(struct server *server, const struct policy *policy)
{
	const struct site *site = &policy->site;
	struct msg *order = &server->order;

	msg_put_str(order, site->listen.address);
	msg_put_u32(order, site->listen.port);
	msg_put_u32(order, site->connections.max);
	msg_put_u32(order, site->connections.unauthenticated);
	msg_put_u32(order, site->connections.per_source);
	msg_put_u32(order, site->connections.grace_seconds);
	msg_put_str(order, site->toolset);
	msg_put_u8(order, site->log_down != LOG_DOWN_HOLD);
	msg_put_u32(order, site->hold_seconds);
	msg_put_u32(order, site->records.a_second);
	msg_put_u32(order, site->records.a_day);
	msg_put_u8(order, site->release_needs != RELEASE_CHECKPOINT);
	msg_put_str(order, site->timestamps);
	msg_put_bytes(order, policy->witnesses, strlen(policy->witnesses));
}

/* Takes closure over in any case. */
static enum applied begin(struct server *server, struct closure *closure,
			  const char *reason, struct err *err)
{
	struct applying *applying = &server->applying;
	struct audit_record record;
	char hash[HASH_TEXT_SIZE];
	uint64_t order, epoch = server->epoch;

	if (policy_load(closure, &applying->policy, &server->problems) < 0) {
		closure_clear(closure);
		return APPLY_NO;
	}
	applying->closure = *closure;
	applying->active = true;
	if (store_epoch(&server->store, &applying->epoch, err) < 0)
		return APPLY_FAILED;
	server->epoch = applying->epoch;
	order = server_order(server, MSG_ORDER_SITE);
	/* Until the record is durable, orders are still those of the old. */
	server->epoch = epoch;
	put_site(server, &applying->policy);
	audit_begin(&record, "policy.apply", AUDIT_OK);
	audit_number(&record, "epoch", (int64_t)applying->epoch);
	audit_text(&record, "sha256", hash_text(&applying->policy.hash, hash));
	audit_number(&record, "order", (int64_t)order);
	audit_text(&record, "reason", reason);
	applying->ref = server_record(server, &record, true);
	return APPLY_WAIT;
}

static void record_refusal(struct server *server)
{
	struct audit_record record;

	audit_begin(&record, "policy.apply", AUDIT_DENY);
	audit_number(&record, "epoch", (int64_t)server->epoch);
	audit_number(&record, "problems", (int64_t)server->problems.count);
	audit_text(&record, "reason", "problems");
	server_record(server, &record, false);
}

enum applied apply_folder(struct server *server, const char *reason,
			  struct err *err)
{
	struct closure closure;
	enum applied applied;

	server->problems.count = 0;
	closure_read(&closure, server->folder, &server->problems);
	applied = begin(server, &closure, reason, err);
	if (applied == APPLY_NO)
		record_refusal(server);
	return applied;
}

static void note_problems(const struct server *server)
{
	char sentence[PROBLEM_SIZE];

	for (size_t i = 0; i < problems_texts(&server->problems); i++)
		note("%s", problems_text(&server->problems, i, "en", sentence,
					 sizeof sentence));
}

int apply_at_start(struct server *server, struct err *err)
{
	struct closure kept;
	enum applied applied = apply_folder(server, "start", err);
	char first[PROBLEM_SIZE];

	if (applied != APPLY_NO)
		return applied == APPLY_WAIT ? 0 : -1;
	note_problems(server);
	problems_text(&server->problems, 0, "en", first, sizeof first);
	size_t count = server->problems.count;
	if (store_kept(&server->store, &kept, err) < 0) {
		closure_clear(&kept);
		return -1;
	}
	if (kept.count > 0) {
		note("the policy folder has problems; the policy that was last "
		     "in force is used");
		server->problems.count = 0;
		applied = begin(server, &kept, "last_applied", err);
		if (applied != APPLY_NO)
			return applied == APPLY_WAIT ? 0 : -1;
		note_problems(server);
	} else {
		closure_clear(&kept);
	}
	return err_set(err,
		       "no policy can be put in force: %zu problems, %.300s",
		       count, first);
}

static int know_everybody(struct server *server, struct err *err)
{
	char actor[ID_SIZE];

	if (store_begin(&server->store, err) < 0)
		return -1;
	int ok = 0;
	for (size_t i = 0; ok == 0 && i < server->policy.npersons; i++)
		ok = store_actor(&server->store,
				 server->policy.persons[i].person, actor, err);
	return store_end(&server->store, ok, err);
}

/* The first policy of this life: what an earlier one left is taken up. */
static int meet_road(struct server *server, struct err *err)
{
	server->road.met = true;
	if (views_broken(&server->store, err) < 0 ||
	    checks_broken(server, err) < 0)
		return -1;
	if (releases_resume(server, err) < 0)
		return -1;
	return releases_tend(server, err) < 0 ? -1 : closing_tend(server, err);
}

int apply_recorded(struct server *server, struct err *err)
{
	struct applying *applying = &server->applying;

	policy_clear(&server->policy);
	server->policy = applying->policy;
	server->epoch = applying->epoch;
	server->in_force = true;
	server->since = server_time();
	applying->active = false;
	if (store_keep(&server->store, &applying->closure, err) < 0 ||
	    know_everybody(server, err) < 0 ||
	    deliveries_name(&server->store, &server->deliveries,
			    &server->policy, server_time(), err) < 0)
		return -1;
	closure_clear(&applying->closure);
	sessions_check(server);
	if (ask_applied(server, err) < 0)
		return -1;
	return server->road.met ? 0 : meet_road(server, err);
}
