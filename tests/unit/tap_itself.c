/* links: gateway/base */
/*
 * The runner itself: what must fail fails, what must end ends.
 */
#include "tests/unit/tap.h"

#include <sys/stat.h>
#include <unistd.h>

TEST(holds, "a check that holds lets the test go on")
{
	CHECK(1 + 1 == 2);
	CHECK_STR("a", "a");
	CHECK_INT(3u, 3);
}

TEST(err, "an error is compared by a part of its sentence")
{
	struct err err;

	err_set(&err, "site.yaml:%d: unknown key", 7);
	CHECK_ERR(err, "unknown key");
	CHECK_ERR(&err, ":7:");
}

TEST(folder, "a test has one empty folder of its own")
{
	struct stat st = { 0 };

	CHECK(stat(tap_folder(), &st) == 0);
	CHECK(S_ISDIR(st.st_mode));
	CHECK_INT(st.st_mode & 077, 0);
}

TAP_MAIN
