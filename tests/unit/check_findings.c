/* links: policy/airlock/compare policy/airlock/findings gateway/base; -lz */
/*
 * The words of findings, the bounded list, and the solver behind margins.
 */
#include <string.h>

#include "policy/airlock/compare/findings.h"
#include "policy/airlock/compare/solver.h"
#include "tests/unit/tap.h"

static struct findings findings;
static struct solver solver;

TEST(words, "every finding has both languages, and a remedy in both")
{
	const struct finding_text *text;
	const uint64_t numbers[2] = { 12, 345 };
	char out[512];

	for (size_t i = 0; (text = finding_at(i)); i++) {
		CHECK(finding_find(text->code) == text);
		CHECK(strlen(text->sentence) > 10);
		CHECK(strlen(finding_remedy(text, "en")) > 10);
		CHECK(strcmp(text->sentence, text->sentence_ja) != 0);
		CHECK(strcmp(text->remedy, finding_remedy(text, "ja")) != 0);
		finding_sentence(out, sizeof out, text, "ja", numbers);
		CHECK(strchr(out, '{') == NULL);
		CHECK((strstr(text->sentence, "{1}") != NULL) ==
		      (strstr(out, "12") != NULL));
	}
	CHECK_INT(finding_code_of("no such code"), FINDING_CODES);
}

TEST(planned, "a code without a check has no text")
{
	CHECK(finding_find("D03_LINKED") == NULL);
}

TEST(fill, "numbers are filled in, and a text is cut at a character")
{
	const struct finding_text *text = finding_find("F03_SIZE");
	const uint64_t numbers[2] = { 20, 10 };
	char out[64];

	CHECK_STR(finding_sentence(out, sizeof out, text, "en", numbers),
		  "The file has 20 bytes; at most 10 are released.");
	CHECK_STR(finding_sentence(out, 8, text, "ja", numbers), "ファ");
}

static void add(enum severity severity, uint32_t file)
{
	const struct finding f = {
		.code = FINDING_T02_ZERO_CELL,
		.severity = severity,
		.file = file,
	};

	findings_add(&findings, &f);
}

TEST(none, "nothing found is clear")
{
	findings_init(&findings);
	CHECK_INT(findings.verdict, CHECKED_CLEAR);
	add(SEVERITY_INFO, 1);
	CHECK_INT(findings.verdict, CHECKED_CLEAR);
	add(SEVERITY_FLAG, 1);
	CHECK_INT(findings.verdict, CHECKED_REVIEW);
	add(SEVERITY_BLOCK, 1);
	add(SEVERITY_INFO, 1);
	CHECK_INT(findings.verdict, CHECKED_BLOCK);
}

TEST(same, "one kind in one file does not fill the list")
{
	findings_init(&findings);
	for (int i = 0; i < 100; i++)
		add(SEVERITY_FLAG, 1);
	CHECK_INT(findings.n, FINDINGS_EACH);
	CHECK_INT(findings.lost, 100 - FINDINGS_EACH);
}

TEST(room, "a block takes the place of an info, then of a flag")
{
	findings_init(&findings);
	add(SEVERITY_INFO, 0);
	for (uint32_t i = 1; i < FINDINGS_MOST; i++)
		add(SEVERITY_FLAG, i);
	CHECK_INT(findings.n, FINDINGS_MOST);
	add(SEVERITY_BLOCK, 1000);
	CHECK_INT(findings.list[0].file, 1000);
	add(SEVERITY_BLOCK, 1001);
	CHECK_INT(findings.list[FINDINGS_MOST - 1].file, 1001);
	CHECK_INT(findings.lost, 2);
}

TEST(repeated, "a block of another kind takes the place of a repetition")
{
	findings_init(&findings);
	for (uint32_t i = 0; i < 10; i++)
		for (int j = 0; j < FINDINGS_EACH; j++)
			add(SEVERITY_BLOCK, i);
	add(SEVERITY_BLOCK, 77);
	CHECK_INT(findings.list[FINDINGS_MOST - 1].file, 77);
	CHECK_INT(findings.n, FINDINGS_MOST);
}

TEST(order, "findings come by file, gravity and place")
{
	findings_init(&findings);
	add(SEVERITY_INFO, 2);
	add(SEVERITY_BLOCK, 2);
	add(SEVERITY_FLAG, 1);
	findings_sort(&findings);
	CHECK_INT(findings.list[0].file, 1);
	CHECK_INT(findings.list[1].severity, SEVERITY_BLOCK);
}

