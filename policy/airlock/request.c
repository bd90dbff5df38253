/*
 * request - the rules, from the tables.
 *
 * Runs in sekisho-policy. Trusts its caller to say what is so.
 */
#include "policy/airlock/request.h"

#include <string.h>

#include "gateway/base/own.h"

static const char *const states[REQUEST_STATES] = {
	[REQUEST_NONE] = "none",
#define STATE(name, word) [REQUEST_##name] = word,
#include "policy/airlock/request.def"
#undef STATE
};

static const char *const votes[VOTES] = {
	[VOTE_NONE] = "none",
#define VOTE(name, word) [VOTE_##name] = word,
#include "policy/airlock/request.def"
#undef VOTE
};

static const struct {
	enum request_state from, to;
} moves[] = {
#define MOVE(from, to) { REQUEST_##from, REQUEST_##to },
#include "policy/airlock/request.def"
#undef MOVE
};

static const struct {
	const char *word;
	enum text_id text;
} refusals[] = {
#define REFUSAL(name, word) { word, TEXT_REFUSED_##name },
#include "policy/airlock/request.def"
#undef REFUSAL
};

static const struct {
	const char *word;
	enum text_id text;
} reasons[REASONS] = {
	[REASON_NONE] = { "none", TEXT_REASON_OTHER },
#define REASON(name, word) [REASON_##name] = { word, TEXT_REASON_##name },
#include "policy/airlock/reasons.def"
#undef REASON
};

const char *request_word(enum request_state state)
{
	return states[state];
}

enum request_state request_of_word(const char *word)
{
	for (enum request_state s = REQUEST_NONE + 1; s < REQUEST_STATES; s++)
		if (strcmp(states[s], word) == 0)
			return s;
	return REQUEST_NONE;
}

const char *vote_word(enum vote vote)
{
	return votes[vote];
}

enum vote vote_of_word(const char *word)
{
	for (enum vote v = VOTE_NONE + 1; v < VOTES; v++)
		if (strcmp(votes[v], word) == 0)
			return v;
	return VOTE_NONE;
}

const char *refusal_word(enum refusal refusal)
{
	return refusal == MAY ? "ok" : refusals[refusal].word;
}

enum text_id refusal_text(enum refusal refusal)
{
	return refusals[refusal == MAY ? REFUSED_NOBODY : refusal].text;
}

const char *reason_word(enum reason reason)
{
	return reasons[reason].word;
}

enum reason reason_of_word(const char *word)
{
	for (enum reason r = REASON_NONE + 1; r < REASONS; r++)
		if (strcmp(reasons[r].word, word) == 0)
			return r;
	return REASON_NONE;
}

enum text_id reason_text(enum reason reason)
{
	return reasons[reason].text;
}

bool request_may_move(enum request_state from, enum request_state to)
{
	for (size_t i = 0; i < ARRAY_LEN(moves); i++)
		if (moves[i].from == from && moves[i].to == to)
			return true;
	return false;
}

bool request_is_over(enum request_state state)
{
	for (size_t i = 0; i < ARRAY_LEN(moves); i++)
		if (moves[i].from == state)
			return false;
	return true;
}

enum refusal may_submit(const struct submitter *submitter)
{
	if (!submitter->in_session)
		return REFUSED_SESSION;
	if (!submitter->allowed)
		return REFUSED_PERMIT;
	if (!submitter->room)
		return REFUSED_FULL;
	return submitter->idle ? MAY : REFUSED_BUSY;
}

enum refusal may_withdraw(bool owner, enum request_state state)
{
	if (!owner)
		return REFUSED_OWNER;
	return request_may_move(state, REQUEST_WITHDRAWN) ? MAY : REFUSED_STATE;
}

enum refusal may_show(const struct reviewer *reviewer)
{
	if (!reviewer->role)
		return REFUSED_ROLE;
	if (reviewer->submitter)
		return REFUSED_SUBMITTER;
	return reviewer->member ? REFUSED_MEMBER : MAY;
}

enum refusal may_view(const struct reviewer *reviewer, enum request_state state)
{
	enum refusal shown = may_show(reviewer);

	if (shown != MAY)
		return shown;
	return state == REQUEST_REVIEW ? MAY : REFUSED_STATE;
}

enum refusal may_vote(const struct ballot *ballot)
{
	enum refusal viewed = may_view(&ballot->reviewer, ballot->state);

	if (viewed != MAY)
		return viewed;
	if (!ballot->file)
		return REFUSED_FILE;
	if (ballot->voted)
		return REFUSED_TWICE;
	if (ballot->decided)
		return REFUSED_DECIDED;
	if (!ballot->seen)
		return REFUSED_UNSEEN;
	if (ballot->vote == VOTE_NONE)
		return REFUSED_NOBODY;
	if (ballot->vote != VOTE_APPROVE && ballot->reason == REASON_NONE)
		return REFUSED_REASON;
	return MAY;
}

enum vote decide_file(const struct tally *tally, unsigned int needed)
{
	if (needed == 0)
		return VOTE_NONE;
	if (tally->count[VOTE_REJECT] >= (needed < 2 ? needed : 2))
		return VOTE_REJECT;
	if (tally->count[VOTE_RETURN] >= needed)
		return VOTE_RETURN;
	return tally->count[VOTE_APPROVE] >= needed ? VOTE_APPROVE : VOTE_NONE;
}

enum request_state decide_request(const enum vote *files, size_t n)
{
	size_t count[VOTES] = { 0 };

	for (size_t i = 0; i < n; i++)
		count[files[i]]++;
	if (n == 0 || count[VOTE_NONE] > 0)
		return REQUEST_REVIEW;
	if (count[VOTE_APPROVE] > 0)
		return REQUEST_APPROVED;
	return count[VOTE_RETURN] > 0 ? REQUEST_RETURNED : REQUEST_REJECTED;
}
