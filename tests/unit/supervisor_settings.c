/* links: gateway/supervisor gateway/base */
/*
 * The options of sekishod: each mistake one sentence.
 */
#include "gateway/supervisor/settings.h"

#include <string.h>

#include "tests/unit/tap.h"

static int read_one(const char *option, const char *value, struct err *err)
{
	struct settings settings;
	char first[64], second[64];
	char *argv[] = { first, first, second, NULL };

	strncpy(first, option, sizeof first - 1);
	strncpy(second, value, sizeof second - 1);
	return settings_read(&settings, 3, argv, err);
}

TEST(defaults, "without options it runs where a package would put it")
{
	struct settings settings;
	struct err err;
	char name[] = "sekishod";
	char *argv[] = { name, NULL };

	CHECK(settings_read(&settings, 1, argv, &err) == 0);
	CHECK_STR(settings.config, "/etc/sekisho");
	CHECK_STR(settings.state, "/var/lib/sekisho");
	CHECK_INT(settings.uid_base, 0x70000000);
}

TEST(unknown, "an unknown option is named")
{
	struct err err;

	CHECK(read_one("--demo", "x", &err) < 0);
	CHECK_ERR(err, "--demo");
}

TEST(uid_base, "a uid base must be a number that leaves room")
{
	struct err err;

	CHECK(read_one("--uid-base", "0", &err) < 0);
	CHECK(read_one("--uid-base", "99999", &err) < 0);
	CHECK(read_one("--uid-base", "2147483647", &err) < 0);
	CHECK(read_one("--uid-base", "100000x", &err) < 0);
	CHECK(read_one("--uid-base", "", &err) < 0);
	CHECK_ERR(err, "give a number");
	CHECK(read_one("--uid-base", "100000", &err) == 0);
}

TAP_MAIN
