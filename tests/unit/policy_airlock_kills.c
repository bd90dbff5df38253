/* links: policy policy/airlock audit gateway/base; -lsqlite3 -lyaml -lcrypto */
/*
 * policy_airlock_kills - policy is killed after each message that it sends
 * while a request goes from submit to release: nothing is lost, nothing
 * happens twice, nothing stays in between.
 *
 * What a killed policy had sent either reaches audit and the store (they were
 * a moment behind) or is lost with it.
 */
#include "tests/unit/policy_world.h"

enum { SLICES = 8 };

static const char *const reviewers[] = { "rei", "ren" };

static bool vote_on(int fd, const char *file)
{
	return ask(fd, "file", "1", file, NULL) >= 0 &&
	       ask(fd, "vote", "1", "approve", file, "", "", NULL) >= 0;
}

/* The reviewer votes on what is left. False: policy died. */
static bool review(const char *name)
{
	static const char *const files[] = { "1", "2" };
	int fd = desk(name, "reviewer", "-");
	bool left[2];

	if (ask(fd, "show", "1", NULL) < 0)
		return false;
	CHECK_INT(w.result.nrows, 2);
	for (unsigned int i = 0; i < 2; i++)
		left[i] = strcmp(cell(i, "vote"), "none") == 0 &&
			  strcmp(cell(i, "state"), "waiting") == 0;
	for (unsigned int i = 0; i < 2; i++)
		if (left[i] && !vote_on(fd, files[i]))
			return false;
	close(fd);
	return true;
}

/* The state of the request, "" if there is none; NULL: policy died. */
static const char *state_of(int fd)
{
	static char state[32];

	if (ask(fd, "status", NULL) < 0)
		return NULL;
	CHECK(w.result.nrows <= 1);
	snprintf(state, sizeof state, "%s",
		 w.result.nrows ? cell(0, "state") : "");
	return state;
}

static bool submit(void)
{
	char session[ID_SIZE];

	if (!log_in(session))
		return false;
	int fd = desk("taro", "researcher", session);
	int got = ask(fd, "submit", "why", "a.csv", "b.csv", NULL);

	CHECK(got <= 0);
	close(fd);
	return got == 0;
}

/* Bring the request on from wherever it stands. False: policy died. */
static bool drive(void)
{
	int taro = desk("taro", "researcher", "-");
	const char *state = state_of(taro);

	if (state && !*state && !submit())
		return false;
	for (int i = 0; i < 50; i++) {
		state = state_of(taro);
		if (!state || strcmp(state, "checking") != 0)
			break;
		pump(-1, 40);
	}
	if (!state)
		return false;
	for (size_t i = 0; i < 2 && strcmp(state, "review") == 0; i++)
		if (!review(reviewers[i]))
			return false;
	pump(-1, 60);
	state = state_of(taro);
	if (!state)
		return false;
	CHECK_STR(state, "released");
	close(taro);
	return true;
}

static unsigned int count_both(const char *beginning, const char *part)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < w.entries; i++)
		n += strncmp(w.log[i].line, beginning, strlen(beginning)) ==
			     0 &&
		     strstr(w.log[i].line, part);
	return n;
}

/* Log, state and store say the same, and nothing is under way. */
static void agree(void)
{
	CHECK_INT(count_logged("request.submit ok"), 1);
	CHECK_INT(count_logged("request.vote ok"), 4);
	CHECK_INT(count_logged("request.approve ok"), 1);
	CHECK_INT(count_logged("release.open ok"), 1);
	CHECK_INT(count_both("request.check", "phase=begin"),
		  count_both("request.check", "phase=done"));
	CHECK(w.released[1] > 0);
	CHECK(strncmp(w.log[w.released[1] - 1].line, "release.open ok", 15) ==
	      0);
	world_end();
	CHECK_INT(state_number("SELECT count(*) FROM outbox"), 0);
	CHECK_INT(state_number("SELECT count(*) FROM requests"), 1);
	CHECK_INT(state_number("SELECT count(*) FROM requests "
			       "WHERE state = 'released'"),
		  1);
	CHECK_INT(state_number("SELECT count(*) FROM votes"), 4);
	CHECK_INT(state_number("SELECT count(*) FROM checks WHERE running"), 0);
	CHECK_INT(state_number("SELECT count(*) FROM releases "
			       "WHERE state = 'done'"),
		  1);
	CHECK_INT(state_number("SELECT count(*) FROM views "
			       "WHERE state = 'asked'"),
		  0);
}

/* A new gateway in the same folders. */
static void afresh(unsigned int kill_at, bool takes)
{
	static const char *const files[] = { "policy.db", "policy.db-wal",
					     "policy.db-journal" };
	int folder = w.folder, state = w.state;

	for (size_t i = 0; i < 3; i++)
		unlinkat(state, files[i], 0);
	memset(&w, 0, sizeof w);
	w.folder = folder;
	w.state = state;
	w.store = -1;
	w.carries_out = true;
	w.outcome = FROZEN_COPIED;
	w.severity = w.verdict = 1;
	w.kill_at = kill_at;
	w.takes = takes;
	enrol();
}

/* Messages of a life in which nobody dies. */
static unsigned int whole_life(void)
{
	world_make();
	afresh(0, false);
	world_start();
	CHECK(drive());
	unsigned int messages = w.messages;
	agree();
	return messages;
}

static void killed_at(unsigned int message, bool takes)
{
	afresh(message, takes);
	world_start();
	if (!w.dead)
		drive();
	if (!w.dead) {
		fprintf(stderr, "# not killed at message %u\n", message);
		CHECK(message > 0 && w.messages < message);
		world_end();
		return;
	}
	world_restart();
	if (!drive())
		fprintf(stderr, "# killed at message %u of %s\n", message,
			takes ? "those taken" : "those lost");
	CHECK(!w.dead);
	agree();
}

static void kill_all(unsigned int slice, bool takes)
{
	unsigned int messages = whole_life();

	CHECK(messages > 30);
	for (unsigned int at = 1 + slice; at <= messages; at += SLICES)
		killed_at(at, takes);
}

TEST(whole, "a life in which nobody dies: log, state and store agree")
{
	whole_life();
}

#define KILLS(slice)                                                           \
	TEST(taken_##slice, "killed after every 8th message from the " #slice  \
			    "th on, what it had sent is taken")                \
	{                                                                      \
		kill_all(slice, true);                                         \
	}                                                                      \
	TEST(lost_##slice, "killed after every 8th message from the " #slice   \
			   "th on, what it had sent is lost")                  \
	{                                                                      \
		kill_all(slice, false);                                        \
	}

KILLS(0)
KILLS(1)
KILLS(2)
KILLS(3)
KILLS(4)
KILLS(5)
KILLS(6)
KILLS(7)

TAP_MAIN
