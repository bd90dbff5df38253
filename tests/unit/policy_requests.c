/* links: policy/airlock gateway/base */
/*
 * policy_requests - the rules of the export road, enumerated.
 */
#include <string.h>

#include "gateway/base/own.h"
#include "policy/airlock/json.h"
#include "policy/airlock/request.h"
#include "tests/unit/tap.h"

static const struct {
	enum request_state from, to;
} moves[] = {
	{ REQUEST_CHECKING, REQUEST_REVIEW },
	{ REQUEST_CHECKING, REQUEST_RETURNED },
	{ REQUEST_CHECKING, REQUEST_WITHDRAWN },
	{ REQUEST_REVIEW, REQUEST_APPROVED },
	{ REQUEST_REVIEW, REQUEST_RETURNED },
	{ REQUEST_REVIEW, REQUEST_REJECTED },
	{ REQUEST_REVIEW, REQUEST_WITHDRAWN },
	{ REQUEST_APPROVED, REQUEST_RELEASED },
	{ REQUEST_RELEASED, REQUEST_EXPIRED },
};

TEST(moves, "only the documented steps exist, of all pairs of states")
{
	for (enum request_state from = 0; from < REQUEST_STATES; from++)
		for (enum request_state to = 0; to < REQUEST_STATES; to++) {
			bool want = false;

			for (size_t i = 0; i < ARRAY_LEN(moves); i++)
				want |= moves[i].from == from &&
					moves[i].to == to;
			CHECK_INT(request_may_move(from, to), want);
		}
}

/* Can an end be reached from here? Every step leads further. */
static bool ends(enum request_state state, unsigned int steps)
{
	if (request_is_over(state))
		return true;
	for (enum request_state to = 1; steps > 0 && to < REQUEST_STATES; to++)
		if (request_may_move(state, to) && ends(to, steps - 1))
			return true;
	return false;
}

static bool comes_back(enum request_state state, enum request_state seek,
		       unsigned int steps)
{
	for (enum request_state to = 1; steps > 0 && to < REQUEST_STATES; to++)
		if (request_may_move(state, to) &&
		    (to == seek || comes_back(to, seek, steps - 1)))
			return true;
	return false;
}

TEST(limbo, "every state leads to an end, and none back to itself")
{
	unsigned int over = 0;

	for (enum request_state s = 1; s < REQUEST_STATES; s++) {
		CHECK(ends(s, REQUEST_STATES));
		CHECK(!comes_back(s, s, REQUEST_STATES));
		over += request_is_over(s);
	}
	CHECK_INT(over, 4);
	CHECK(!request_is_over(REQUEST_CHECKING));
	CHECK(!request_is_over(REQUEST_RELEASED));
	CHECK(request_is_over(REQUEST_NONE));
}

TEST(words, "every state, vote, reason and refusal has a word of its own")
{
	for (enum request_state s = 1; s < REQUEST_STATES; s++)
		CHECK_INT(request_of_word(request_word(s)), s);
	for (enum vote v = 1; v < VOTES; v++)
		CHECK_INT(vote_of_word(vote_word(v)), v);
	for (enum reason r = 1; r < REASONS; r++)
		CHECK_INT(reason_of_word(reason_word(r)), r);
	for (enum refusal a = 0; a < MAY; a++)
		for (enum refusal b = 0; b < a; b++)
			CHECK(strcmp(refusal_word(a), refusal_word(b)) != 0);
	CHECK_INT(request_of_word("none"), REQUEST_NONE);
	CHECK_INT(request_of_word("Review"), REQUEST_NONE);
	CHECK_INT(vote_of_word(""), VOTE_NONE);
	CHECK_INT(reason_of_word("none"), REASON_NONE);
	CHECK_STR(refusal_word(MAY), "ok");
}

TEST(zero, "what nobody filled in is a no")
{
	CHECK(may_submit(&(struct submitter){ 0 }) != MAY);
	CHECK(may_show(&(struct reviewer){ 0 }) != MAY);
	CHECK(may_view(&(struct reviewer){ 0 }, REQUEST_REVIEW) != MAY);
	CHECK(may_vote(&(struct ballot){ 0 }) != MAY);
	CHECK(may_withdraw(false, REQUEST_REVIEW) != MAY);
	CHECK_INT(decide_file(&(struct tally){ { 0 } }, 0), VOTE_NONE);
	CHECK_INT(decide_request(NULL, 0), REQUEST_REVIEW);
}

TEST(submit, "only an idle session of a permit that allows it and has room "
	     "submits")
{
	for (unsigned int bits = 0; bits < 16; bits++) {
		struct submitter s = { bits & 1, bits & 2, bits & 4, bits & 8 };

		CHECK_INT(may_submit(&s) == MAY, bits == 15);
	}
}

TEST(withdraw, "who asked may take it back until it is decided")
{
	for (enum request_state s = 0; s < REQUEST_STATES; s++) {
		bool early = s == REQUEST_CHECKING || s == REQUEST_REVIEW;

		CHECK_INT(may_withdraw(true, s) == MAY, early);
		CHECK_INT(may_withdraw(false, s), REFUSED_OWNER);
	}
}

TEST(look, "members, who asked, and people without the role see nothing")
{
	for (unsigned int bits = 0; bits < 8; bits++) {
		struct reviewer r = { bits & 1, bits & 2, bits & 4 };

		CHECK_INT(may_show(&r) == MAY, bits == 1);
		for (enum request_state s = 0; s < REQUEST_STATES; s++)
			CHECK_INT(may_view(&r, s) == MAY,
				  bits == 1 && s == REQUEST_REVIEW);
	}
}

