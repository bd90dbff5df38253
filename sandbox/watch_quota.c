#include "sandbox/watch_quota.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int64_t watch_rate_take(struct watch_rate *rate, uint32_t a_second, int64_t now)
{
	/* A record a second is a thousandth of one in a millisecond. */
	int64_t most = (int64_t)a_second * QUOTA_BURST * 1000;
	int64_t passed = now - rate->at;

	if (passed > QUOTA_BURST * 1000)
		passed = QUOTA_BURST * 1000;
	rate->left += passed * a_second;
	if (rate->left > most)
		rate->left = most;
	rate->at = now;
	rate->left -= 1000;
	return rate->left >= 0 ? 0 : now + QUOTA_REST_MS;
}

struct watch_account *watch_account_get(struct watch_account **list,
					const char *permit, const char *actor)
{
	struct watch_account *account = *list;

	while (account && (strcmp(account->permit, permit) != 0 ||
			   strcmp(account->actor, actor) != 0))
		account = account->after;
	if (account)
		return account;
	account = calloc(1, sizeof *account);
	if (!account)
		return NULL;
	snprintf(account->permit, sizeof account->permit, "%s", permit);
	snprintf(account->actor, sizeof account->actor, "%s", actor);
	account->after = *list;
	*list = account;
	return account;
}

void watch_account_add(struct watch_account *account, int64_t day)
{
	if (account->day != day)
		account->made = 0;
	account->day = day;
	account->made++;
}

bool watch_account_spent(const struct watch_account *account, uint32_t a_day,
			 int64_t day)
{
	return a_day == 0 || (account->day == day && account->made >= a_day);
}
