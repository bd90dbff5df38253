/* links: policy audit gateway/base; -lyaml -lcrypto */
/*
 * policy_decide - who may do what, on which day, and why not.
 */
#include <stdio.h>
#include <string.h>

#include "policy/day.h"
#include "policy/decide.h"
#include "tests/unit/tap.h"

static struct policy policy;
static struct person persons[3];
static struct permit permits[3];
static struct dataset datasets[1];
static struct suspended item[1];
static struct suspensions suspensions = { 0, item };
static int32_t today;

static int32_t day(const char *text)
{
	int32_t value = -1;

	CHECK_INT(day_read(text, &value), 0);
	return value;
}

static void make_permit(size_t i, const char *id, const char *person)
{
	snprintf(permits[i].permit, ID_SIZE, "%s", id);
	snprintf(permits[i].persons.id[0], ID_SIZE, "%s", person);
	permits[i].persons.count = 1;
	permits[i].starts = day("2026-04-01");
	permits[i].ends = day("2027-03-31");
	permits[i].limits = (struct limits){ .memory = 1ull << 30,
					     .processes = 100,
					     .cpu_percent = 100,
					     .workspace = 1ull << 30,
					     .inodes = 1000 };
}

static void make(void)
{
	static const char *const names[] = { "taro", "rei", "both" };

	for (size_t i = 0; i < 3; i++) {
		snprintf(persons[i].person, ID_SIZE, "%s", names[i]);
		memcpy(persons[i].language, "en", 3);
		persons[i].valid_until = day("2026-12-31");
	}
	persons[0].roles.has[ROLE_RESEARCHER] = true;
	persons[1].roles.has[ROLE_REVIEWER] = true;
	persons[2].roles.has[ROLE_RESEARCHER] = true;
	persons[2].roles.has[ROLE_APPROVER] = true;
	make_permit(0, "P-1", "taro");
	make_permit(1, "P-2", "both");
	make_permit(2, "P-3", "both");
	snprintf(permits[0].datasets.id[0], ID_SIZE, "D-1");
	permits[0].datasets.count = 1;
	snprintf(datasets[0].dataset, ID_SIZE, "D-1");
	policy = (struct policy){ .persons = persons,
				  .permits = permits,
				  .datasets = datasets,
				  .npersons = 3,
				  .npermits = 3,
				  .ndatasets = 1 };
	snprintf(policy.site.toolset, ID_SIZE, "analysis");
	today = day("2026-06-01");
}

static struct decision ask(const char *user)
{
	struct login_name name;

	CHECK_INT(login_name_read(user, &name), 0);
	return decide(&policy, &suspensions, &name, today);
}

static void denied(const char *user, enum text_id why)
{
	struct decision d = ask(user);

	CHECK_INT(d.verdict, DENY);
	CHECK_INT(d.why, why);
	CHECK(d.permit == NULL);
}

TEST(names, "names that cannot exist are refused")
{
	struct login_name name;

	CHECK_INT(login_name_read("", &name), -1);
	CHECK_INT(login_name_read("+review", &name), -1);
	CHECK_INT(login_name_read("taro+", &name), -1);
	CHECK_INT(login_name_read("taro++", &name), -1);
	CHECK_INT(login_name_read("taro+a+b", &name), -1);
	CHECK_INT(login_name_read("ta ro", &name), -1);
	CHECK_INT(login_name_read("../taro", &name), -1);
	CHECK_INT(login_name_read("taro+review", &name), 0);
	CHECK_INT(name.role, ROLE_REVIEWER);
	CHECK_INT(login_name_read("taro+P-1", &name), 0);
	CHECK_STR(name.permit, "P-1");
}

TEST(nothing, "nothing in force, nobody known: denied")
{
	struct login_name name;

	make();
	CHECK_INT(login_name_read("taro", &name), 0);
	CHECK_INT(decide(NULL, &suspensions, &name, today).verdict, DENY);
	denied("nobody", TEXT_WHY_PERSON_GONE);
}

TEST(one, "one active permit needs no name")
{
	make();
	struct decision d = ask("taro");
	CHECK_INT(d.verdict, ALLOW);
	CHECK_STR(d.permit->permit, "P-1");
	CHECK_INT(ask("taro+P-1").verdict, ALLOW);
}

TEST(several, "several active permits are listed, one named is taken")
{
	make();
	denied("both", TEXT_WHY_PERMIT_SEVERAL);
	CHECK_STR(ask("both").second, "P-2, P-3");
	CHECK_STR(ask("both+P-3").permit->permit, "P-3");
	permits[1].ends = day("2026-05-31");
	CHECK_STR(ask("both").permit->permit, "P-3");
}

TEST(others, "another's permit is as unknown as one that is not there")
{
	make();
	denied("taro+P-2", TEXT_WHY_PERMIT_UNKNOWN);
	denied("taro+P-9", TEXT_WHY_PERMIT_UNKNOWN);
}

