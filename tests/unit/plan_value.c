/* links: gateway/base; */
#include <stdio.h>
#include <string.h>

#include "gateway/base/plan.h"
#include "tests/unit/tap.h"

static struct msg m;

static struct plan good(void)
{
	return (struct plan){
		.session = "s0123456789abcdef",
		.permit = "P-2026-001",
		.person = "hanako",
		.actor = "a-7",
		.lang = "ja",
		.toolset = "analysis-1",
		.workspace_bytes = 1ull << 40,
		.workspace_inodes = 65536,
		.memory_bytes = 1ull << 33,
		.processes = 512,
		.cpu_percent = 200,
		.ndatasets = 2,
		.datasets = { { "claims", "ab" }, { "stays.2026", "" } },
	};
}

/* Put the plan, read it back. Was it taken? */
static bool taken(const struct plan *plan, struct plan *out)
{
	msg_start(&m, MSG_BUILD, 0);
	plan_put(&m, plan);
	plan_get(&m, out);
	return msg_done(&m);
}

TEST(same, "a plan arrives as it was")
{
	struct plan plan = good(), out;

	CHECK(taken(&plan, &out));
	CHECK(memcmp(&plan, &out, sizeof plan) == 0);
}

TEST(equal, "plans are the same by what they say, field by field")
{
	struct plan one = good(), other = good();

	memset(one.person + 7, 'x', 20);
	CHECK(plan_same(&one, &other));
	other.datasets[1].manifest[0] = 'c';
	CHECK(!plan_same(&one, &other));
	other = good();
	other.ndatasets = 1;
	CHECK(!plan_same(&one, &other));
	other = good();
	other.cpu_percent++;
	CHECK(!plan_same(&one, &other));
	other = good();
	other.permit[0] = 'Q';
	CHECK(!plan_same(&one, &other));
}

TEST(ids, "an id is of plain characters and does not begin with . or -")
{
	char longest[ID_SIZE + 1];

	CHECK(id_valid("a"));
	CHECK(id_valid("P-2026_1.x"));
	CHECK(!id_valid(""));
	CHECK(!id_valid("."));
	CHECK(!id_valid(".."));
	CHECK(!id_valid("-x"));
	CHECK(!id_valid("a/b"));
	CHECK(!id_valid("a b"));
	CHECK(!id_valid("関"));
	CHECK(!id_valid("a\n"));
	memset(longest, 'a', sizeof longest);
	longest[ID_SIZE] = '\0';
	CHECK(!id_valid(longest));
	longest[ID_SIZE - 1] = '\0';
	CHECK(id_valid(longest));
}

TEST(bad_ids, "a plan with a path in place of an id is refused")
{
	struct plan plan, out;

	plan = good();
	snprintf(plan.session, ID_SIZE, "../x");
	CHECK(!taken(&plan, &out));
	plan = good();
	snprintf(plan.actor, ID_SIZE, "a/b");
	CHECK(!taken(&plan, &out));
	plan = good();
	plan.person[0] = '\0';
	CHECK(!taken(&plan, &out));
	plan = good();
	snprintf(plan.toolset, ID_SIZE, ".hidden");
	CHECK(!taken(&plan, &out));
	plan = good();
	snprintf(plan.datasets[1].name, ID_SIZE, "..");
	CHECK(!taken(&plan, &out));
}

TEST(zero, "a limit that nobody set is refused")
{
	struct plan plan, out;

	plan = good();
	plan.workspace_bytes = 0;
	CHECK(!taken(&plan, &out));
	plan = good();
	plan.workspace_inodes = 0;
	CHECK(!taken(&plan, &out));
	plan = good();
	plan.memory_bytes = 0;
	CHECK(!taken(&plan, &out));
	plan = good();
	plan.processes = 0;
	CHECK(!taken(&plan, &out));
	plan = good();
	plan.cpu_percent = 0;
	CHECK(!taken(&plan, &out));
}

TEST(encryption, "what a site wants of workspaces arrives, and nothing odd")
{
	struct plan plan = good(), out;

	CHECK(plan.encryption == ENCRYPTION_REQUIRED);
	plan.encryption = ENCRYPTION_OFF;
	CHECK(taken(&plan, &out));
	CHECK(out.encryption == ENCRYPTION_OFF);
	plan.encryption = ENCRYPTIONS;
	CHECK(!taken(&plan, &out));
}

TEST(datasets, "more datasets than a plan holds, or fewer than it says, are "
	       "refused")
{
	struct plan plan = good(), out;

	plan.ndatasets = 0;
	CHECK(taken(&plan, &out));
	msg_start(&m, MSG_BUILD, 0);
	plan_put(&m, &plan);
	/* The count is the last field of a plan without datasets. */
	m.data[m.len - 4] = PLAN_DATASETS + 1;
	plan_get(&m, &out);
	CHECK(!msg_done(&m));
	CHECK_INT(out.ndatasets, 0);
	msg_start(&m, MSG_BUILD, 0);
	plan_put(&m, &plan);
	m.data[m.len - 4] = 1;
	plan_get(&m, &out);
	CHECK(!msg_done(&m));
}

TEST(torn, "a plan that ends early is refused wherever it ends")
{
	struct plan plan = good(), out;

	msg_start(&m, MSG_BUILD, 0);
	plan_put(&m, &plan);
	for (size_t whole = m.len, len = MSG_HEADER; len < whole; len++) {
		m.len = len;
		m.pos = MSG_HEADER;
		m.bad = false;
		plan_get(&m, &out);
		CHECK(!msg_done(&m));
	}
}

TAP_MAIN
