/*
 * watch_quota - how many records a session makes: a rate of its own, and a
 * number a day that all sessions of one person under one permit share.
 *
 * Beyond the rate its programs wait a little, so that it goes on at the rate;
 * beyond the number it is for the supervisor to freeze it. Pure: no clock, no
 * files. A watcher that is started again begins to count anew.
 */
#ifndef SANDBOX_WATCH_QUOTA_H
#define SANDBOX_WATCH_QUOTA_H

#include <stdbool.h>
#include <stdint.h>

#include "gateway/base/plan.h"

/* So many seconds' worth may come at once; who had that waits so long. */
enum { QUOTA_BURST = 10, QUOTA_REST_MS = 100 };

/* Zero: nothing may be recorded, so all waits. */
struct watch_limits {
	uint32_t a_second, a_day;
};

struct watch_rate {
	int64_t at;   /* ms, when left was reckoned */
	int64_t left; /* thousandths of a record */
};

/* One record at now (ms, monotonic, > 0). Until when the next one waits, in
 * ms; 0: it need not. */
int64_t watch_rate_take(struct watch_rate *rate, uint32_t a_second,
			int64_t now);

/* What a person has made under a permit on a day (since 1970). */
struct watch_account {
	char permit[ID_SIZE], actor[ID_SIZE];
	int64_t day;
	uint32_t made;
	struct watch_account *after;
};

/* The account in the list at *list, made if it is new. NULL: no memory. */
struct watch_account *watch_account_get(struct watch_account **list,
					const char *permit, const char *actor);

/* One more record. A new day begins at zero. */
void watch_account_add(struct watch_account *account, int64_t day);

/* Has it made as many as a day allows? */
bool watch_account_spent(const struct watch_account *account, uint32_t a_day,
			 int64_t day);

#endif