TEST(days, "first and last day count, the days beside them do not")
{
	make();
	persons[0].valid_until = day("2030-01-01");
	today = day("2026-03-31");
	denied("taro", TEXT_WHY_PERMIT_EARLY);
	today = day("2026-04-01");
	CHECK_INT(ask("taro").verdict, ALLOW);
	today = day("2027-03-31");
	CHECK_INT(ask("taro").verdict, ALLOW);
	today = day("2027-04-01");
	denied("taro", TEXT_WHY_PERMIT_ENDED);
}

TEST(expired_person, "a person's own last day counts too")
{
	make();
	today = day("2026-12-31");
	CHECK_INT(ask("taro").verdict, ALLOW);
	today = day("2027-01-01");
	denied("taro", TEXT_WHY_PERSON_EXPIRED);
}

TEST(roles, "a role not held is denied; a lone other role needs no suffix")
{
	make();
	denied("taro+review", TEXT_WHY_ROLE);
	denied("rei+audit", TEXT_WHY_ROLE);
	CHECK_INT(ask("rei").role, ROLE_REVIEWER);
	CHECK_INT(ask("rei").verdict, ALLOW);
	CHECK_INT(ask("both+approve").verdict, ALLOW);
	denied("rei+P-1", TEXT_WHY_ROLE);
}

TEST(suspended, "a suspended permit or person is denied, whatever is valid")
{
	make();
	suspensions.count = 1;
	item[0] = (struct suspended){ SUSPENDED_PERMIT, "P-1", false };
	denied("taro", TEXT_WHY_PERMIT_SUSPENDED);
	denied("taro+P-1", TEXT_WHY_PERMIT_SUSPENDED);
	CHECK_INT(ask("rei").verdict, ALLOW);
	item[0] = (struct suspended){ SUSPENDED_PERSON, "rei", false };
	denied("rei", TEXT_WHY_PERSON_SUSPENDED);
	CHECK_INT(ask("taro").verdict, ALLOW);
}

TEST(stopped, "a site that is stopped lets nobody in but its auditors")
{
	make();
	suspensions.count = 1;
	item[0] = (struct suspended){ SUSPENDED_SITE, SUSPENDED_ALL, false };
	denied("taro", TEXT_WHY_SITE_STOPPED);
	denied("taro+P-1", TEXT_WHY_SITE_STOPPED);
	denied("rei", TEXT_WHY_SITE_STOPPED);
	denied("both+approve", TEXT_WHY_SITE_STOPPED);
	persons[1].roles.has[ROLE_REVIEWER] = false;
	persons[1].roles.has[ROLE_AUDITOR] = true;
	CHECK_INT(ask("rei").verdict, ALLOW);
	item[0] = (struct suspended){ SUSPENDED_PERMIT, SUSPENDED_ALL, false };
	CHECK_INT(ask("taro").verdict, ALLOW);
}

TEST(closed, "a closed permit is denied for good, and is no suspension")
{
	make();
	suspensions.count = 1;
	item[0] = (struct suspended){ SUSPENDED_PERMIT, "P-1", true };
	denied("taro", TEXT_WHY_PERMIT_CLOSED);
	denied("taro+P-1", TEXT_WHY_PERMIT_CLOSED);
	CHECK(suspensions_closed(&suspensions, "P-1"));
	CHECK(!suspensions_have(&suspensions, SUSPENDED_PERMIT, "P-1"));
	CHECK(!suspensions_closed(&suspensions, "P-2"));
	CHECK_INT(ask("rei").verdict, ALLOW);
}

TEST(plan, "a plan holds what the permit gives and survives a wire")
{
	static struct msg m;
	struct plan again;

	make();
	struct decision d = ask("taro");
	struct plan plan = decision_plan(&policy, &d, "s01", "p01");
	CHECK_STR(plan.toolset, "analysis");
	CHECK_INT(plan.ndatasets, 1);
	msg_start(&m, MSG_BUILD, 0);
	plan_put(&m, &plan);
	plan_get(&m, &again);
	CHECK(msg_done(&m));
	struct plan same = decision_plan(&policy, &d, "s01", "p01");
	CHECK(memcmp(&plan, &same, sizeof plan) == 0);
	permits[0].limits.processes++;
	struct plan other = decision_plan(&policy, &d, "s01", "p01");
	CHECK(memcmp(&plan, &other, sizeof plan) != 0);
}

TEST(calendar, "days are read exactly and written back")
{
	static const char *const wrong[] = { "2026-02-29",  "2026-13-01",
					     "2026-00-10",  "2026-1-1",
					     "2026-01-32",  "1969-12-31",
					     "3000-01-01",  "2026/01/01",
					     "2026-01-01 ", "" };
	char text[DAY_TEXT_SIZE];
	int32_t value;

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		CHECK_INT(day_read(wrong[i], &value), -1);
	CHECK_INT(day("1970-01-01"), 0);
	CHECK_INT(day("2000-03-01"), 11017);
	CHECK_STR(day_text(day("2024-02-29"), text), "2024-02-29");
	CHECK_STR(day_text(day("2999-12-31"), text), "2999-12-31");
	/* 15:00 UTC is midnight in Tokyo */
	CHECK_INT(day_at(15 * 3600 - 1, 540), 0);
	CHECK_INT(day_at(15 * 3600, 540), 1);
	CHECK_INT(day_at(0, -60), -1);
}

TAP_MAIN
