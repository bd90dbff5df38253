/* links: gateway/desk policy/airlock/findings audit gateway/base; -ledit -lcrypto */
/*
 * desk_words - typed words: paths, votes, completion.
 */
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/desk/complete.h"
#include "gateway/desk/nearest.h"
#include "gateway/desk/paths.h"
#include "tests/unit/answers.h"
#include "tests/unit/tap.h"

static struct command command, ask_;
static struct result result;
static struct desk desk;

/* --- Paths ------------------------------------------------------------------- */

TEST(beneath, "a file of /out is the same file however it was typed")
{
	static const struct {
		const char *cwd, *word, *path;
	} same[] = {
		{ "/out", "t.csv", "t.csv" },
		{ "/out", "./t.csv", "t.csv" },
		{ "/out/a/b", "../t.csv", "a/t.csv" },
		{ "/out/a", "/out//b/./t.csv", "b/t.csv" },
		{ "/home/researcher", "/out/t.csv", "t.csv" },
		{ "/home/researcher", "../../out/表 1.csv", "表 1.csv" },
		{ "", "/out/t.csv", "t.csv" },
		{ "/out", "../../../out/t.csv", "t.csv" },
	};
	char path[256];

	for (size_t i = 0; i < ARRAY_LEN(same); i++) {
		CHECK_INT(
			paths_out(same[i].cwd, same[i].word, path, sizeof path),
			PATHS_BENEATH);
		CHECK_STR(path, same[i].path);
	}
}

