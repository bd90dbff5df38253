/*
 * deliveries - what of each dataset was ever named by a policy, what a
 * custodian has marked stale since, and what was erased.
 *
 * A delivery is one manifest of a dataset. It stands in the state file, not in
 * the policy folder: a mark holds whatever becomes of the folder. The value in
 * memory is what is in effect; a mark is, once its record is durable.
 */
#ifndef POLICY_DELIVERIES_H
#define POLICY_DELIVERIES_H

#include "policy/store.h"

struct delivery {
	int64_t number; /* of its row */
	char dataset[ID_SIZE], permit[ID_SIZE], manifest[HASH_TEXT_SIZE];
	/* Seconds since 1970; 0: never */
	int64_t since;	 /* the first policy that named it */
	int64_t marked;	 /* a mark came, which may wait for its record */
	int64_t stale;	 /* its record was durable */
	int64_t removed; /* its files were erased */
	bool removing;	 /* an order to erase it is under way */
};

struct deliveries {
	size_t count;
	struct delivery *item; /* by dataset, the newest first */
};

/* --- Pure ------------------------------------------------------------------- */

const struct delivery *deliveries_find(const struct deliveries *deliveries,
				       const char *dataset,
				       const char *manifest);

/* From when on a stale delivery is mounted no more, in seconds since 1970, if
 * the site leaves it so many days. */
int64_t delivery_until(const struct delivery *delivery, uint32_t days);
/* Is it stale, and that time over at now? NULL: no. */
bool delivery_over(const struct delivery *delivery, uint32_t days, int64_t now);

/* Where the days of the site, and the time, stand for one decision. */
struct delivery_clock {
	uint32_t days; /* stale_days of site.yaml */
	int64_t now;   /* seconds since 1970 */
};

/*
 * Judge a plan that the policy gives: a dataset whose delivery is over loses
 * its manifest, and what has none is never mounted. mounted: the plan of the
 * session that runs, or NULL: where the policy names another delivery by now
 * and the one that is mounted is stale, that one may stay until it is over.
 */
void deliveries_judge(const struct deliveries *deliveries,
		      const struct plan *mounted,
		      const struct delivery_clock *clock, struct plan *plan);

/*
 * The deliveries that outputs under a permit are compared with: those that the
 * policy names, then stale ones that are not erased; what somebody copied from
 * those into a workspace is known again. At most PLAN_DATASETS; their number.
 */
uint32_t deliveries_compared(const struct deliveries *deliveries,
			     const struct policy *policy,
			     const struct permit *permit,
			     struct plan_dataset out[static PLAN_DATASETS]);

/* --- In the state file -------------------------------------------------------- */

/* Read all; what was there before is freed. item is freed by the caller. */
int deliveries_load(struct store *store, struct deliveries *deliveries,
		    struct err *err);

/* Inside a transaction: a policy of this time names this one (what was erased
 * is there again), or, with since 0, there is such a one. */
int delivery_named(struct store *store, const struct delivery *delivery,
		   int64_t since, struct err *err);
/* All that the policy names and that is not known to be named. */
int deliveries_name(struct store *store, struct deliveries *deliveries,
		    const struct policy *policy, int64_t now, struct err *err);

/* Inside a transaction: a mark came for it. *number: of its row. */
int delivery_mark(struct store *store, const struct delivery *delivery,
		  int64_t now, int64_t *number, struct err *err);
/* Inside a transaction: the mark's record is durable. */
int delivery_marked(struct store *store, int64_t number, struct err *err);

/* Inside a transaction: its files are ordered away, by this row of the
 * outbox; and the answer to the order, with the row. 1: it was such an order;
 * 0; -1. removed: seconds since 1970, 0: it failed. */
int delivery_remove(struct store *store, int64_t number, uint64_t order,
		    uint32_t row, struct err *err);
int delivery_order(struct store *store, uint64_t order, uint32_t *row,
		   struct err *err);
int delivery_removed(struct store *store, uint64_t order, int64_t removed,
		     struct err *err);

/* --- Requests that were made from them ---------------------------------------- */

/* Inside a transaction: a request comes from a session with this plan. */
int delivery_used(struct store *store, int64_t request, const struct plan *plan,
		  struct err *err);

/* How many requests come from a delivery: those that wait (of), and those
 * that are out or on their way. */
struct delivery_uses {
	int64_t waiting, releases;
};
int delivery_uses(struct store *store, const struct delivery *delivery,
		  struct delivery_uses *uses, struct err *err);

/* The next request before this number that comes from a stale delivery. 1 and
 * *next and *delivery (by its row, the one that was marked first); 0; -1. */
int delivery_request(struct store *store, int64_t before, int64_t *next,
		     int64_t *delivery, struct err *err);

#endif
