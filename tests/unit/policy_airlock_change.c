/* links: policy policy/airlock audit gateway/base; -lsqlite3 -lyaml -lcrypto */
/*
 * policy_airlock_change - what may change while a request is under way: the
 * permit, its members, reviewers and how many of them a site asks for, and
 * how fast audit and the store are; with the built sekisho-policy.
 */
#include "tests/unit/policy_world.h"

static int taro;
static char session[ID_SIZE];

/* A request in review, number 1, with two files. */
static void submitted(void)
{
	world_make();
	world_start();
	CHECK(log_in(session));
	taro = desk("taro", "researcher", session);
	w.severity = 1;
	w.verdict = 1;
	CHECK_INT(ask(taro, "submit", "Table 1", "a.csv", "b.csv", NULL), 0);
}

static int look(const char *name)
{
	int fd = desk(name, "reviewer", "-");

	CHECK_INT(ask(fd, "file", "1", "1", NULL), 0);
	CHECK_INT(ask(fd, "file", "1", "2", NULL), 0);
	return fd;
}

static void approve(const char *name)
{
	int fd = look(name);

	CHECK_INT(ask(fd, "vote", "1", "approve", "all", "", "", NULL), 0);
	close(fd);
}

static void refused(const char *why, int got)
{
	CHECK_INT(got, 3);
	CHECK_STR(no(), why);
}

static void is(const char *state)
{
	int op = control(4242);

	pump(-1, 60);
	CHECK_INT(ask(op, "request show", "1", NULL), 0);
	CHECK_STR(cell(0, "state"), state);
	close(op);
}

static void write_site(const char *more)
{
	write_text("site.yaml",
		   "version: 1\nname: Test\ntoolset: analysis\n%s"
		   "operators:\n  - {name: op, uid: 4242}\n",
		   more);
}

/* --- The permit ------------------------------------------------------------- */

TEST(left, "who was a member when files were submitted never reviews them")
{
	submitted();
	world_end();
	write_permit("taro");
	world_start();
	int mei = desk("mei", "reviewer", "-");

	refused("REFUSED_MEMBER", ask(mei, "show", "1", NULL));
	refused("REFUSED_MEMBER", ask(mei, "file", "1", "1", NULL));
	refused("REFUSED_MEMBER",
		ask(mei, "vote", "1", "approve", "1", "", "", NULL));
	CHECK_INT(ask(mei, "queue", NULL), 0);
	CHECK_INT(w.result.nrows, 0);
}

TEST(no_permit, "a permit that is gone does not make reviewers of its members")
{
	submitted();
	world_end();
	CHECK(unlinkat(w.folder, "permits/P-1.yaml", 0) == 0);
	world_start();
	int mei = desk("mei", "reviewer", "-");

	refused("REFUSED_MEMBER", ask(mei, "file", "1", "1", NULL));
	/* Others finish what waits. */
	approve("rei");
	approve("ren");
	is("released");
}

TEST(joined, "who became a member after voting has no vote any more")
{
	submitted();
	approve("rei");
	world_end();
	write_person("rei", "researcher, reviewer");
	write_permit("taro, mei, rei");
	world_start();
	approve("ren");
	is("review");
	CHECK(logged("release.open") == NULL);
	approve("ryo");
	is("released");
}

TEST(unchecked, "files of a permit that is gone do not pass unchecked")
{
	world_make();
	world_start();
	CHECK(log_in(session));
	taro = desk("taro", "researcher", session);
	w.kill_at = w.messages + 4;
	ask(taro, "submit", "Table 1", "a.csv", NULL);
	world_end();
	w.kill_at = 0;
	CHECK_INT(state_number("SELECT count(*) FROM requests "
			       "WHERE state = 'checking'"),
		  1);
	CHECK(unlinkat(w.folder, "permits/P-1.yaml", 0) == 0);
	world_start();
	is("returned");
	CHECK(strstr(w.status, "E01_ENGINE") != NULL);
}

/* --- Reviewers ---------------------------------------------------------------- */

TEST(lost, "the vote of a reviewer who is none any more does not release")
{
	submitted();
	approve("rei");
	world_end();
	write_person("rei", "auditor");
	world_start();
	approve("ren");
	is("review");
	approve("ryo");
	is("released");
	CHECK_INT(count_logged("release.open ok"), 1);
}

TEST(suspended, "the vote of a suspended reviewer waits until that is over")
{
	submitted();
	approve("rei");
	int op = control(4242);
	CHECK_INT(ask(op, "suspend", "person", "rei", "stolen", NULL), 0);
	approve("ren");
	is("review");
	CHECK(logged("release.open") == NULL);
	CHECK_INT(ask(op, "lift", "person", "rei", NULL), 0);
	approve("ryo");
	is("released");
}