TEST(exact, "two unknowns at their most are both known")
{
	solver_init(&solver);
	uint32_t a = solver_unknown(&solver, 1, 9);
	uint32_t b = solver_unknown(&solver, 1, 9);
	solver_sum(&solver, 18, 18);
	solver_term(&solver, a, false);
	solver_term(&solver, b, false);
	solver_run(&solver);
	CHECK_INT(solver.unknown[a].least, 9);
	CHECK_INT(solver.unknown[b].most, 9);
}

TEST(impossible, "a sum that no values fit is dropped and misleads no other")
{
	solver_init(&solver);
	uint32_t a = solver_unknown(&solver, 1, 9);
	solver_sum(&solver, 0, 0);
	solver_term(&solver, a, false);
	solver_sum(&solver, 4, 4);
	solver_term(&solver, a, false);
	solver_run(&solver);
	CHECK(solver.sum[0].dropped);
	CHECK(!solver.sum[1].dropped);
	CHECK_INT(solver.unknown[a].least, 4);
	CHECK_INT(solver.unknown[a].most, 4);
}

TEST(minus, "a term that is taken away is bounded from the other side")
{
	solver_init(&solver);
	uint32_t part = solver_unknown(&solver, 1, 9);
	uint32_t total = solver_unknown(&solver, 0, 1000);
	solver_sum(&solver, -30, -30); /* part + 30 = total */
	solver_term(&solver, part, false);
	solver_term(&solver, total, true);
	solver_run(&solver);
	CHECK_INT(solver.unknown[total].least, 31);
	CHECK_INT(solver.unknown[total].most, 39);
}

TEST(sound, "what the solver says holds for the true values, always")
{
	uint32_t seed = 1;
	int64_t truth[36];

	for (int round = 0; round < 300; round++) {
		solver_init(&solver);
		for (int i = 0; i < 36; i++) {
			seed = seed * 1103515245 + 12345;
			truth[i] = 1 + seed / 65536 % 9;
			solver_unknown(&solver, 1, 9);
		}
		for (uint32_t line = 0; line < 12; line++) {
			int64_t sum = 0;

			for (uint32_t i = 0; i < 6; i++)
				sum += truth[line < 6 ? line * 6 + i
						      : i * 6 + line - 6];
			solver_sum(&solver, sum, sum);
			for (uint32_t i = 0; i < 6; i++)
				solver_term(&solver,
					    line < 6 ? line * 6 + i
						     : i * 6 + line - 6,
					    false);
		}
		solver_run(&solver);
		for (int i = 0; i < 36; i++)
			CHECK(solver.unknown[i].least <= truth[i] &&
			      truth[i] <= solver.unknown[i].most);
	}
}

/* Row and column sums of a square in which some cells are known. */
static void square(const int64_t *truth, const bool *known, uint32_t side)
{
	uint32_t number[64] = { 0 };

	solver_init(&solver);
	for (uint32_t i = 0; i < side * side; i++)
		if (!known[i])
			number[i] = solver_unknown(&solver, 0, 1000);
	for (uint32_t line = 0; line < 2 * side; line++) {
		int64_t sum = 0;

		for (uint32_t i = 0; i < side; i++) {
			uint32_t at = line < side ? line * side + i
						  : i * side + line - side;
			sum += known[at] ? 0 : truth[at];
		}
		solver_sum(&solver, sum, sum);
		for (uint32_t i = 0; i < side; i++) {
			uint32_t at = line < side ? line * side + i
						  : i * side + line - side;
			if (!known[at])
				solver_term(&solver, number[at], false);
		}
	}
	solver_run(&solver);
}

TEST(bridge, "a cell between two closed groups of suppressed cells is known")
{
	/* The four at the top left and the four at the bottom right hide each
	 * other; the one between them is what rows and columns differ by. */
	static const int64_t truth[] = { 100, 120, 0,  0,  130, 110, 7,	 0,
					 0,   0,   90, 80, 0,	0,   70, 60 };
	static const bool known[] = { false, false, true,  true, false, false,
				      false, true,  true,  true, false, false,
				      true,  true,  false, false };

	square(truth, known, 4);
	CHECK_INT(solver.unknowns, 9);
	CHECK_INT(solver.unknown[4].least, 7);
	CHECK_INT(solver.unknown[4].most, 7);
	CHECK(solver.unknown[0].least < solver.unknown[0].most);
	CHECK_INT(solver.sums, 8);
}

TEST(full, "what does not fit is said, not written beyond the end")
{
	solver_init(&solver);
	for (int i = 0; i <= SOLVER_UNKNOWNS; i++)
		solver_unknown(&solver, 0, 1);
	CHECK(solver.full);
}

TAP_MAIN