TEST(outside, "whatever is typed, what is written stays beneath /out")
{
	static const struct {
		const char *cwd, *word;
		enum paths_outcome outcome;
	} no[] = {
		{ "/workspace", "t.csv", PATHS_OUTSIDE },
		{ "/out", "../etc/passwd", PATHS_OUTSIDE },
		{ "/out", "/out/../etc/passwd", PATHS_OUTSIDE },
		{ "/out", "/output/t.csv", PATHS_OUTSIDE },
		{ "/", "out", PATHS_FOLDER },
		{ "/out", ".", PATHS_FOLDER },
		{ "/out", "a/..", PATHS_FOLDER },
		{ "/out", "", PATHS_FOLDER },
		{ "", "t.csv", PATHS_OUTSIDE },
	};
	char path[256], longest[6000];

	for (size_t i = 0; i < ARRAY_LEN(no); i++)
		CHECK_INT(paths_out(no[i].cwd, no[i].word, path, sizeof path),
			  no[i].outcome);
	memset(longest, 'a', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	CHECK_INT(paths_out("/out", longest, path, sizeof path), PATHS_LONG);
	longest[300] = '\0';
	CHECK_INT(paths_out("/out", longest, path, sizeof path), PATHS_LONG);
}

/* --- What may have been meant ---------------------------------------------------- */

TEST(nearest, "a slip of the finger is near, another word is not")
{
	static const struct {
		const char *typed, *verb;
		bool meant;
	} words[] = {
		{ "quue", "queue", true },    { "qeueu", "queue", true },
		{ "hlep", "help", true },     { "shwo", "show", true },
		{ "sho", "show", true },      { "statsu", "status", true },
		{ "ls", "log", false },	      { "exit", "help", false },
		{ "", "log", false },	      { "who", "show", false },
		{ "approve", "vote", false },
	};
	char longest[100];

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		CHECK_INT(nearest_meant(words[i].typed, words[i].verb),
			  words[i].meant);
	CHECK_INT(nearest_distance("ca", "abc"), 3);
	memset(longest, 'q', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	CHECK_INT(nearest_distance(longest, "queue"), NEAREST_WORD);
}

/* --- What check and submit ask ------------------------------------------------- */

static int outgoing(const char *line)
{
	desk = (struct desk){ .for_session = true,
			      .role = DESK_RESEARCHER,
			      .cwd = "/out" };
	CHECK(command_split(&command, line) == 0);
	return strcmp(command_word(&command, 0), "submit") == 0
		       ? outgoing_submit(&desk, &command, &ask_, &result)
		       : outgoing_check(&desk, &command, &ask_, &result);
}

static void refused(const char *line, enum text_id why)
{
	CHECK_INT(outgoing(line), DESK_ANSWERED);
	CHECK(result.has_error);
	CHECK_INT(result.error.id, why);
	CHECK_INT(result.exit, DESK_CHECK_WRONG);
}

TEST(check, "what cannot be checked is refused with status 4, not a verdict")
{
	refused("check", TEXT_OUT_NONE);
	refused("check /etc/passwd", TEXT_OUT_OUTSIDE);
	refused("check .", TEXT_OUT_FOLDER);
	refused("check a.csv ./a.csv", TEXT_OUT_TWICE);
	refused("check --purpose x a.csv", TEXT_DESK_TOO_MANY);
	refused("check -r a.csv", TEXT_DESK_TOO_MANY);
	refused("submit a.csv", TEXT_OUT_NO_PURPOSE);
	refused("submit --purpose '  ' a.csv", TEXT_OUT_NO_PURPOSE);
	refused("submit --purpose x", TEXT_OUT_NONE);
	refused("submit a.csv -- --purpose x", TEXT_OUT_NO_PURPOSE);
}

TEST(hundred, "a hundred files go in one request, one more does not")
{
	command_begin(&command);
	command_put(&command, "check");
	desk = (struct desk){ .cwd = "/out" };
	for (int i = 0; i <= COMMAND_FILES; i++) {
		char name[32];

		if (i == COMMAND_FILES)
			CHECK_INT(
				outgoing_check(&desk, &command, &ask_, &result),
				DESK_ASKS);
		snprintf(name, sizeof name, "table-%d.csv", i);
		CHECK(command_put(&command, name) == 0);
	}
	CHECK_INT(outgoing_check(&desk, &command, &ask_, &result),
		  DESK_ANSWERED);
	CHECK_INT(result.error.id, TEXT_OUT_MANY);
}

TEST(submit, "a submission is one purpose and its files, in that order")
{
	CHECK_INT(outgoing("submit a.csv --purpose 'Table 1' -- -b.csv"),
		  DESK_ASKS);
	CHECK_INT(ask_.n, 4);
	CHECK_STR(ask_.words[0], "submit");
	CHECK_STR(ask_.words[1], "Table 1");
	CHECK_STR(ask_.words[2], "a.csv");
	CHECK_STR(ask_.words[3], "-b.csv");
}

TEST(lacks, "the purpose is asked for only if the rest can be submitted")
{
	const char *option;
	enum text_id question;

	outgoing("submit a.csv");
	CHECK(desk_lacks(&desk, &command, &option, &question));
	CHECK_STR(option, "--purpose");
	outgoing("submit /etc/passwd");
	CHECK(!desk_lacks(&desk, &command, &option, &question));
	outgoing("submit --purpose x a.csv");
	CHECK(!desk_lacks(&desk, &command, &option, &question));
	outgoing("check a.csv");
	CHECK(!desk_lacks(&desk, &command, &option, &question));
	outgoing("submit a.csv");
	desk.for_session = false;
	CHECK(!desk_lacks(&desk, &command, &option, &question));
}

/* --- Votes ----------------------------------------------------------------------- */

static int vote(const char *line)
{
	CHECK(command_split(&command, line) == 0);
	return voting_vote(&command, &ask_, &result);
}

TEST(votes, "a vote is a request, a word, a file, a reason and a text")
{
	CHECK_INT(vote("vote 3 return 2 --reason small_count rows 4 to 6"),
		  DESK_ASKS);
	CHECK_INT(ask_.n, 6);
	CHECK_STR(ask_.words[1], "3");
	CHECK_STR(ask_.words[2], "return");
	CHECK_STR(ask_.words[3], "2");
	CHECK_STR(ask_.words[4], "small_count");
	CHECK_STR(ask_.words[5], "rows 4 to 6");
	CHECK_INT(vote("vote 3 approve"), DESK_ASKS);
	CHECK_STR(ask_.words[3], "all");
	CHECK_STR(ask_.words[4], "");
	CHECK_STR(ask_.words[5], "");
}

TEST(no_votes, "what is no vote is refused with what would be one")
{
	char line[1200] = "vote 3 return 1 ";

	CHECK_INT(vote("vote"), DESK_ANSWERED);
	CHECK_INT(result.error.id, TEXT_DESK_WHICH_REQUEST);
	CHECK_INT(vote("vote x approve"), DESK_ANSWERED);
	CHECK_INT(vote("vote 3 yes"), DESK_ANSWERED);
	CHECK_INT(result.error.id, TEXT_VOTE_WORD);
	CHECK_INT(vote("vote 3 return 1 --reason"), DESK_ANSWERED);
	CHECK_INT(result.error.id, TEXT_DESK_NEEDS_VALUE);
	for (size_t used = strlen(line); used < 1100; used += 10)
		snprintf(line + used, sizeof line - used, "%s", "some words");
	CHECK_INT(command_split(&command, line), 0);
	CHECK_INT(voting_vote(&command, &ask_, &result), DESK_ANSWERED);
	CHECK_INT(result.error.id, TEXT_VOTE_LONG);
}

/* --- The Tab key ------------------------------------------------------------------ */

static const char *tab(const char *line)
{
	static char rest[64];

	return complete(&desk, line, strlen(line), rest, sizeof rest) ? rest
								      : "";
}

static void know(void)
{
	desk = (struct desk){ .role = DESK_REVIEWER };
	answers_queue(&result);
	known_learn(&desk.known, &result);
	answers_show(&result);
	known_learn(&desk.known, &result);
	result_begin(&result, RESULT_LIST, TEXT_ASK_DONE);
	answers_columns(&result, "reason:s what:t");
	answers_rows(&result, "small_count|x\nsmall_area|y\nother|z");
	known_learn(&desk.known, &result);
}

TEST(tab_verbs, "Tab completes the commands of the role, and no others")
{
	know();
	CHECK_STR(tab("que"), "ue ");
	CHECK_STR(tab("subm"), "");
	CHECK_STR(tab(""), "");
	CHECK_STR(tab("help vo"), "te ");
	CHECK_STR(tab("permit"), "");
	CHECK_STR(tab("perm"), "it");
}

TEST(tab_places, "Tab knows where numbers, votes and reasons belong")
{
	know();
	CHECK_STR(tab("show "), "");
	CHECK_STR(tab("show 5"), " ");
	CHECK_STR(tab("vote 3 a"), "pprove ");
	CHECK_STR(tab("vote 3 re"), "");
	CHECK_STR(tab("vote 3 ret"), "urn ");
	CHECK_STR(tab("vote 3 return 2 "), "--reason ");
	CHECK_STR(tab("vote 3 return 2 --reason s"), "mall_");
	CHECK_STR(tab("vote 3 return --reason o"), "ther ");
	CHECK_STR(tab("file 3 2 --f"), "indings ");
	CHECK_STR(tab("note 3 a"), "");
}

TEST(tab_hostile, "what no word of ours is, is never offered")
{
	know();
	result_begin(&result, RESULT_LIST, TEXT_ASK_DONE);
	answers_columns(&result, "request:n reason:s what:t");
	answers_rows(&result, "9 8|rm -rf|x\n77|\033[2J|y");
	known_learn(&desk.known, &result);
	CHECK_STR(tab("show 9"), "");
	CHECK_STR(tab("show 7"), "7 ");
	CHECK_STR(tab("vote 3 return 2 --reason rm"), "");
}

TAP_MAIN