TEST(part, "a file that was decided is open again when one of its votes went")
{
	submitted();
	int rei = look("rei"), ren = look("ren");

	CHECK_INT(ask(rei, "vote", "1", "approve", "1", "", "", NULL), 0);
	CHECK_INT(ask(ren, "vote", "1", "approve", "1", "", "", NULL), 0);
	world_end();
	write_person("rei", "auditor");
	world_start();
	ren = look("ren");
	CHECK_INT(ask(ren, "vote", "1", "approve", "2", "", "", NULL), 0);
	approve("ryo");
	is("released");
	world_end();
	CHECK_INT(state_number("SELECT count(*) FROM votes WHERE file = 1"), 3);
}

TEST(more, "a site that asks for more reviewers gets them for what waits")
{
	submitted();
	int rei = look("rei"), ren = look("ren");

	CHECK_INT(ask(rei, "vote", "1", "approve", "1", "", "", NULL), 0);
	CHECK_INT(ask(ren, "vote", "1", "approve", "1", "", "", NULL), 0);
	world_end();
	write_site("reviewers: 3\n");
	write_person("ran", "reviewer");
	world_start();
	rei = look("rei");
	CHECK_INT(ask(rei, "vote", "1", "approve", "2", "", "", NULL), 0);
	ren = look("ren");
	CHECK_INT(ask(ren, "vote", "1", "approve", "2", "", "", NULL), 0);
	is("review");
	approve("ryo");
	is("released");
	world_end();
	CHECK_INT(state_number("SELECT count(*) FROM votes"), 6);
}

TEST(fewer, "a site that asks for fewer reviewers is not less strict at once")
{
	submitted();
	approve("rei");
	world_end();
	write_site("reviewers: 1\n");
	world_start();
	is("review");
	approve("ren");
	is("released");
}

/* --- Audit ---------------------------------------------------------------------- */

static void send_note(int fd)
{
	msg_start(&w.m, MSG_ASK, 7);
	msg_put_str(&w.m, "note");
	msg_put_u32(&w.m, 2);
	msg_put_str(&w.m, "1");
	msg_put_str(&w.m, "who counts as exposed?");
	world_send(fd);
}

TEST(slow, "an audit that does not read for a while costs nobody anything")
{
	enum { NOTES = 400 };
	static int desks[NOTES];

	submitted();
	for (int i = 0; i < NOTES; i++)
		desks[i] = desk("rei", "reviewer", "-");
	pump(-1, 200);
	for (int i = 0; i < NOTES; i++)
		send_note(desks[i]);
	sleep(3);
	for (int i = 0; i < NOTES; i++) {
		CHECK_INT(answer_of(desks[i]), 0);
		close(desks[i]);
	}
	CHECK_INT(count_logged("request.note ok"), NOTES);
	is("review");
}

/* --- The store, and desks -------------------------------------------------------------------- */

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* This reviewer is answered, and not after half a second. */
static void at_once(int reviewer)
{
	int64_t from = now();

	CHECK_INT(ask(reviewer, "show", "1", NULL), 0);
	CHECK(now() - from < 500);
}

/* 3000 more requests like the first, while policy is not there. */
static void many(void)
{
	world_end();
	CHECK_INT(state_number(
			  "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL "
			  "SELECT i + 1 FROM n WHERE i < 3000) INSERT INTO "
			  "requests SELECT NULL, permit, person, actor, "
			  "session, state, purpose, submitted, decided, "
			  "released, files, checks, block, flag, info, cut, "
			  "problem, told, gone FROM requests, n RETURNING 1"),
		  1);
}

TEST(deaf, "a store that does not read for a while holds up nobody")
{
	int link;

	submitted();
	many();
	world_start();
	link_store();
	link = w.store;
	w.store = -1;
	at_once(desk("rei", "reviewer", "-"));
	pump(-1, 2500);
	w.store = link;
	w.told = 0;
	pump(-1, 300);
	CHECK_INT(w.told, 3001);
	CHECK(w.store >= 0);
}

TEST(greedy, "a desk that asks on and never reads holds up nobody")
{

	submitted();
	many();
	world_start();
	int greedy = desk("ren", "reviewer", "-");
	int rei = desk("rei", "reviewer", "-");
	msg_start(&w.m, MSG_ASK, 7);
	msg_put_str(&w.m, "queue");
	msg_put_u32(&w.m, 0);
	for (int i = 0; i < 30; i++)
		world_send(greedy);
	pump(-1, 60);
	at_once(rei);
	/* Late, but all of it. */
	for (int i = 0; i < 30; i++)
		CHECK_INT(answer_of(greedy), 0);
}

TAP_MAIN
