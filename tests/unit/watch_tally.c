/* links: sandbox audit gateway/base; */
#include "sandbox/watch_session.h"
#include "sandbox/watch_tally.h"
#include "tests/unit/tap.h"

TEST(first, "the first attempt is reported at once, a repeat is counted")
{
	static struct watch_tally tally;
	int number;
	uint32_t count;

	CHECK(watch_tally_add(&tally, 165, 1000));
	CHECK(!watch_tally_add(&tally, 165, 1001));
	CHECK(!watch_tally_add(&tally, 165, 1999));
	CHECK(watch_tally_add(&tally, 101, 1500));
	CHECK(!watch_tally_due(&tally, 1999, false, &number, &count));
	CHECK_INT(watch_tally_next(&tally), 2000);
	CHECK(watch_tally_due(&tally, 2000, false, &number, &count));
	CHECK_INT(number, 165);
	CHECK_INT(count, 2);
	CHECK(!watch_tally_due(&tally, 2000, false, &number, &count));
}

TEST(again, "a call that goes on is reported once a second, then forgotten")
{
	static struct watch_tally tally;
	int number;
	uint32_t count;

	CHECK(watch_tally_add(&tally, 9, 1));
	CHECK(!watch_tally_add(&tally, 9, 2));
	CHECK(watch_tally_due(&tally, 1001, false, &number, &count));
	CHECK(!watch_tally_add(&tally, 9, 1500));
	CHECK(watch_tally_due(&tally, 2001, false, &number, &count));
	CHECK_INT(count, 1);
	CHECK(!watch_tally_due(&tally, 3001, false, &number, &count));
	CHECK_INT(watch_tally_next(&tally), 0);
	CHECK(watch_tally_add(&tally, 9, 3002));
}

TEST(places, "more calls than there are places are reported, never lost")
{
	static struct watch_tally tally;

	for (int i = 0; i < TALLY_CALLS + 10; i++)
		CHECK(watch_tally_add(&tally, i, 5));
	CHECK(watch_tally_add(&tally, TALLY_CALLS + 1, 6));
	CHECK(!watch_tally_add(&tally, 0, 6));
}

TEST(all, "at a session's end all counts come out")
{
	static struct watch_tally tally;
	int number;
	uint32_t count;

	CHECK(watch_tally_add(&tally, 4, 5));
	CHECK(watch_tally_add(&tally, 5, 5));
	CHECK(!watch_tally_add(&tally, 5, 6));
	CHECK(watch_tally_due(&tally, 7, true, &number, &count));
	CHECK_INT(number, 5);
	CHECK(!watch_tally_due(&tally, 7, true, &number, &count));
	CHECK_INT(watch_tally_next(&tally), 0);
}

TEST(names, "calls have names; one that is not in the table says so")
{
	CHECK_STR(watch_call_name(165), "mount");
	CHECK_STR(watch_call_name(467), "open_tree_attr");
	CHECK_STR(watch_call_name(9999), "unlisted");
}

TAP_MAIN
