/* links: sandbox gateway/base; */
/*
 * watch_quota - how many records a session makes before it waits, and how many
 * a person makes on a day.
 */
#include "sandbox/watch_quota.h"
#include "tests/unit/tap.h"

TEST(burst, "ten seconds' worth may come at once, then one waits")
{
	struct watch_rate rate = { 0 };

	for (int i = 0; i < 500; i++)
		CHECK_INT(watch_rate_take(&rate, 50, 1000000), 0);
	CHECK_INT(watch_rate_take(&rate, 50, 1000000), 1000100);
}

TEST(rate, "who keeps to its rests makes as many records as its rate says")
{
	struct watch_rate rate = { 0 };
	int64_t now = 1000000, until;
	int made = 0;

	for (int i = 0; i < 500; i++)
		watch_rate_take(&rate, 50, now);
	for (until = now + 60000; now < until; made++) {
		int64_t rest = watch_rate_take(&rate, 50, now);

		now = rest ? rest : now;
	}
	/* 60 seconds, and what one rest lets through at most */
	CHECK(made >= 60 * 50 - 10 && made <= 60 * 50 + 10);
}

TEST(idle, "what was not used does not grow beyond that")
{
	struct watch_rate rate = { 0 };

	watch_rate_take(&rate, 50, 1000);
	for (int i = 0; i < 500; i++)
		CHECK_INT(watch_rate_take(&rate, 50, 100000000000), 0);
	CHECK(watch_rate_take(&rate, 50, 100000000000) != 0);
}

TEST(none, "a rate or a number of zero is none")
{
	struct watch_rate rate = { 0 };
	struct watch_account account = { .day = 7 };

	CHECK(watch_rate_take(&rate, 0, 1000000) != 0);
	CHECK(watch_account_spent(&account, 0, 7));
}

TEST(day, "a person's number is one over sessions, and begins anew each day")
{
	struct watch_account *list = NULL;
	struct watch_account *one = watch_account_get(&list, "P-1", "a-1");

	CHECK(one && watch_account_get(&list, "P-1", "a-1") == one);
	CHECK(watch_account_get(&list, "P-1", "a-2") != one);
	CHECK(watch_account_get(&list, "P-2", "a-1") != one);
	for (int i = 0; i < 3; i++) {
		CHECK(!watch_account_spent(one, 3, 7));
		watch_account_add(one, 7);
	}
	CHECK(watch_account_spent(one, 3, 7));
	CHECK(!watch_account_spent(one, 3, 8));
	watch_account_add(one, 8);
	CHECK_INT(one->made, 1);
}

TAP_MAIN
