/*
 * deliveries - the rows, and what follows from them.
 *
 * Runs in sekisho-policy. Trusts its own file.
 */
#include "policy/deliveries.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/err.h"
#include "policy/requests_store.h"

enum { DAY = 24 * 60 * 60 };

/* --- Pure --------------------------------------------------------------------- */

const struct delivery *deliveries_find(const struct deliveries *deliveries,
				       const char *dataset,
				       const char *manifest)
{
	for (size_t i = 0; i < deliveries->count; i++) {
		const struct delivery *one = &deliveries->item[i];

		if (strcmp(one->dataset, dataset) == 0 &&
		    strcmp(one->manifest, manifest) == 0)
			return one;
	}
	return NULL;
}

int64_t delivery_until(const struct delivery *delivery, uint32_t days)
{
	return delivery->stale + (int64_t)days * DAY;
}

bool delivery_over(const struct delivery *delivery, uint32_t days, int64_t now)
{
	return delivery && delivery->stale > 0 &&
	       now >= delivery_until(delivery, days);
}

static const struct plan_dataset *mounted_as(const struct plan *plan,
					     const char *name)
{
	for (uint32_t i = 0; plan && i < plan->ndatasets; i++)
		if (strcmp(plan->datasets[i].name, name) == 0)
			return &plan->datasets[i];
	return NULL;
}

void deliveries_judge(const struct deliveries *deliveries,
		      const struct plan *mounted,
		      const struct delivery_clock *clock, struct plan *plan)
{
	for (uint32_t i = 0; i < plan->ndatasets; i++) {
		struct plan_dataset *to = &plan->datasets[i];
		const struct plan_dataset *old = mounted_as(mounted, to->name);
		const struct delivery *kept =
			old ? deliveries_find(deliveries, old->name,
					      old->manifest)
			    : NULL;

		if (kept && kept->stale > 0)
			memcpy(to->manifest, old->manifest,
			       sizeof to->manifest);
		if (delivery_over(
			    deliveries_find(deliveries, to->name, to->manifest),
			    clock->days, clock->now))
			memset(to->manifest, 0, sizeof to->manifest);
	}
}

static bool has(const struct plan_dataset *all, uint32_t n,
		const struct delivery *one)
{
	for (uint32_t i = 0; i < n; i++)
		if (strcmp(all[i].name, one->dataset) == 0 &&
		    strcmp(all[i].manifest, one->manifest) == 0)
			return true;
	return false;
}

uint32_t deliveries_compared(const struct deliveries *deliveries,
			     const struct policy *policy,
			     const struct permit *permit,
			     struct plan_dataset out[static PLAN_DATASETS])
{
	uint32_t n = 0;

	memset(out, 0, PLAN_DATASETS * sizeof *out);
	for (uint32_t i = 0; i < permit->datasets.count && n < PLAN_DATASETS;
	     i++) {
		const char *id = permit->datasets.id[i];
		const struct dataset *dataset = policy_dataset(policy, id);

		snprintf(out[n].name, sizeof out[n].name, "%s", id);
		if (dataset)
			memcpy(out[n].manifest, dataset->manifest,
			       sizeof out[n].manifest);
		n++;
	}
	for (size_t i = 0; i < deliveries->count && n < PLAN_DATASETS; i++) {
		const struct delivery *one = &deliveries->item[i];

		if (one->stale == 0 || one->since == 0 || one->removed > 0 ||
		    strcmp(one->permit, permit->permit) != 0 ||
		    has(out, n, one))
			continue;
		memcpy(out[n].name, one->dataset, sizeof out[n].name);
		memcpy(out[n].manifest, one->manifest, sizeof out[n].manifest);
		n++;
	}
	return n;
}

/* --- In the state file -------------------------------------------------------- */

static void read_row(sqlite3_stmt *s, struct delivery *to)
{
	*to = (struct delivery){ .number = sqlite3_column_int64(s, 0),
				 .since = sqlite3_column_int64(s, 4),
				 .marked = sqlite3_column_int64(s, 5),
				 .stale = sqlite3_column_int64(s, 6),
				 .removed = sqlite3_column_int64(s, 7),
				 .removing = sqlite3_column_int64(s, 8) != 0 };
	store_column(s, 1, to->dataset, sizeof to->dataset);
	store_column(s, 2, to->permit, sizeof to->permit);
	store_column(s, 3, to->manifest, sizeof to->manifest);
}

int deliveries_load(struct store *store, struct deliveries *deliveries,
		    struct err *err)
{
	sqlite3_stmt *s = store_bound(store, STATEMENT_DELIVERIES_ALL, "");
	int step;