/* All ballots: 7 facts, each state, vote, and whether a reason stands. */
TEST(ballots, "of all ballots only those that break no rule count")
{
	unsigned int counted = 0;

	for (unsigned int bits = 0; bits < 256; bits++)
		for (enum request_state s = 0; s < REQUEST_STATES; s++)
			for (enum vote v = 0; v < VOTES; v++) {
				struct ballot b = {
					{ bits & 1, bits & 2, bits & 4 },
					s,
					bits & 8,
					bits & 16,
					bits & 32,
					bits & 64,
					v,
					bits & 128 ? REASON_OTHER : REASON_NONE
				};
				bool want = (bits & 127) == (1 | 8 | 64) &&
					    s == REQUEST_REVIEW &&
					    v != VOTE_NONE &&
					    (v == VOTE_APPROVE || bits & 128);

				CHECK_INT(may_vote(&b) == MAY, want);
				counted += want;
			}
	CHECK_INT(counted, 4);
}

TEST(sentences, "each rule that is broken alone has its own refusal")
{
	struct ballot good = { { true, false, false },
			       REQUEST_REVIEW,
			       true,
			       false,
			       false,
			       true,
			       VOTE_RETURN,
			       REASON_OTHER };
	struct ballot b;

	CHECK_INT(may_vote(&good), MAY);
	b = good, b.reviewer.role = false;
	CHECK_INT(may_vote(&b), REFUSED_ROLE);
	b = good, b.reviewer.member = true;
	CHECK_INT(may_vote(&b), REFUSED_MEMBER);
	b = good, b.reviewer.submitter = true;
	CHECK_INT(may_vote(&b), REFUSED_SUBMITTER);
	b = good, b.state = REQUEST_CHECKING;
	CHECK_INT(may_vote(&b), REFUSED_STATE);
	b = good, b.file = false;
	CHECK_INT(may_vote(&b), REFUSED_FILE);
	b = good, b.decided = true;
	CHECK_INT(may_vote(&b), REFUSED_DECIDED);
	b = good, b.voted = true;
	CHECK_INT(may_vote(&b), REFUSED_TWICE);
	b = good, b.seen = false;
	CHECK_INT(may_vote(&b), REFUSED_UNSEEN);
	b = good, b.reason = REASON_NONE;
	CHECK_INT(may_vote(&b), REFUSED_REASON);
}

/* What docs/airlock.md says, counted in another way than the code does. */
static enum vote documented(const enum vote votes[3], unsigned int needed)
{
	unsigned int agree[VOTES] = { 0 };

	for (unsigned int i = 0; i < 3; i++)
		agree[votes[i]]++;
	if (agree[VOTE_REJECT] >= 2 || (needed == 1 && agree[VOTE_REJECT]))
		return VOTE_REJECT;
	for (enum vote v = VOTE_APPROVE; v <= VOTE_RETURN; v++)
		if (agree[v] >= needed)
			return v;
	return VOTE_NONE;
}

/* Votes come one by one, and none is taken once the file is decided. */
TEST(votes, "three reviewers and every vote: the documented outcome")
{
	for (unsigned int needed = 1; needed <= 3; needed++)
		for (unsigned int n = 0; n < 64; n++) {
			enum vote all[3] = { n & 3, n >> 2 & 3, n >> 4 & 3 };
			enum vote seen[3] = { 0 };
			struct tally tally = { { 0 } };
			enum vote got = VOTE_NONE;

			for (unsigned int i = 0; i < 3 && got == VOTE_NONE;
			     i++) {
				if (all[i] == VOTE_NONE)
					continue;
				seen[i] = all[i];
				tally.count[all[i]]++;
				got = decide_file(&tally, needed);
				CHECK_INT(got, documented(seen, needed));
			}
		}
}

TEST(unasked, "nothing is approved without as many who say so as are needed")
{
	for (unsigned int needed = 1; needed <= 5; needed++)
		for (unsigned int n = 0; n < 6 * 6 * 6; n++) {
			struct tally t = { { 0, n % 6, n / 6 % 6, n / 36 } };

			if (decide_file(&t, needed) == VOTE_APPROVE)
				CHECK(t.count[VOTE_APPROVE] >= needed);
		}
}

TEST(files, "a request is decided when all its files are")
{
	for (unsigned int n = 0; n < 64; n++) {
		enum vote files[3] = { n & 3, n >> 2 & 3, n >> 4 & 3 };
		bool some[VOTES] = { false };
		enum request_state want = REQUEST_REJECTED;

		for (unsigned int i = 0; i < 3; i++)
			some[files[i]] = true;
		if (some[VOTE_RETURN])
			want = REQUEST_RETURNED;
		if (some[VOTE_APPROVE])
			want = REQUEST_APPROVED;
		if (some[VOTE_NONE])
			want = REQUEST_REVIEW;
		CHECK_INT(decide_request(files, 3), want);
	}
}

TEST(json, "a name cannot end its string, and what does not fit is said")
{
	struct json json;
	char out[64], small[8];

	json_begin(&json, out, sizeof out);
	json_open(&json, '{');
	json_key(&json, "name");
	json_text(&json, "a\"b\\c\n");
	json_key(&json, "n");
	json_open(&json, '[');
	json_number(&json, -1);
	json_number(&json, 2);
	json_close(&json, ']');
	json_close(&json, '}');
	CHECK_STR(out, "{\"name\":\"a\\\"b\\\\c\\u000a\",\"n\":[-1,2]}");
	CHECK(!json.cut);
	json_begin(&json, small, sizeof small);
	json_text(&json, "too long");
	CHECK(json.cut);
}

TAP_MAIN
