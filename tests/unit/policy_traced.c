/* links: policy gateway/base */
/*
 * policy_traced - the line that custodians hand over.
 */
#include <stdio.h>
#include <string.h>

#include "policy/traced.h"
#include "tests/unit/tap.h"

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct traced good = { .request = A,
				    .line = 7,
				    .journal = A,
				    .permit = "P-1",
				    .asked = "hanako",
				    .approved = "jiro",
				    .pseudonyms = 3,
				    .met = 2,
				    .ids = 4,
				    .case_hash = A };

TEST(same, "what is written is read again")
{
	char line[TRACED_SIZE];
	struct traced traced;

	CHECK_INT(traced_read(traced_line(&good, line), &traced), 0);
	CHECK(memcmp(&traced, &good, sizeof good) == 0);
}

/* One that was changed so. */
static int read_changed(const struct traced *changed)
{
	char line[TRACED_SIZE];
	struct traced traced;

	return traced_read(traced_line(changed, line), &traced);
}

#define REFUSED(member, ...)                                                   \
	do {                                                                   \
		struct traced changed = good;                                  \
		snprintf(changed.member, sizeof changed.member, __VA_ARGS__);  \
		CHECK_INT(read_changed(&changed), -1);                         \
	} while (0)
#define IMPOSSIBLE(member, value)                                              \
	do {                                                                   \
		struct traced changed = good;                                  \
		changed.member = value;                                        \
		CHECK_INT(read_changed(&changed), -1);                         \
	} while (0)

TEST(cannot_be, "what cannot be true is refused")
{
	REFUSED(request, "aa");
	REFUSED(journal, "%.63s", A);
	REFUSED(case_hash, "%s", "");
	REFUSED(permit, "..");
	REFUSED(asked, "jiro"); /* one person is not enough */
	REFUSED(approved, "a b");
	IMPOSSIBLE(line, 0);
	IMPOSSIBLE(pseudonyms, 0);
	IMPOSSIBLE(pseudonyms, TRACED_MOST + 1);
	IMPOSSIBLE(met, 4);
	IMPOSSIBLE(ids, 1);
}

TEST(spelt, "a line that is cut, longer or spelt otherwise is refused")
{
	char line[TRACED_SIZE], changed[TRACED_SIZE + 8];
	struct traced traced;

	traced_line(&good, line);
	for (size_t i = 0; i < strlen(line); i++) {
		snprintf(changed, sizeof changed, "%.*s", (int)i, line);
		CHECK_INT(traced_read(changed, &traced), -1);
	}
	snprintf(changed, sizeof changed, "%s x", line);
	CHECK_INT(traced_read(changed, &traced), -1);
	snprintf(changed, sizeof changed, " %s", line);
	CHECK_INT(traced_read(changed, &traced), -1);
	snprintf(changed, sizeof changed, "reidentify  %s",
		 line + strlen("reidentify "));
	CHECK_INT(traced_read(changed, &traced), -1);
}

TAP_MAIN