	free(deliveries->item);
	*deliveries = (struct deliveries){ 0 };
	while ((step = sqlite3_step(s)) == SQLITE_ROW) {
		struct delivery *grown = reallocarray(
			deliveries->item, deliveries->count + 1, sizeof *grown);

		if (!grown)
			die("out of memory");
		deliveries->item = grown;
		read_row(s, &grown[deliveries->count++]);
	}
	return store_over(store, s, step, err);
}

int delivery_named(struct store *store, const struct delivery *delivery,
		   int64_t since, struct err *err)
{
	return store_do(store, err, STATEMENT_DELIVERY_NAMED, "ttti",
			delivery->dataset, delivery->permit, delivery->manifest,
			since);
}

static int name_all(struct store *store, const struct deliveries *deliveries,
		    const struct policy *policy, int64_t now, struct err *err)
{
	for (size_t i = 0; i < policy->ndatasets; i++) {
		const struct dataset *dataset = &policy->datasets[i];
		const struct delivery *known = deliveries_find(
			deliveries, dataset->dataset, dataset->manifest);
		struct delivery one = { 0 };

		if (!dataset->manifest[0] ||
		    (known && known->since > 0 && known->removed == 0))
			continue;
		memcpy(one.dataset, dataset->dataset, sizeof one.dataset);
		memcpy(one.permit, dataset->permit, sizeof one.permit);
		memcpy(one.manifest, dataset->manifest, sizeof one.manifest);
		if (delivery_named(store, &one, now, err) < 0)
			return -1;
	}
	return 0;
}

int deliveries_name(struct store *store, struct deliveries *deliveries,
		    const struct policy *policy, int64_t now, struct err *err)
{
	if (store_begin(store, err) < 0 ||
	    store_end(store, name_all(store, deliveries, policy, now, err),
		      err) < 0)
		return -1;
	return deliveries_load(store, deliveries, err);
}

int delivery_mark(struct store *store, const struct delivery *delivery,
		  int64_t now, int64_t *number, struct err *err)
{
	if (delivery_named(store, delivery, 0, err) < 0)
		return -1;
	sqlite3_stmt *s =
		store_bound(store, STATEMENT_DELIVERY_MARK, "tti",
			    delivery->dataset, delivery->manifest, now);
	int step = sqlite3_step(s);
	*number = step == SQLITE_ROW ? sqlite3_column_int64(s, 0) : 0;
	return store_over(store, s, step, err);
}

int delivery_marked(struct store *store, int64_t number, struct err *err)
{
	return store_do(store, err, STATEMENT_DELIVERY_MARKED, "i", number);
}

int delivery_remove(struct store *store, int64_t number, uint64_t order,
		    uint32_t row, struct err *err)
{
	return store_do(store, err, STATEMENT_DELIVERY_REMOVE, "iii", number,
			(int64_t)order, (int64_t)row);
}

int delivery_order(struct store *store, uint64_t order, uint32_t *row,
		   struct err *err)
{
	int64_t found;

	if (store_number(store, STATEMENT_DELIVERY_ORDER, (int64_t)order,
			 &found, err) < 0)
		return -1;
	*row = (uint32_t)found;
	return found > 0;
}

int delivery_removed(struct store *store, uint64_t order, int64_t removed,
		     struct err *err)
{
	return store_do(store, err, STATEMENT_DELIVERY_REMOVED, "ii",
			(int64_t)order, removed);
}

/* --- Requests that were made from them ---------------------------------------- */

int delivery_used(struct store *store, int64_t request, const struct plan *plan,
		  struct err *err)
{
	for (uint32_t i = 0; i < plan->ndatasets; i++)
		if (store_do(store, err, STATEMENT_DELIVERY_USED, "itt",
			     request, plan->datasets[i].name,
			     plan->datasets[i].manifest) < 0)
			return -1;
	return 0;
}

int delivery_uses(struct store *store, const struct delivery *delivery,
		  struct delivery_uses *uses, struct err *err)
{
	sqlite3_stmt *s = store_bound(store, STATEMENT_DELIVERY_USES, "tt",
				      delivery->dataset, delivery->manifest);
	int step = sqlite3_step(s);

	*uses = (struct delivery_uses){ 0 };
	if (step == SQLITE_ROW) {
		uses->waiting = sqlite3_column_int64(s, 0);
		uses->releases = sqlite3_column_int64(s, 1);
	}
	return store_over(store, s, step, err);
}

int delivery_request(struct store *store, int64_t before, int64_t *next,
		     int64_t *delivery, struct err *err)
{
	sqlite3_stmt *s =
		store_bound(store, STATEMENT_DELIVERY_REQUEST, "i", before);
	int step = sqlite3_step(s);

	*next = *delivery = 0;
	if (step == SQLITE_ROW) {
		*next = sqlite3_column_int64(s, 0);
		*delivery = sqlite3_column_int64(s, 1);
	}
	if (store_over(store, s, step, err) < 0)
		return -1;
	return step == SQLITE_ROW;
}
